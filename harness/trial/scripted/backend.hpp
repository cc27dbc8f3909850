// A backend that is not there: its replies are made up in the trial's own process.
//
// It is reached by its address, which is the backend itself, so conversations need not know that
// nobody else is involved.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/workloads/ledger.hpp"
#include "harness/workloads/protocol.hpp"
#include "impls/conversation.hpp"
#include "impls/lib/address.hpp"

namespace waitbench {

class ScriptedBackend : public Address {
 public:
  // The trial is to end once `queries` of its queries were answered; those that are in flight then
  // are answered too.
  ScriptedBackend(const Protocol& protocol, Ledger& ledger, std::uint64_t queries)
      : protocol_(protocol), ledger_(ledger), left_(queries) {}

  // The backend to which a conversation wants to be connected.
  static const ScriptedBackend& at(const Step& connect) {
    return static_cast<const ScriptedBackend&>(connect.address());
  }

  // Takes a request, which has to be written as a whole. Returns the bytes taken, or -EPROTO.
  Outcome take(const Step& write, PendingReply& asked) const {
    const std::span<const std::byte> bytes(write.data(), write.size);
    asked = {};
    Peer peer;
    if (protocol_.read_request(bytes, peer, asked).bytes != bytes.size()) return -EPROTO;
    return static_cast<Outcome>(bytes.size());
  }

  // Puts the reply where it is to be read, and returns its length. Clients look at the beginning
  // and at the end of a reply, as in a timed turn; so what lies between is not made.
  Outcome answer(const PendingReply& asked, const Step& read) const {
    if (left_ > 0 && --left_ == 0) ledger_.request_stop();
    if (read.size < asked.reply_bytes) return -EPROTO;
    const std::span reply(read.data(), asked.reply_bytes);
    const std::size_t head = std::min(reply.size(), made_head_bytes);
    const std::size_t tail = std::min(reply.size() - head, made_tail_bytes);
    protocol_.write_reply(asked, 0, 0, reply.first(head));
    protocol_.write_reply(asked, 0, reply.size() - tail, reply.last(tail));
    return static_cast<Outcome>(reply.size());
  }

 private:
  static constexpr std::size_t made_head_bytes = 48;
  static constexpr std::size_t made_tail_bytes = 8;

  const Protocol& protocol_;
  Ledger& ledger_;
  mutable std::uint64_t left_;  // conversations know an address as something that does not change
};

}  // namespace waitbench
