// The seam between models and workloads. A conversation is one simulated client, written as a
// sans-I/O state machine: it says what must happen next, and a model makes it happen and passes on
// the outcome. It never blocks and knows no model, so the same conversation can be driven by a
// thread, a coroutine or an event loop.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "impls/lib/address.hpp"

namespace waitbench {

class Waiter;

enum class StepKind : std::uint8_t {
  connect,  // open the conversation's connection to `address`
  read,     // receive at least 1 and at most `size` bytes into `data`; 0 bytes: the peer has closed
  write,    // send at least 1 and at most `size` bytes from `data`
  sleep,    // until `deadline_ns`
  close,    // the connection; a later connect opens another one
  begin,    // nothing: but a task begins, and the model may turn to another conversation first
  ready,    // wait until a library's `descriptor` can be read, or written
  forget,   // the descriptor that was waited for last: the library may close it now
  join,     // start all `children`, each a task of its own, and go on when all of them are done
  acquire,  // wait until the conversation has what it asks for, such as a connection of a pool
  use,      // from now on, the connection of this number among those that conversations share
  done      // nothing more: the conversation is not resumed again
};

// What a library wants to do with its descriptor.
enum class Direction : std::uint8_t { read, write };

class Conversation;

// What not every conversation can have at once, so that one may have to wait until another gives it
// back. Conversations that are threads wait in acquire(); those that are tasks of a loop wait in a
// line, and their loop goes on with them.
class Acquirable {
 public:
  virtual ~Acquirable() = default;

  // Whether the conversation has it now. If not, its task waits, and has it when it is taken from
  // the run queue of its loop. Between threads it returns when the answer is yes.
  virtual bool acquire(Waiter& task) = 0;
};

// What must happen before the conversation can go on. The model that performs the step knows the
// conversation's connection, so only `ready` has a descriptor: that of a library which reads and
// writes by itself. `data` must stay valid until the conversation is resumed.
class Step {
  // Private, which the check does not see in a union.
  // NOLINTBEGIN(readability-identifier-naming)
  union {
    std::byte* data_;                // read, write
    std::int64_t deadline_ns_;       // sleep
    const Address* address_;         // connect
    int descriptor_;                 // ready
    Conversation* const* children_;  // join
    Acquirable* acquirable_;         // acquire
    std::size_t connection_;         // use
  };
  // NOLINTEND(readability-identifier-naming)

 public:
  std::uint32_t size : 24;  // read, write: bytes, at most 16 MiB - 1; ready: the direction;
                            // join: the number of children
  StepKind kind : 8;
  // Connect, read, write, ready: give up after so long; 0: never.
  std::uint32_t timeout_us : 31 = 0;
  // Something new begins with this step, such as a query: before it, the model may turn to another
  // conversation.
  bool begins_task : 1 = false;

  Step() : Step(StepKind::done) {}

  static Step connect(const Address& to) {
    Step step(StepKind::connect);
    step.address_ = &to;
    return step;
  }
  static Step read(std::byte* into, std::size_t size) { return Step(StepKind::read, into, size); }
  static Step write(std::byte* from, std::size_t size) { return Step(StepKind::write, from, size); }
  static Step sleep(std::int64_t until_ns) {
    Step step(StepKind::sleep);
    step.deadline_ns_ = until_ns;
    return step;
  }
  static Step close() { return Step(StepKind::close); }
  static Step ready(int descriptor, Direction direction) {
    Step step(StepKind::ready);
    step.descriptor_ = descriptor;
    step.size = static_cast<std::uint32_t>(direction) & 1;
    return step;
  }
  static Step forget() { return Step(StepKind::forget); }
  static Step join(std::span<Conversation* const> children) {
    Step step(StepKind::join);
    step.children_ = children.data();
    step.size = static_cast<std::uint32_t>(children.size()) & 0xffffff;
    return step;
  }
  static Step acquire(Acquirable& what) {
    Step step(StepKind::acquire);
    step.acquirable_ = &what;
    return step;
  }
  static Step use(std::size_t connection) {
    Step step(StepKind::use);
    step.connection_ = connection;
    return step;
  }
  static Step begin() {
    Step step(StepKind::begin);
    step.begins_task = true;
    return step;
  }
  static Step done() { return Step(StepKind::done); }

  // What the step is about, each to be asked only of the kinds of step that have it.
  std::byte* data() const {
    assert(kind == StepKind::read || kind == StepKind::write);
    return data_;
  }
  std::int64_t deadline_ns() const {  // CLOCK_MONOTONIC
    assert(kind == StepKind::sleep);
    return deadline_ns_;
  }
  const Address& address() const {
    assert(kind == StepKind::connect);
    return *address_;
  }
  int descriptor() const {
    assert(kind == StepKind::ready);
    return descriptor_;
  }
  Direction direction() const {
    assert(kind == StepKind::ready);
    return static_cast<Direction>(size);
  }
  std::span<Conversation* const> children() const {
    assert(kind == StepKind::join);
    return {children_, size};
  }
  Acquirable& acquirable() const {
    assert(kind == StepKind::acquire);
    return *acquirable_;
  }
  std::size_t connection() const {
    assert(kind == StepKind::use);
    return connection_;
  }

  // Whether the step waits until something can be read, and not until something can be written.
  bool waits_to_read() const {
    return kind == StepKind::read || (kind == StepKind::ready && direction() == Direction::read);
  }

 private:
  explicit Step(StepKind what, std::byte* data = nullptr, std::size_t bytes = 0)
      : data_(data), size(static_cast<std::uint32_t>(bytes) & 0xffffff), kind(what) {}
};
static_assert(sizeof(Step) == 16);

// How a step ended: the bytes moved (0 for steps that move none), or -errno: -ETIMEDOUT when its
// time was up, after which the connection is only good for closing.
using Outcome = std::int32_t;

class Conversation {
 public:
  virtual ~Conversation() = default;

  // Takes the outcome of the last step (0 at the first call) and returns the next one. This is the
  // only virtual call per step. After StepKind::done it must not be called again, except at the
  // next join of a child: that starts it anew, and it finds its connection as it has left it.
  virtual Step resume(Outcome moved) = 0;
};

}  // namespace waitbench
