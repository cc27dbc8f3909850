// The timetable: each arrival is taken once, by whoever asks first, and none when it is too late.
#include "harness/workloads/timetable.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

TEST(Timetable, HasNothingToTakeBeforeItIsPosted) {
  Timetable table = Timetable::create(8);
  EXPECT_EQ(table.ends_ns(), 0);
  EXPECT_EQ(table.take(0), std::nullopt);
}

TEST(Timetable, GivesArrivalsInTheirOrder) {
  Timetable table = Timetable::create(8);
  table.post(std::vector<std::int64_t>{0, 10, 25}, 1000, 2000);
  EXPECT_EQ(table.ends_ns(), 2000);
  EXPECT_EQ(table.take(900), 1000);
  EXPECT_EQ(table.take(900), 1010);
  EXPECT_EQ(table.take(1999), 1025);
  EXPECT_EQ(table.take(1999), std::nullopt);
}

TEST(Timetable, GivesNothingOnceTheTurnIsOver) {
  Timetable table = Timetable::create(8);
  table.post(std::vector<std::int64_t>{0, 10}, 1000, 2000);
  EXPECT_EQ(table.take(2000), std::nullopt);
}

TEST(Timetable, StartsAnewWhenItIsPostedAgain) {
  Timetable table = Timetable::create(8);
  table.post(std::vector<std::int64_t>{0, 1, 2}, 1000, 2000);
  table.take(1000);
  table.post(std::vector<std::int64_t>{5}, 3000, 4000);
  EXPECT_EQ(table.take(3000), 3005);
  EXPECT_EQ(table.take(3000), std::nullopt);
}

TEST(Timetable, RefusesMoreArrivalsThanItHasRoomFor) {
  Timetable table = Timetable::create(2);
  EXPECT_THROW(table.post(std::vector<std::int64_t>{0, 1, 2}, 0, 1), std::length_error);
}

TEST(Timetable, GivesEachArrivalOnceToManyThreads) {
  constexpr std::size_t threads = 4, arrivals = 20'000;
  Timetable table = Timetable::create(arrivals);
  std::vector<std::int64_t> offsets_ns;
  for (std::size_t i = 0; i < arrivals; ++i) offsets_ns.push_back(static_cast<std::int64_t>(i));
  table.post(offsets_ns, 0, 1);
  std::vector<std::vector<std::int64_t>> taken(threads);
  {
    std::vector<std::jthread> clients;
    for (std::vector<std::int64_t>& mine : taken)
      clients.emplace_back([&] {
        while (const std::optional<std::int64_t> one = table.take(0)) mine.push_back(*one);
      });
  }
  std::vector<std::int64_t> all;
  for (const auto& mine : taken) all.insert(all.end(), mine.begin(), mine.end());
  std::ranges::sort(all);
  EXPECT_EQ(all, offsets_ns);
}

TEST(Timetable, HandsOutTicketsThatAreDueAtOnce) {
  Timetable table = Timetable::create(8);
  table.post_tickets(2);
  EXPECT_EQ(table.take(700), 700);
  EXPECT_EQ(table.exhausted_ns(), 0);
  EXPECT_EQ(table.take(800), 800);
  EXPECT_EQ(table.exhausted_ns(), 800) << "when the last one was taken";
  EXPECT_EQ(table.take(900), std::nullopt);
  table.post_tickets(1);
  EXPECT_EQ(table.take(1000), 1000);
  EXPECT_EQ(table.take(1000), std::nullopt);
}

TEST(Timetable, KnowsSinceWhenAllClientsRest) {
  Timetable table = Timetable::create(8);
  table.set_rests(2, 0);
  table.begin_rest(100);
  EXPECT_EQ(table.enough_rests(), std::nullopt);
  table.begin_rest(200);
  EXPECT_EQ(table.enough_rests(), 2U);
  EXPECT_EQ(table.held_ns(), 200);
  table.end_rest();
  EXPECT_EQ(table.enough_rests(), std::nullopt);
  table.begin_rest(300);
  EXPECT_EQ(table.held_ns(), 300);
}

// Three clients with two connections, which are bound to the same one.
TEST(Timetable, IsContentWithFewerRestsOnceAllOthersWaitBehindThem) {
  Timetable table = Timetable::create(8, 3);
  table.set_rests(2, 1);
  table.begin_rest(100);
  table.begin_wait();
  table.begin_wait();
  EXPECT_EQ(table.enough_rests(), std::nullopt) << "before the first turn each connection is used";
  table.begin_next_turn();
  table.post_tickets(1);
  EXPECT_EQ(table.enough_rests(), std::nullopt) << "there is a ticket left";
  table.end_wait();
  ASSERT_TRUE(table.take(150));
  EXPECT_EQ(table.enough_rests(), std::nullopt) << "one has a query under way";
  table.begin_wait();
  EXPECT_EQ(table.enough_rests(), 1U);
  table.end_wait();
  EXPECT_EQ(table.enough_rests(), std::nullopt) << "one is about to rest, too";
  table.begin_rest(300);
  EXPECT_EQ(table.enough_rests(), 2U);
  EXPECT_EQ(table.held_ns(), 300);
}

TEST(Timetable, CountsTurns) {
  Timetable table = Timetable::create(8);
  EXPECT_EQ(table.turn(), 0U);
  table.begin_next_turn();
  EXPECT_EQ(table.turn(), 1U);
}

TEST(Timetable, IsSharedWithWhoeverAttaches) {
  Timetable table = Timetable::create(8);
  Timetable other = Timetable::attach(dup(table.fd()));
  table.post(std::vector<std::int64_t>{7, 8}, 100, 200);
  EXPECT_EQ(other.take(100), 107);
  EXPECT_EQ(table.take(100), 108);
}

TEST(Timetable, RefusesADescriptorThatIsNoTimetable) {
  EXPECT_THROW(Timetable::attach(-1), std::runtime_error);
  EXPECT_THROW(Timetable::attach(memfd_create("empty", MFD_CLOEXEC)), std::runtime_error);
  const int zeros = memfd_create("zeros", MFD_CLOEXEC);
  ASSERT_EQ(ftruncate(zeros, 1 << 12), 0);
  EXPECT_THROW(Timetable::attach(zeros), std::runtime_error);
}

}  // namespace
}  // namespace waitbench
