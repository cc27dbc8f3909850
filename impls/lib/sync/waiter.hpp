// How tasks of one loop wait for each other: a task has a slot, the Waiter; what it waits for has a
// line of slots; and the loop has a queue of those that may go on.
//
//   in line --granted--> in the run queue --resumed--> running
//
// Nothing here knows what a task is. Whoever owns the loop takes slots from the run queue and
// resumes what they belong to: a callback, a generator, a coroutine, a fiber. So one implementation
// serves them all. All of it belongs to one thread. Nothing allocates: lists are linked through the
// slots, which do not move.
//
// A wait may be ended at any moment until the task is resumed. cancel() resumes the task without
// what it waited for; to leave(), or to destroy the slot, ends the wait of a task that will not run
// again. What such a task was given already goes to the next in line, so that no wake-up is lost.
#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

namespace waitbench {

class Line;
class RunQueue;

// A place in a circular list. Alone it is a list of one; so is the head of an empty list.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  bool alone() const { return next_ == this; }
  Link& next() const { return *next_; }

  // To insert before the head is to append to the list.
  void insert_before(Link& place) {
    previous_ = place.previous_;
    next_ = &place;
    previous_->next_ = this;
    place.previous_ = this;
  }

  // Out of its list: it is to be inserted before it is used again.
  void unlink() {
    previous_->next_ = next_;
    next_->previous_ = previous_;
  }

  void move_before(Link& place) {
    unlink();
    insert_before(place);
  }

  // What follows us moves before `place`, in its order; we are alone then.
  void move_all_before(Link& place) {
    if (alone()) return;
    next_->previous_ = place.previous_;
    previous_->next_ = &place;
    place.previous_->next_ = next_;
    place.previous_ = previous_;
    next_ = previous_ = this;
  }

 private:
  Link* next_ = this;
  Link* previous_ = this;
};

// The slot of a task: it waits for one thing at a time.
class Waiter : private Link {
 public:
  Waiter() = default;
  ~Waiter() { leave(); }

  // In line, or granted and not resumed yet.
  bool waiting() const { return state_ != State::idle && line_ != nullptr; }

  // Whether the task was resumed without what it waited for: to be asked once after each wait.
  bool take_cancelled() { return std::exchange(cancelled_, false); }

  // Has the task resumed without what it waits for. Whether it did wait.
  bool cancel();

  // Ends the wait, and the task is not resumed.
  void leave();

  // What it waits for; null if it does not wait, or was granted that.
  const Line* waits_in() const { return state_ == State::in_line ? line_ : nullptr; }

 private:
  friend class Line;
  friend class RunQueue;

  enum class State : std::uint8_t { idle, in_line, runnable };

  bool granted() const { return state_ == State::runnable && line_ != nullptr; }

  // The lines are of the wait that is not over yet.
  Line* line_ = nullptr;         // that it is in, or was granted from; null: not granted anything
  Line* notified_by_ = nullptr;  // the condition that sent it into the line of a lock
  State state_ = State::idle;
  bool cancelled_ = false;
};

// The tasks of a loop that may go on, first come first served. A loop resumes them before it waits
// for anything else.
class RunQueue {
 public:
  bool empty() const { return head_.alone(); }

  // For a task that waits for nothing but its turn.
  void push(Waiter& waiter) {
    assert(waiter.state_ == Waiter::State::idle);
    waiter.line_ = waiter.notified_by_ = nullptr;
    waiter.state_ = Waiter::State::runnable;
    waiter.cancelled_ = false;
    waiter.insert_before(head_);
  }

  // The first, which is to be resumed now; null if there is none.
  Waiter* take() { return empty() ? nullptr : &take_first(head_); }

  // Calls resume(waiter) for those that are there now. Who comes meanwhile has to wait for the next
  // call, so that tasks that wake each other cannot keep a loop from looking at its sockets.
  template <class Resume>
  void run_turn(Resume resume) {
    struct Batch : Link {
      explicit Batch(Link& whose) : whose(whose) { whose.move_all_before(*this); }
      ~Batch() { move_all_before(whose.next()); }  // what is left when resume() throws
      Link& whose;
    } batch(head_);
    while (!batch.alone()) resume(take_first(batch));
  }

 private:
  friend class Line;

  static Waiter& take_first(Link& head) {
    auto& first = static_cast<Waiter&>(head.next());
    first.unlink();
    first.state_ = Waiter::State::idle;
    return first;
  }

  Link head_;
};

// The line of those who wait for the same thing, first come first served: what the primitives are
// made of. It must outlive those who wait, until they are resumed.
class Line {
 public:
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  bool has_waiters() const { return !head_.alone(); }

  // For the detection of deadlocks: the task that must act before anybody here can go on; null if
  // that is not known.
  virtual const Waiter* held_by() const { return nullptr; }

 protected:
  explicit Line(RunQueue& run_queue) : run_queue_(run_queue) {}
  ~Line() { assert(!has_waiters()); }  // nobody owns one by this class

  void enter(Waiter& waiter) {
    assert(waiter.state_ == Waiter::State::idle);
    waiter.line_ = this;
    waiter.notified_by_ = nullptr;
    waiter.state_ = Waiter::State::in_line;
    waiter.cancelled_ = false;
    waiter.insert_before(head_);
  }

  Waiter& first() const { return static_cast<Waiter&>(head_.next()); }

  // The first has what it waited for.
  Waiter& grant_first() {
    Waiter& waiter = first();
    waiter.state_ = Waiter::State::runnable;
    waiter.move_before(run_queue_.head_);
    return waiter;
  }

  // The first goes on to wait in the line of `lock`, and has been notified by us.
  void send_first_to(Line& lock) {
    Waiter& waiter = first();
    waiter.notified_by_ = this;
    waiter.line_ = &lock;
    waiter.move_before(lock.head_);
  }
  // A waiter of ours gives up, but must not go on without the lock.
  void send_cancelled_to(Line& lock, Waiter& waiter) const {
    waiter.line_ = &lock;
    waiter.move_before(lock.head_);
  }

 private:
  friend class Waiter;

  // What was granted to one that did not take it goes to the next.
  virtual void pass_on() = 0;

  // A waiter that we have granted nothing gives up. It must be resumed sooner or later.
  virtual void on_cancel(Waiter& waiter) { resume(waiter); }

  void resume(Waiter& waiter) const {
    waiter.line_ = nullptr;
    waiter.state_ = Waiter::State::runnable;
    waiter.move_before(run_queue_.head_);
  }

  Link head_;
  RunQueue& run_queue_;
};

inline bool Waiter::cancel() {
  if (!waiting() || cancelled_) return false;
  cancelled_ = true;
  if (notified_by_ != nullptr)  // it goes on to wait for the lock, and another is notified
    std::exchange(notified_by_, nullptr)->pass_on();
  else if (granted())  // it stays in the run queue
    std::exchange(line_, nullptr)->pass_on();
  else
    line_->on_cancel(*this);
  return true;
}

inline void Waiter::leave() {
  if (state_ == State::idle) return;
  unlink();
  const bool gives_back = granted();
  state_ = State::idle;
  if (gives_back) line_->pass_on();
  if (notified_by_ != nullptr) notified_by_->pass_on();
}

}  // namespace waitbench
