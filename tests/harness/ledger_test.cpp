// The ledger: ids, records, failures, and who may attach to it.
#include "harness/workloads/ledger.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

TEST(Ledger, GivesIdsFromOneOn) {
  Ledger ledger = Ledger::create(10);
  EXPECT_EQ(ledger.next_id(), 1U);
  EXPECT_EQ(ledger.begin(7, 100, 200), 1U);
  EXPECT_EQ(ledger.begin(8, 300, 400), 2U);
  EXPECT_EQ(ledger.next_id(), 3U);
  EXPECT_EQ(ledger.record(1).client, 7U);
  EXPECT_EQ(ledger.record(1).intended_start_ns, 100);
  EXPECT_EQ(ledger.record(1).start_ns, 200);
  EXPECT_EQ(ledger.record(2).client, 8U);
  EXPECT_EQ(ledger.record(2).answers, 0U);
}

TEST(Ledger, GivesEachIdOnceToManyThreads) {
  constexpr std::size_t threads = 4, each = 5000;
  Ledger ledger = Ledger::create(threads * each);
  std::vector<std::vector<std::uint64_t>> taken(threads);
  {
    std::vector<std::jthread> writers;
    for (std::vector<std::uint64_t>& mine : taken)
      writers.emplace_back([&] {
        for (std::size_t i = 0; i < each; ++i) mine.push_back(ledger.begin(0, 1, 1));
      });
  }
  std::vector<std::uint64_t> all;
  for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], i + 1);
  EXPECT_FALSE(ledger.failed());
}

TEST(Ledger, UsesThePlacesOfAnsweredQueriesAgain) {
  Ledger ledger = Ledger::create(1);
  for (int i = 0; i < 1000; ++i) ++ledger.record(ledger.begin(0, 1, 1)).answers;
  EXPECT_FALSE(ledger.failed()) << ledger.failure();
}

TEST(Ledger, UsesThePlacesOfCancelledQueriesAgain) {
  Ledger ledger = Ledger::create(1);
  for (int i = 0; i < 1000; ++i)
    ledger.record(ledger.begin(0, 1, 1)).cancelled = Cancelled::before_sent;
  EXPECT_FALSE(ledger.failed()) << ledger.failure();
}

TEST(Ledger, SaysWhichQueriesAreLetThrough) {
  Ledger ledger = Ledger::create(10);
  EXPECT_FALSE(ledger.lets_through(1));
  ledger.let_through(3);
  ledger.let_through(2);
  EXPECT_TRUE(ledger.lets_through(5));
  EXPECT_FALSE(Ledger::attach(ledger.fd()).lets_through(6));
}

TEST(Ledger, FailsWhenUnansweredQueriesFillIt) {
  Ledger ledger = Ledger::create(64);
  for (int i = 0; i < 64; ++i) ledger.begin(0, 1, 1);
  EXPECT_FALSE(ledger.failed());
  ledger.begin(0, 1, 1);
  EXPECT_EQ(ledger.failure(), "the ledger is full: unanswered queries fill it");
}

TEST(Ledger, KeepsTheFirstReason) {
  Ledger ledger = Ledger::create(1);
  EXPECT_EQ(ledger.failure(), "");
  ledger.fail("the cause");
  ledger.fail("its consequence");
  EXPECT_TRUE(ledger.failed());
  EXPECT_EQ(ledger.failure(), "the cause");
}

TEST(Ledger, CutsAReasonThatIsTooLong) {
  Ledger ledger = Ledger::create(1);
  ledger.fail(std::string(10'000, 'x'));
  EXPECT_EQ(ledger.failure(), std::string(255, 'x'));
}

TEST(Ledger, IsSharedWithWhoeverAttaches) {
  Ledger ledger = Ledger::create(10);
  Ledger other = Ledger::attach(dup(ledger.fd()));
  EXPECT_EQ(other.begin(3, 1, 2), 1U);
  EXPECT_EQ(ledger.record(1).client, 3U);
  EXPECT_FALSE(other.stopping());
  ledger.request_stop();
  EXPECT_TRUE(other.stopping());
  other.fail("seen from here");
  EXPECT_EQ(ledger.failure(), "seen from here");
}

TEST(Ledger, OutlivesACrashOfItsWriter) {
  Ledger ledger = Ledger::create(10);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ++ledger.record(ledger.begin(5, 1, 1)).answers;
    ledger.begin(6, 1, 1);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(ledger.next_id(), 3U);
  EXPECT_EQ(ledger.record(1).answers, 1U);
  EXPECT_EQ(ledger.record(2).client, 6U);
}

TEST(Ledger, RefusesADescriptorThatIsNoLedger) {
  EXPECT_THROW(Ledger::attach(-1), std::system_error);
  EXPECT_THROW(Ledger::attach(memfd_create("empty", MFD_CLOEXEC)), std::runtime_error);
  const int zeros = memfd_create("zeros", MFD_CLOEXEC);
  ASSERT_EQ(ftruncate(zeros, 1 << 16), 0);
  EXPECT_THROW(Ledger::attach(zeros), std::runtime_error);
}

TEST(Ledger, RefusesALedgerThatWasCutShort) {
  const Ledger ledger = Ledger::create(1000);
  ASSERT_EQ(ftruncate(ledger.fd(), 1 << 12), 0);
  EXPECT_THROW(Ledger::attach(dup(ledger.fd())), std::runtime_error);
}

}  // namespace
}  // namespace waitbench
