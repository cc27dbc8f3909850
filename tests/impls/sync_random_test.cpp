// Random operations on each primitive in every style, held against a model of what it should do:
// who is served when, with what, and that no wake-up is lost. WAITBENCH_RANDOM_OPERATIONS says how
// many (./test --measure: ten million), and WAITBENCH_RANDOM_SEED makes a run again.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <initializer_list>
#include <iostream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/os/random.hpp"
#include "harness/switch/actors.hpp"
#include "impls/lib/sync/condition.hpp"
#include "impls/lib/sync/event.hpp"
#include "impls/lib/sync/lock.hpp"
#include "impls/lib/sync/queue.hpp"
#include "impls/lib/sync/semaphore.hpp"
#include "tests/impls/sync_model.hpp"

namespace waitbench {
namespace {

enum class Primitive { lock, semaphore, event, condition, queue };
enum class Operation { none, acquire, release, wait, set, clear, notify, put, get };

constexpr std::size_t tasks = 6, permits = 2, capacity = 3;

// The primitives, and what was done to them last.
struct World {
  Primitive primitive;
  RunQueue run_queue{};
  Lock lock{run_queue};
  Semaphore semaphore{run_queue, permits};
  Event event{run_queue};
  Condition condition{run_queue, lock};
  Queue<int> queue{run_queue, capacity};
  int next_item = 0;
};

// A task that does what it is told, and waits for the next order when it has done so.
struct Player {
  World* world = nullptr;
  Operation order = Operation::none;
  Operation doing = Operation::none;
  Operation done = Operation::none;
  std::size_t notified = 0;  // by `notify`: how many
  bool granted = false;
  int item = 0;

  bool begin(Waiter& self) {
    doing = std::exchange(order, Operation::none);
    switch (doing) {
      case Operation::none: return false;
      case Operation::acquire:
        return world->primitive == Primitive::semaphore ? world->semaphore.acquire(self)
                                                        : world->lock.acquire(self);
      case Operation::wait:
        if (world->primitive == Primitive::event) return world->event.wait(self);
        world->condition.wait(self);
        return false;
      case Operation::put: return world->queue.begin_put(self);
      case Operation::get: return world->queue.begin_get(self);
      case Operation::release:
        if (world->primitive == Primitive::semaphore)
          world->semaphore.release();
        else
          world->lock.release();
        return true;
      case Operation::set: world->event.set(); return true;
      case Operation::clear: world->event.clear(); return true;
      case Operation::notify: world->condition.notify(notified); return true;
    }
    return true;
  }

  bool finish(bool was_granted) {
    done = doing;
    granted = was_granted;
    if (granted && doing == Operation::put) world->queue.finish_put(world->next_item++);
    if (granted && doing == Operation::get) item = world->queue.finish_get();
    return true;
  }
};

template <class Acting>
class Rehearsal {
 public:
  Rehearsal(Primitive primitive, std::uint64_t seed) : random_(seed), world_{primitive} {
    if (primitive == Primitive::semaphore) model_.pool.permits = permits;
    if (primitive == Primitive::queue) model_.pool.permits = capacity;
    for (std::size_t who = 0; who < tasks; ++who) begin_anew(who);
  }

  // Throws what is not as the model has it.
  void step() {
    if (random_.next() % 5 < 2 && !model_.runnable().empty()) {
      resume_first();
    } else if (const std::size_t who = random_.next() % tasks; !model_.task(who).waits) {
      operate(who, choose(who));
    } else if (const std::uint64_t chance = random_.next() % 16; chance < 2) {
      check(cast_[who].cancel() == !model_.task(who).cancelled, "who can be cancelled");
      if (!model_.task(who).cancelled)
        model_.cancel(who, world_.primitive == Primitive::condition &&
                               players_[who].doing == Operation::wait);
    } else if (chance == 2) {
      model_.drop(who);
      begin_anew(who);
    }
    compare();
  }

 private:
  void begin_anew(std::size_t who) {
    players_[who] = Player{.world = &world_};
    cast_.renew(who).start(players_[who]);
  }

  // Something that is allowed where the task stands. Who waits has nothing, so it may be dropped.
  Operation choose(std::size_t who) {
    const auto one_of = [&](std::initializer_list<Operation> all) {
      return all.begin()[random_.next() % all.size()];
    };
    using enum Operation;
    switch (world_.primitive) {
      case Primitive::event: return one_of({wait, wait, wait, set, clear});
      case Primitive::queue: return one_of({put, get});
      case Primitive::condition:
        if (holds_[who]) return one_of({wait, wait, notify, release});
        break;
      default: break;
    }
    return holds_[who] ? release : acquire;
  }

  void operate(std::size_t who, Operation operation) {
    Player& player = players_[who];
    player.order = operation;
    player.done = Operation::none;
    player.notified = 1 + random_.next() % 3;
    cast_[who].resume();
    const bool at_once = foresee(who, operation);
    check(cast_[who].waiting() != at_once, "who has to wait");
    check((player.done == operation) == at_once, "who goes on at once");
    if (at_once) foresee_end(who, operation, true);
  }

  void resume_first() {
    const std::size_t who = model_.runnable().front();
    check(world_.run_queue.take() == &cast_[who], "who is resumed next");
    const Operation operation = players_[who].doing;
    cast_[who].resume();
    const bool granted = model_.resume_first();
    check(players_[who].done == operation, "what was waited for");
    foresee_end(who, operation, granted);
  }

  // Whether the operation needs no waiting.
  bool foresee(std::size_t who, Operation operation) {
    switch (operation) {
      case Operation::acquire:
      case Operation::put: return model_.acquire(who, model_.pool);
      case Operation::get: return model_.acquire(who, model_.items);
      case Operation::wait:
        if (model_.event_is_set) return true;
        model_.wait(who);
        if (holds_[who]) model_.release(model_.pool);
        holds_[who] = false;
        return false;
      case Operation::release: model_.release(model_.pool); return true;
      case Operation::set: model_.set_event(); return true;
      case Operation::clear: model_.event_is_set = false; return true;
      case Operation::notify: model_.notify(players_[who].notified); return true;
      case Operation::none: break;
    }
    return true;
  }

  void foresee_end(std::size_t who, Operation operation, bool granted) {
    check(players_[who].granted == granted, "whether it was granted");
    if (operation == Operation::release) holds_[who] = false;
    if (operation == Operation::wait && world_.primitive == Primitive::condition)
      holds_[who] = true;  // also if it was cancelled
    if (!granted) return;
    if (operation == Operation::acquire) holds_[who] = true;
    if (operation == Operation::put) {
      items_.push_back(world_.next_item - 1);
      model_.release(model_.items);
    } else if (operation == Operation::get) {
      check(players_[who].item == items_.front(), "which item comes out");
      items_.pop_front();
      model_.release(model_.pool);
    }
  }

  void compare() const {
    check(world_.run_queue.empty() == model_.runnable().empty(), "whether somebody may go on");
    check(world_.event.is_set() == model_.event_is_set, "whether the event is set");
    check(world_.queue.size() == items_.size(), "how many items there are");
    if (world_.primitive == Primitive::semaphore)
      check(world_.semaphore.permits() == model_.pool.permits, "how many permits there are");
    else if (world_.primitive != Primitive::queue)
      check(world_.lock.held() == (model_.pool.permits == 0), "whether the lock is held");
  }

  static void check(bool as_expected, const char* what) {
    if (!as_expected) throw std::logic_error(std::string("not as in the model: ") + what);
  }

  Random random_;
  World world_;
  SyncModel model_{tasks};
  std::vector<Player> players_{tasks};
  std::vector<bool> holds_ = std::vector<bool>(tasks);
  std::deque<int> items_;
  micro::Cast<Acting> cast_{tasks};
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

template <class Acting>
void rehearse(Primitive primitive) {
  const std::uint64_t seed = number_from("WAITBENCH_RANDOM_SEED", std::random_device{}());
  const std::uint64_t operations = number_from("WAITBENCH_RANDOM_OPERATIONS", 50'000);
  std::cout << "seed " << seed << "\n";
  Rehearsal<Acting> rehearsal(primitive, seed);
  for (std::uint64_t i = 0; i < operations; ++i) {
    ASSERT_NO_THROW(rehearsal.step()) << "seed " << seed << ", operation " << i;
  }
}

struct Style {
  std::string_view name;
  void (*rehearse)(Primitive);
};
template <class Acting>
constexpr Style style_of{Acting::style, rehearse<Acting>};

const std::vector<Style> styles {
  style_of<micro::CallbackActing<Player>>, style_of<micro::GeneratorActing<Player>>,
      style_of<micro::CoroutineActing<Player>>,
#if WAITBENCH_WITH_FIBERS
      style_of<micro::FiberActing<Player>>,
#endif
};
const std::vector<std::pair<std::string, Primitive>> primitives{{"lock", Primitive::lock},
                                                                {"semaphore", Primitive::semaphore},
                                                                {"event", Primitive::event},
                                                                {"condition", Primitive::condition},
                                                                {"queue", Primitive::queue}};

class RandomSync
    : public testing::TestWithParam<std::tuple<Style, std::pair<std::string, Primitive>>> {};

TEST_P(RandomSync, IsAsTheModelHasIt) {
  std::get<Style>(GetParam()).rehearse(std::get<1>(GetParam()).second);
}

std::string name_of(const testing::TestParamInfo<RandomSync::ParamType>& combination) {
  const auto& [style, primitive] = combination.param;
  return std::string(style.name) + "_" + primitive.first;
}

INSTANTIATE_TEST_SUITE_P(Each, RandomSync,
                         testing::Combine(testing::ValuesIn(styles), testing::ValuesIn(primitives)),
                         name_of);

}  // namespace
}  // namespace waitbench
