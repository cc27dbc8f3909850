// A client whose side of the protocol libpq speaks, without blocking: the library says whether it
// wants to read or to write, the conversation passes that on as a step, and calls the library again
// when its socket is ready. A blocking model so makes the calls that PQexec() makes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/workloads/pool.hpp"
#include "harness/workloads/postgres/client.hpp"
#include "harness/workloads/postgres/libpq_connection.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

// A pool, and what its connections are to the library, by their numbers.
struct LibpqPool {
  explicit LibpqPool(const TrialContext& context);

  std::optional<Pool> pool;  // none: the trial has none
  std::vector<LibpqConnection> connections;
};

class LibpqConversation : public Conversation {
 public:
  LibpqConversation(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                    const LibpqStatements& statements, LibpqPool& pool);

  Step resume(Outcome outcome) override;

 private:
  enum class Doing : std::uint8_t {
    nothing,
    acquiring,
    choosing,   // the connection that it has acquired
    beginning,  // the query is entered, and the library is not called before its task begins
    sleeping,
    connecting,  // the library waits for its socket
    polling,     // the engine has forgotten the socket, which the library may change
    sending,
    listening,
    hanging_up
  };
  // What the results belong to that come next.
  enum class Asked : std::uint8_t { note_prepared, rest_prepared, question };

  // Where it is kept: its own, or that of the pool which it has acquired.
  LibpqConnection& connection() {
    return lease_ ? pool_.connections[lease_->connection()] : own_connection_;
  }

  Step begin_query();
  Step acquire();
  Step take_query();
  Step end_query();
  Step end();
  Step sleep(std::int64_t until_ns);
  Step begin();
  Step connect();
  Step wait_to_connect(PostgresPollingStatusType wants);
  Step prepare(Asked statement);
  Step send_question();
  Step flush();
  Step listen();
  Step take_input();
  Step answered();
  Step hang_up();
  bool accepts(const PGresult& result);
  Step give_up(std::string_view reason);
  Step refuse();  // for the reason that the library has

  PostgresClient client_;
  const LibpqStatements& statements_;
  const PostgresClient::Question* question_ = nullptr;
  LibpqPool& pool_;
  LibpqConnection own_connection_{nullptr, PQfinish};
  std::optional<Lease> lease_;  // none: the connection is its own
  Doing doing_ = Doing::nothing;
  Asked asked_ = Asked::question;
  bool fresh_;
  bool lost_ = false;
};

}  // namespace waitbench
