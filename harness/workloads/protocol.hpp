// The server half of a workload: what its requests and replies look like on the wire, as far as a
// server of our own has to know. The server, its gate and its heap of deadlines work with
// PendingReply alone, and never look at the words in it that belong to the workload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace waitbench {

// A reply that the server owes to a client. The heap of deadlines moves these about, so they are
// small: with the heap's own two words, an entry fills one cache line.
struct PendingReply {
  std::uint64_t connection = 0;   // set by the server: the connection that the request came on
  std::uint64_t id = 0;           // the workload's own
  std::int64_t delay_ns = 0;      // how long the server waits before it replies
  std::int64_t received_ns = 0;   // set by the server: when it read the request
  std::int64_t due_ns = 0;        // set by the gate, when it lets the query through
  std::uint32_t reply_bytes = 0;  // length of the whole reply
  std::uint16_t trial = 0;        // the trial that the client belongs to; 0: to none
  std::uint8_t flags = 0;         // the workload's own
  // An idle connection: it sends one request, which is answered when its trial ends.
  bool is_idle : 1 = false;
  // A rest query, with which a client of an open loop waits at the gate for the next turn.
  bool is_rest : 1 = false;
  // Verification: the reply is to be sent in pieces of one byte.
  bool single_bytes : 1 = false;
};
static_assert(sizeof(PendingReply) == 48);

// What server and protocol know of a connection between its requests.
struct Peer {
  std::uint64_t chain = 0;       // the protocol's own; 0 before the first request
  std::uint16_t unanswered = 0;  // its queries that wait for their replies; the server counts them
};

// For what a connection is dropped.
enum class Offence : std::uint32_t {
  none,
  no_request,    // what it sent is no request, or one that asks for too much
  many_at_once,  // it has asked for more than it may before it was answered
  mixed_trials,  // it asks for one trial while it is owed replies of another
  unread_reply,  // a chained query does not carry the end of the reply before it
  asked_again    // a chained query came before the one before it was answered
};

// What a client did, as a clause: "it ...". Empty where it did nothing, or the number is none of
// these.
std::string_view describe(Offence offence);

// What the front of some bytes was read as.
struct ReadRequest {
  std::size_t bytes = 0;  // its length; 0: more bytes are needed
  Offence offence = Offence::none;
};

// A table of functions: the server makes one indirect call for each request and one for each reply.
struct Protocol {
  std::string_view name;  // of the workload
  // A connection that has sent so many bytes, and still no whole request, is closed.
  std::size_t max_request_bytes = 0;

  // Reads the request of `peer` at the front of `bytes` into `reply`. When that is an offence of a
  // trial's, the reply says of which trial.
  ReadRequest (*read_request)(std::span<const std::byte> bytes, Peer& peer,
                              PendingReply& reply) = nullptr;

  // Writes the bytes [offset, offset + out.size()) of the reply. `sent_ns` is when its first byte
  // was sent, the same in each call.
  void (*write_reply)(const PendingReply& reply, std::int64_t sent_ns, std::uint64_t offset,
                      std::span<std::byte> out) = nullptr;
};

}  // namespace waitbench
