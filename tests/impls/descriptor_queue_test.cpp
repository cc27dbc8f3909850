// A queue on which a descriptor lies beside each message.
#include "impls/lib/descriptor_queue.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "impls/lib/children.hpp"
#include "impls/lib/pipe.hpp"

namespace waitbench {
namespace {

struct Order {
  std::uint32_t number;
};
using Queue = DescriptorQueue<Order>;

// A pipe whose end to write into is on the queue only.
Descriptor put_with_pipe(const Queue::PutEnd& end, std::uint32_t number) {
  Pipe pipe = make_pipe();
  EXPECT_TRUE(end.put({number}, pipe.writes.get()));
  return std::move(pipe.reads);
}

TEST(DescriptorQueue, BringsEachMessageWithItsOwnDescriptorInOrder) {
  Queue::Ends queue = Queue::make();
  const Descriptor first = put_with_pipe(queue.put_end, 1);
  const Descriptor second = put_with_pipe(queue.put_end, 2);
  for (const std::uint32_t number : {1U, 2U}) {
    const auto item = queue.take_end.take();
    ASSERT_TRUE(item);
    EXPECT_EQ(item->message.number, number);
    EXPECT_TRUE(write_message(item->descriptor.get(), number * 10));
  }
  EXPECT_EQ(read_message<std::uint32_t>(second.get()), 20U);
  EXPECT_EQ(read_message<std::uint32_t>(first.get()), 10U);
}

TEST(DescriptorQueue, ClosesWhatItBroughtWithTheItem) {
  Queue::Ends queue = Queue::make();
  const Descriptor reads = put_with_pipe(queue.put_end, 1);
  { const auto item = queue.take_end.take(); }
  EXPECT_EQ(read_message<std::uint32_t>(reads.get()), std::nullopt) << "the end of the pipe";
}

TEST(DescriptorQueue, ClosesWhatNobodyHasTaken) {
  Descriptor reads;
  {
    Queue::Ends queue = Queue::make();
    reads = put_with_pipe(queue.put_end, 1);
  }
  EXPECT_EQ(read_message<std::uint32_t>(reads.get()), std::nullopt) << "the end of the pipe";
}

TEST(DescriptorQueue, SaysWhetherThereIsNothingYetOrNothingAnyMore) {
  Queue::Ends queue = Queue::make();
  const auto before = queue.take_end.try_take();
  EXPECT_FALSE(before.item || before.has_ended);
  const Descriptor reads = put_with_pipe(queue.put_end, 1);
  queue.put_end.close();
  EXPECT_TRUE(queue.take_end.try_take().item) << "what was put before stays";
  EXPECT_TRUE(queue.take_end.try_take().has_ended);
  EXPECT_FALSE(queue.take_end.take());
}

TEST(DescriptorQueue, RefusesWhatNobodyCouldTake) {
  Queue::Ends queue = Queue::make();
  queue.take_end.close();
  const Pipe pipe = make_pipe();
  EXPECT_FALSE(queue.put_end.put({1}, pipe.writes.get()));
}

// More than the queue holds, so some have to wait until others are taken.
TEST(DescriptorQueue, GivesEachMessageOfManyProcessesToOneOfManyThreads) {
  constexpr std::uint32_t processes = 4, each = 500;
  Queue::Ends queue = Queue::make();
  Children children;
  for (std::uint32_t i = 0; i < processes; ++i)
    children.start([&] {
      queue.take_end.close();
      for (std::uint32_t j = 0; j < each; ++j) {
        const Pipe pipe = make_pipe();
        if (!queue.put_end.put({i * each + j}, pipe.writes.get()))
          throw std::runtime_error("no end");
      }
    });
  queue.put_end.close();
  std::mutex mutex;
  std::multiset<std::uint32_t> taken;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i)
      threads.emplace_back([&] {
        while (const auto item = queue.take_end.take()) {
          const std::lock_guard lock(mutex);
          taken.insert(item->message.number);
        }
      });
  }
  children.wait_for_all();
  EXPECT_EQ(taken.size(), processes * each);
  EXPECT_EQ(std::set(taken.begin(), taken.end()).size(), processes * each);
}

// The lowest number that is free is the first that the limit forbids.
TEST(DescriptorQueue, SaysThatThereIsNoRoomForADescriptor) {
  Queue::Ends queue = Queue::make();
  const Descriptor reads = put_with_pipe(queue.put_end, 1);
  rlimit usual;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int next = dup(reads.get());
  close(next);
  const rlimit tight = {.rlim_cur = static_cast<rlim_t>(next), .rlim_max = usual.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  std::string complaint;
  try {
    queue.take_end.take();
  } catch (const std::system_error& error) {
    complaint = error.what();
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_EQ(complaint, "cannot take a descriptor: Too many open files");
}

}  // namespace
}  // namespace waitbench
