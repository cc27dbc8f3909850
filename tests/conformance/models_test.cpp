// Every model of the catalog, and every handwritten counterpart, does the work that it will be
// credited with: each query answered exactly once and every byte of it right, with as many in
// flight as it claims.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "impls/lib/clock.hpp"
#include "tests/conformance/examine.hpp"

namespace waitbench {
namespace {

// Sanitizers slow everything down and take memory for each thread: there, fewer connections have to
// show what 1,000 show elsewhere. Fewer still where each is a process, since ThreadSanitizer keeps
// a thread of its own in every one that wakes ten times a second: many are hardly ever all asleep.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t many = 200;
constexpr std::size_t many_processes = 20;
#else
constexpr std::size_t many = 1000;
constexpr std::size_t many_processes = many;
#endif

constexpr std::int64_t deadline_ns = 30 * ns_per_s;  // a bound, not a measure
constexpr std::size_t some = 7;                      // connections

Cell usual(Transport transport, Connections connections, std::size_t in_flight) {
  return {.transport = transport,
          .in_flight = in_flight,
          .delay_us = 200,
          .reply_bytes = 64,
          .connections = connections};
}

// Calls `add(transport, connections)` with every way to connect.
template <class Add>
void for_each_way_to_connect(Add add) {
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      add(transport, connections);
}

// A kind of cell, and by name those who skip it; everybody else has to pass it.
struct ExpectedSkips {
  bool (*is_of_this_kind)(const Cell& cell);
  std::vector<std::string_view> skipped_by;
};

const std::vector<std::string_view>& handwritten_names() {
  static const std::vector<std::string_view> names = {
      "handwritten-blocking",       "handwritten-thread-per-connection",
      "handwritten-callback-epoll", "handwritten-coroutine-epoll",
      "handwritten-callback-libuv", "handwritten-callback-io_uring"};
  return names;
}

const std::vector<ExpectedSkips>& expected_skips() {
  static const std::vector<ExpectedSkips> table = {
      {[](const Cell& cell) { return cell.idle > 0; }, {"blocking", "thread-pool", "process-pool"}},
      {[](const Cell& cell) {
         return cell.idle > 0 || cell.connections != Connections::kept || cell.depth > 1 ||
                cell.loops > 1 || cell.clients_wait_for_each_other() || cell.block_us > 0;
       },
       handwritten_names()},
      {[](const Cell& cell) { return cell.connections.is_pool() || cell.makes_calls_outside(); },
       {"process-per-connection", "process-pool"}},
      {[](const Cell& cell) { return cell.makes_calls_outside(); },
       {"process-broker-threads", "process-broker-coroutines"}},
  };
  return table;
}

// Asked of the kernel here, not of the engine.
bool kernel_has_io_uring() {
  static const bool has = [] {
    return syscall(SYS_io_uring_setup, 0, nullptr) == 0 || (errno != ENOSYS && errno != EPERM);
  }();
  return has;
}

bool is_expected_to_skip(const Participant& participant, const Cell& cell) {
  if (participant.engine == "io_uring" && !kernel_has_io_uring()) return true;
  return std::ranges::any_of(expected_skips(), [&](const ExpectedSkips& expected) {
    return expected.is_of_this_kind(cell) &&
           std::ranges::count(expected.skipped_by, participant.name) > 0;
  });
}

class Conformance : public testing::TestWithParam<const Participant*> {
 protected:
  // What the participant is not expected to skip must pass.
  void expect_to_pass(const std::vector<VerificationCase>& cases) const {
    for (const Finding& finding : findings_about(*GetParam(), cases, deadline_ns)) {
      const bool skip = is_expected_to_skip(*GetParam(), finding.which.cell);
      EXPECT_EQ(finding.verdict, skip ? Verdict::skipped : Verdict::passed)
          << case_name(finding.which) << ": " << finding.reason;
      EXPECT_EQ(finding.reason.empty(), !skip);
    }
  }
};

TEST_P(Conformance, AnswersEveryQueryOnceWithAllThatItClaimsInFlight) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    for (const std::size_t in_flight : {1, 7, 64})
      cases.push_back({usual(transport, connections, in_flight), false});
  });
  expect_to_pass(cases);
}

TEST_P(Conformance, ReadsRepliesThatArriveByteByByte) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    cases.push_back({usual(transport, connections, some), true});
  });
  cases.push_back({usual(Transport::tcp, Connections::kept, 64), true});
  expect_to_pass(cases);
}

TEST_P(Conformance, ReadsRepliesOfNothingAndOfAMebibyte) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    Cell cell = usual(transport, connections, some);
    cell.reply_bytes = 0;
    cases.push_back({cell, false});
    cell.reply_bytes = 1 << 20;
    cases.push_back({cell, false});
  });
  expect_to_pass(cases);
}

TEST_P(Conformance, CopesWithManyConnections) {
  const bool is_process = GetParam()->style == "process" && GetParam()->name != "process-pool";
  const std::size_t connections = is_process ? many_processes : many;
  expect_to_pass({{usual(Transport::tcp, Connections::kept, connections), false},
                  {usual(Transport::unix, Connections::kept, connections), false}});
}

TEST_P(Conformance, WatchesIdleConnectionsBesidesOrSaysThatItCannot) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    Cell cell = usual(transport, connections, some);
    cell.idle = 50;
    cases.push_back({cell, false});
  });
  expect_to_pass(cases);
}

TEST_P(Conformance, PerformsItsStepsThroughHelperCalls) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    for (const std::size_t depth : {2, 8}) {
      Cell cell = usual(transport, connections, some);
      cell.depth = depth;
      cases.push_back({cell, false});
    }
  });
  Cell deep = usual(Transport::unix, Connections::kept, 64);
  deep.depth = 64;
  cases.push_back({deep, false});
  expect_to_pass(cases);
}

using ConformanceOfLoops = Conformance;

TEST_P(ConformanceOfLoops, SharesItsConversationsAmongLoops) {
  std::vector<VerificationCase> cases;
  for (const std::size_t loops : {2, 3, 10}) {  // also more loops than conversations
    Cell cell = usual(Transport::unix, Connections::kept, some);
    cell.loops = loops;
    cases.push_back({cell, false});
  }
  expect_to_pass(cases);
}

TEST_P(Conformance, HasAsManyInFlightAsItHasWorkers) {
  std::vector<VerificationCase> cases;
  for (const std::size_t workers : {1, 3, 10}) {
    Cell cell = usual(Transport::unix, Connections::kept, some);
    cell.workers = workers;
    cases.push_back({cell, false});
  }
  expect_to_pass(cases);
}

// What conversations wait for beside their engine: `waitbench verify` shows it of all models.
class ConformanceOfKinds : public Conformance {};

TEST_P(ConformanceOfKinds, SharesAPoolOfConnectionsByEachRuleOrSaysThatItCannot) {
  std::vector<VerificationCase> cases;
  for (const auto& [name, dispatch] : dispatch_names)
    for (const std::size_t size : {1, 3, 7}) {  // also one for each client
      Cell cell = usual(Transport::unix, Connections::pool(size), some);
      cell.dispatch = dispatch;
      cases.push_back({cell, size == 3});
    }
  Cell busy = usual(Transport::tcp, Connections::pool(8), 64);
  busy.dispatch = Dispatch::first_free;
  cases.push_back({busy, false});
  busy.depth = 2;
  busy.idle = 3;
  cases.push_back({busy, false});
  expect_to_pass(cases);
}

TEST_P(ConformanceOfKinds, MakesCallsInPlaceAndByWorkersOrSaysThatItCannot) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    for (const Offload offload : {Offload::in_place, Offload::threads(2), Offload::processes(2)}) {
      Cell cell = usual(transport, connections, some);
      cell.block_us = 100;
      cell.offload = offload;
      cell.callers = transport == Transport::tcp ? 0 : 3;
      cases.push_back({cell, false});
    }
  });
  expect_to_pass(cases);
}

TEST_P(ConformanceOfKinds, AsksAsMuchAtOnceAsALimitLetsIt) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    for (const std::size_t limit : {1, 3, 7}) {  // also one that nobody comes to
      Cell cell = usual(transport, connections, some);
      cell.limit = limit;
      cell.workers = 5;
      cases.push_back({cell, false});
    }
  });
  Cell busy = usual(Transport::unix, Connections::kept, 64);
  busy.limit = 8;
  cases.push_back({busy, false});
  busy.depth = 2;
  busy.lock = LockUse::shared;
  cases.push_back({busy, false});
  expect_to_pass(cases);
}

TEST_P(ConformanceOfKinds, SharesALock) {
  std::vector<VerificationCase> cases;
  for_each_way_to_connect([&](Transport transport, Connections connections) {
    Cell cell = usual(transport, connections, some);
    cell.lock = LockUse::shared;
    cases.push_back({cell, false});
  });
  expect_to_pass(cases);
}

INSTANTIATE_TEST_SUITE_P(Of, Conformance,
                         testing::ValuesIn(examined_with({Role::model, Role::handwritten})),
                         [](const auto& info) { return test_name(info.param); });

INSTANTIATE_TEST_SUITE_P(Of, ConformanceOfKinds,
                         testing::ValuesIn(of_each_kind_with({Role::model, Role::handwritten})),
                         [](const auto& info) { return test_name(info.param); });

// Each loop has a thread, so that every engine has several.
INSTANTIATE_TEST_SUITE_P(Of, ConformanceOfLoops,
                         testing::ValuesIn(participants_with({Role::model, Role::handwritten})),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace waitbench
