// A connection of libpq in its pipeline mode, with all the clients that share it. Each query is
// followed by a synchronization point, so that it is a transaction of its own, as it is without a
// pipeline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/workloads/postgres/libpq_connection.hpp"
#include "harness/workloads/postgres/pipeline.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

class PipelinedLibpqConversation : public Conversation {
 public:
  PipelinedLibpqConversation(const ClientConfig& config, Ledger& ledger, std::size_t number,
                             const LibpqStatements& statements)
      : pipeline_(config, ledger, number), statements_(statements) {}

  Step resume(Outcome outcome) override;

 private:
  enum class Doing : std::uint8_t {
    nothing,
    beginning,
    connecting,  // the library waits for its socket
    polling,     // the engine has forgotten the socket, which the library may change
    sending,
    listening,
    hanging_up
  };

  Step connect();
  Step wait_to_connect(PostgresPollingStatusType wants);
  Step prepare();
  Step ask();
  Step flush();
  Step take_input();
  bool accepts(LibpqResult result);
  bool is_synchronized();
  Step hang_up();
  Step give_up(std::string_view reason);
  Step refuse();  // for the reason that the library has

  Pipeline pipeline_;
  const LibpqStatements& statements_;
  LibpqConnection connection_{nullptr, PQfinish};
  Doing doing_ = Doing::nothing;
  std::size_t synchronizations_ = 0;   // that are still to come
  bool is_prepared_ = false;           // the statements are
  LibpqResult row_{nullptr, PQclear};  // of the query whose synchronization comes next
  bool has_ended_ = false;             // so have the last results
};

}  // namespace waitbench
