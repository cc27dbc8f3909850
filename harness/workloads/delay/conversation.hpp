// The delay query as a conversation: connect, then ask and listen until the ledger says stop; in an
// open loop it sleeps before a query that is not due yet.
#pragma once

#include <cstdint>
#include <span>

#include "harness/workloads/delay/client.hpp"
#include "harness/workloads/delay/wire.hpp"
#include "impls/conversation.hpp"

namespace waitbench {

class DelayConversation : public Conversation {
 public:
  DelayConversation(const ClientConfig& config, Ledger& ledger, std::uint32_t number,
                    const Address& backend)
      : client_(config, ledger, number),
        backend_(backend),
        fresh_(config.cell.connections == Connections::fresh) {}

  Step resume(Outcome moved) override;

 private:
  enum class Doing : std::uint8_t { nothing, sleeping, connecting, asking, listening, hanging_up };

  Step begin_query();
  Step sleep(std::int64_t until_ns);
  Step ask();
  Step connect();
  Step write();
  Step listen();
  Step hear(Outcome moved);
  Step hang_up();
  Step give_up(Outcome outcome);

  Client client_;
  const Address& backend_;
  std::span<std::byte> bytes_;  // that are to be sent, or of the room for those that come
  Doing doing_ = Doing::nothing;
  bool fresh_;
  bool connected_ = false;
  bool lost_ = false;
};

// A connection that is watched and quiet: it asks to be parked, and is answered when the trial
// ends.
class ParkedConversation : public Conversation {
 public:
  ParkedConversation(const ClientConfig& config, Ledger& ledger, const Address& backend);

  Step resume(Outcome moved) override;

 private:
  enum class Doing { nothing, connecting, asking, parked, hanging_up };

  Ledger& ledger_;
  const Address& backend_;
  wire::Request request_;
  wire::ReplyHeader reply_;
  Doing doing_ = Doing::nothing;
};

}  // namespace waitbench
