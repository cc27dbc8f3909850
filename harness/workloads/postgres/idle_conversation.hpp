// A connection to the server that is open and asks nothing: a session begins, and is watched until
// the server ends it with its trial. Through libpq, or by hand.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "harness/workloads/ledger.hpp"
#include "harness/workloads/postgres/libpq_connection.hpp"
#include "impls/conversation.hpp"
#include "impls/lib/address.hpp"

namespace waitbench {

class LibpqIdleConversation : public Conversation {
 public:
  LibpqIdleConversation(Ledger& ledger, const LibpqStatements& statements)
      : ledger_(ledger), statements_(statements) {}

  Step resume(Outcome outcome) override;

 private:
  enum class Doing {
    nothing,
    beginning,
    connecting,  // the library waits for its socket
    polling,     // the engine has forgotten the socket, which the library may change
    idle,
    hanging_up
  };

  Step connect();
  Step wait_to_connect(PostgresPollingStatusType wants);
  Step watch();
  Step end(std::string_view why);

  Ledger& ledger_;
  const LibpqStatements& statements_;
  LibpqConnection connection_{nullptr, PQfinish};
  Doing doing_ = Doing::nothing;
};

class WireIdleConversation : public Conversation {
 public:
  // `startup`: the message that begins a session.
  WireIdleConversation(Ledger& ledger, const Address& server, std::span<std::byte> startup)
      : ledger_(ledger), server_(server), startup_(startup) {}

  Step resume(Outcome outcome) override;

 private:
  enum class Doing { nothing, connecting, greeting, idle, hanging_up };

  Step end(std::string_view why);

  Ledger& ledger_;
  const Address& server_;
  std::span<std::byte> startup_;
  std::array<std::byte, 1024> received_{};
  Doing doing_ = Doing::nothing;
};

}  // namespace waitbench
