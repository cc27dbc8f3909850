// What an engine must offer to a style. An engine is the half of a user-level model that answers
// "who tells us that it is time?": it performs steps without blocking, and waits for many at once.
#pragma once

#include <concepts>
#include <optional>

#include "impls/conversation.hpp"

namespace waitbench {

enum class MaySleep : bool { no, yes };

// E::Channel is the engine's own state of one connection. The style's slot derives from it, so that
// a completion finds its conversation without a table. Channels do not move, have at most one step
// under way, and stay alive until its outcome was reported.
//
// cancel() takes back a step that is under way, for whoever needs it no longer. A read or a wait
// leaves the connection as it was; after a connect or a write it is only good for closing.
template <class E>
concept Engine = requires(E engine, typename E::Channel& channel, Step step) {
  // Begins the step. Returns its outcome if it is done at once; else a later wait reports it.
  { engine.start(channel, step) } -> std::same_as<std::optional<Outcome>>;
  // Blocks until at least one step is done, and passes each outcome to the visitor, which may start
  // new steps. May also return without any, as after a signal. Where other tasks of the loop can go
  // on, it must not sleep, and only takes what is done already.
  {engine.wait([](typename E::Channel&, Outcome) {}, MaySleep::yes)};
};

template <class E>
concept CancellingEngine = Engine<E> && requires(E engine, typename E::Channel& channel) {
  // Returns the step's outcome, -ECANCELED, if it is taken back at once. Else a later wait reports
  // that, or how the step has ended: it may have been done before it could be taken back.
  { engine.cancel(channel) } -> std::same_as<std::optional<Outcome>>;
};

}  // namespace waitbench
