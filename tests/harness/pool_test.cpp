// Pools of connections: who gets which one, and that nobody shares one at the same time.
#include "harness/workloads/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

namespace waitbench {
namespace {

struct Client : Waiter {
  explicit Client(Pool& pool) : lease(pool) {}

  // Whether it has a connection at once.
  bool asks() { return lease.acquire(*this); }

  Lease lease;
};

class PoolOf : public testing::Test {
 protected:
  PoolOf(std::size_t connections, Dispatch dispatch)
      : pool_(connections, dispatch, seed, &run_queue_) {
    for (std::size_t i = 0; i < 12; ++i) clients_.emplace_back(pool_);
  }

  // Who may go on now.
  std::vector<Client*> woken() {
    std::vector<Client*> all;
    run_queue_.run_turn([&](Waiter& waiter) { all.push_back(static_cast<Client*>(&waiter)); });
    return all;
  }

  static constexpr std::uint64_t seed = 1;
  RunQueue run_queue_;
  Pool pool_;
  std::deque<Client> clients_;
};

struct LeastLoaded : PoolOf {
  LeastLoaded() : PoolOf(2, Dispatch::least_loaded) {}
};

TEST_F(LeastLoaded, BindsToTheConnectionWithTheFewestClients) {
  EXPECT_TRUE(clients_[0].asks());
  EXPECT_EQ(clients_[0].lease.connection(), 0U) << "of equals the first";
  EXPECT_TRUE(clients_[1].asks());
  EXPECT_EQ(clients_[1].lease.connection(), 1U);
  for (const std::size_t i : {2, 3, 4, 5}) {
    EXPECT_FALSE(clients_[i].asks());
    EXPECT_EQ(clients_[i].lease.connection(), i % 2);
  }
}

TEST_F(LeastLoaded, KeepsAClientWaitingForItsConnectionWhileAnotherIsIdle) {
  for (const std::size_t i : {0, 1, 2}) clients_[i].asks();  // 2 is bound to connection 0
  clients_[1].lease.release();
  EXPECT_EQ(woken(), std::vector<Client*>()) << "connection 1 is idle, and that does not help";
  clients_[0].lease.release();
  EXPECT_EQ(woken(), std::vector<Client*>{&clients_[2]});
}

struct FirstFree : PoolOf {
  FirstFree() : PoolOf(2, Dispatch::first_free) {}
};

TEST_F(FirstFree, GivesWhateverIsIdleToTheFirstInLine) {
  for (const std::size_t i : {0, 1}) EXPECT_TRUE(clients_[i].asks());
  EXPECT_EQ(clients_[0].lease.connection(), 0U);
  EXPECT_EQ(clients_[1].lease.connection(), 1U);
  for (const std::size_t i : {2, 3}) EXPECT_FALSE(clients_[i].asks());
  clients_[1].lease.release();
  EXPECT_FALSE(clients_[4].asks()) << "it belongs to one who waits";
  EXPECT_EQ(woken(), std::vector<Client*>{&clients_[2]});
  EXPECT_EQ(clients_[2].lease.connection(), 1U);
}

TEST_F(FirstFree, GivesTheOneThatHasBeenIdleForLongest) {
  for (const std::size_t i : {0, 1}) {
    clients_[i].asks();
    clients_[i].lease.connection();
  }
  clients_[1].lease.release();
  clients_[0].lease.release();
  clients_[2].asks();
  EXPECT_EQ(clients_[2].lease.connection(), 1U);
}

struct AtRandom : PoolOf {
  AtRandom() : PoolOf(3, Dispatch::random) {}

  std::vector<std::size_t> bindings() {
    std::vector<std::size_t> all;
    for (Client& client : clients_) {
      client.asks();
      all.push_back(client.lease.connection());
    }
    return all;
  }
};

TEST_F(AtRandom, BindsByTheSeedOnceEachConnectionHasHadAQuery) {
  const std::vector<std::size_t> ours = bindings();
  Pool again(3, Dispatch::random, seed, &run_queue_), other(3, Dispatch::random, 2, &run_queue_);
  std::vector<std::size_t> same, others;
  std::deque<Client> clients;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    for (Pool* pool : {&again, &other}) {
      Client& client = clients.emplace_back(*pool);
      client.asks();
      (pool == &again ? same : others).push_back(client.lease.connection());
    }
  }
  EXPECT_EQ(std::vector<std::size_t>(ours.begin(), ours.begin() + 3),
            (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(ours, same);
  EXPECT_NE(ours, others);
}

class PoolBetween : public testing::TestWithParam<Dispatch> {};

TEST_P(PoolBetween, ThreadsNeverHasTwoOfThemOnOneConnection) {
  constexpr std::size_t connections = 3, threads = 8;
  constexpr int times = 2000;
  Pool pool(connections, GetParam(), 1, nullptr);
  std::atomic<int> users[connections] = {};
  std::atomic<int> all_users = 0, mistakes = 0;
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < threads; ++i)
      running.emplace_back([&] {
        Client client(pool);
        for (int time = 0; time < times; ++time) {
          if (!client.asks()) ++mistakes;
          std::atomic<int>& others = users[client.lease.connection()];
          if (++others != 1 || ++all_users > static_cast<int>(connections)) ++mistakes;
          if (time % 16 == 0) std::this_thread::yield();
          --all_users;
          --others;
          client.lease.release();
        }
      });
  }
  EXPECT_EQ(mistakes, 0);
}

TEST_P(PoolBetween, TasksNeverHasTwoOfThemOnOneConnectionNorLosesOne) {
  constexpr std::size_t connections = 3;
  RunQueue run_queue;
  Pool pool(connections, GetParam(), 7, &run_queue);
  std::deque<Client> clients;
  std::vector<Client*> users(connections);
  std::vector<int> turns(9);
  for (std::size_t i = 0; i < turns.size(); ++i) clients.emplace_back(pool);
  const auto enter = [&](Client& client) {
    Client*& user = users.at(client.lease.connection());
    EXPECT_EQ(user, nullptr);
    user = &client;
  };
  for (Client& client : clients)
    if (client.asks()) enter(client);
  Random random(3);
  for (int step = 0; step < 3000; ++step) {
    Client*& user = users[random.next() % connections];
    if (user == nullptr) continue;
    Client& leaving = *std::exchange(user, nullptr);
    leaving.lease.release();
    run_queue.run_turn([&](Waiter& waiter) { enter(static_cast<Client&>(waiter)); });
    ++turns[static_cast<std::size_t>(
        std::ranges::find_if(clients, [&](Client& c) { return &c == &leaving; }) -
        clients.begin())];
    if (leaving.asks()) enter(leaving);
  }
  for (const int of_one : turns) EXPECT_GT(of_one, 50) << "nobody is forgotten";
}

INSTANTIATE_TEST_SUITE_P(
    Clients, PoolBetween,
    testing::Values(Dispatch::least_loaded, Dispatch::first_free, Dispatch::random),
    [](const auto& info) {
      return std::string(dispatch_names[static_cast<int>(info.param)].name).substr(0, 5);
    });

}  // namespace
}  // namespace waitbench
