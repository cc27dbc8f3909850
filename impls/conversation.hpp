// The seam. A conversation is one simulated client written as a sans-I/O state machine: it says
// what must happen next, and somebody else makes it happen and brings back the outcome. It never
// blocks and knows no model, so the same conversation can be driven by a thread, a coroutine or a
// ring.
#pragma once

#include <cstddef>
#include <cstdint>

#include "impls/lib/address.hpp"

namespace waitbench {

enum class Kind : std::uint8_t {
  connect,  // open the conversation's connection to `address`
  read,     // receive at least 1 and at most `size` bytes into `data`; 0 bytes: the peer has closed
  write,    // send at least 1 and at most `size` bytes from `data`
  sleep,    // until `deadline_ns`
  close,    // the connection; a later connect opens another one
  done      // nothing more: the conversation is not resumed again
};

// What must happen before the conversation can go on. No descriptor in it: which connection is
// meant is known to whoever performs the step. `data` must stay valid until the outcome is brought.
struct Step {
  union {
    std::byte* data;           // read, write
    std::int64_t deadline_ns;  // sleep: CLOCK_MONOTONIC
    const Address* address;    // connect
  };
  std::uint32_t size : 24;  // read, write: bytes, at most 16 MiB - 1
  Kind kind : 8;
  std::uint32_t timeout_us : 31 = 0;  // connect, read, write: give up after so long; 0: never
  // Something new begins with this step, such as a query: before it, whoever performs the steps may
  // turn to another conversation.
  bool begins_task : 1 = false;

  static Step connect(const Address& to) {
    return {.address = &to, .size = 0, .kind = Kind::connect};
  }
  static Step read(std::byte* into, std::size_t size) { return transfer(into, size, Kind::read); }
  static Step write(std::byte* from, std::size_t size) { return transfer(from, size, Kind::write); }
  static Step sleep(std::int64_t until_ns) {
    return {.deadline_ns = until_ns, .size = 0, .kind = Kind::sleep};
  }
  static Step close() { return {.data = nullptr, .size = 0, .kind = Kind::close}; }
  static Step done() { return {.data = nullptr, .size = 0, .kind = Kind::done}; }

 private:
  static Step transfer(std::byte* data, std::size_t size, Kind kind) {
    return {.data = data, .size = static_cast<std::uint32_t>(size) & 0xffffff, .kind = kind};
  }
};
static_assert(sizeof(Step) == 16);

// How a step ended: the bytes moved (0 for steps that move none), or -errno: -ETIMEDOUT when its
// time was up, after which the connection is only good for closing.
using Outcome = std::int32_t;

class Conversation {
 public:
  virtual ~Conversation() = default;

  // Brings the outcome of the last step (0 at the first call) and says the next one. This is the
  // only virtual call per step. After Kind::done it must not be called again.
  virtual Step resume(Outcome moved) = 0;
};

}  // namespace waitbench
