// The gate client: whether a backend answers at all, and times of a clock that is not ours.
#include "harness/backend/gate_client.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/launch.hpp"
#include "impls/lib/clock.hpp"
#include "tests/harness/backend_client.hpp"

namespace waitbench {
namespace {

std::string complaint(const std::string& endpoint, std::int64_t deadline_ns) {
  try {
    workload_of_backend(endpoint, deadline_ns);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

TEST(WorkloadOfBackend, IsWhatTheBackendReportsOverEitherTransport) {
  backend::RunningServer server;
  const std::int64_t soon_ns = now_ns() + 10 * ns_per_s;
  EXPECT_EQ(workload_of_backend(backend::to_text(server.unix()), soon_ns), "delay");
  EXPECT_EQ(workload_of_backend(backend::to_text(server.tcp()), soon_ns), "delay");
}

TEST(WorkloadOfBackend, IsUnknownWhereNobodyListensAndTheReasonSaysHowToStartOne) {
  const std::string words = complaint("@waitbench-nobody", now_ns() + ns_per_s);
  EXPECT_TRUE(mentions(words, "@waitbench-nobody: cannot reach the backend: Connection refused"))
      << words;
  EXPECT_TRUE(mentions(words, "waitbench serve")) << words;
}

TEST(WorkloadOfBackend, IsUnknownWhereOneListensAndSaysNothing) {
  const backend::Listener silent(unix_address("waitbench-silent-" + std::to_string(getpid())));
  const std::string words =
      complaint(backend::to_text(silent.address()), now_ns() + 50 * ns_per_ms);
  EXPECT_TRUE(mentions(words, "no waitbench backend")) << words;
}

TEST(WorkloadOfBackend, IsUnknownWhereOneSpeaksAnotherProtocol) {
  const backend::Listener listener(unix_address("waitbench-other-" + std::to_string(getpid())));
  std::jthread other([&] {
    Descriptor peer;
    for (const std::int64_t end = now_ns() + 10 * ns_per_s; !peer && now_ns() < end;)
      peer = listener.accept();
    const std::string answer(sizeof(control::Report), 'x');
    [[maybe_unused]] const ssize_t sent = ::write(peer.get(), answer.data(), answer.size());
  });
  const std::string words =
      complaint(backend::to_text(listener.address()), now_ns() + 10 * ns_per_s);
  EXPECT_TRUE(mentions(words, "no waitbench backend")) << words;
}

TEST(Backend, IsRefusedOverATransportThatItsEndpointIsNotOf) {
  const Cell over_tcp = {.transport = Transport::tcp};
  const Cell over_unix = {.transport = Transport::unix};
  EXPECT_TRUE(eligible_backend("", over_tcp));
  EXPECT_TRUE(eligible_backend("127.0.0.1:80", over_tcp));
  EXPECT_TRUE(eligible_backend("@name", over_unix));
  EXPECT_EQ(eligible_backend("127.0.0.1:80", over_unix).reason,
            "the backend at 127.0.0.1:80 is not reached over this transport");
  EXPECT_FALSE(eligible_backend("@name", over_tcp));
}

TEST(Backend, IsRefusedElsewhereWhereQueriesAreCancelled) {
  const Cell cell = {.transport = Transport::tcp, .deadline_us = 1000};
  for (const char* endpoint : {"", "127.0.0.1:80", "127.1.2.3:80", "[::1]:80"})
    EXPECT_TRUE(eligible_backend(endpoint, cell)) << endpoint;
  EXPECT_TRUE(eligible_backend("@name", {.transport = Transport::unix, .deadline_us = 1000}));
  for (const char* endpoint : {"192.0.2.1:80", "[2001:db8::1]:80"}) {
    EXPECT_EQ(eligible_backend(endpoint, cell).reason,
              "a query may reach the backend at " + std::string(endpoint) +
                  " before the end of the connection of the one that was cancelled");
    EXPECT_TRUE(eligible_backend(endpoint, {.transport = Transport::tcp}));
  }
}

constexpr control::Report turn = {.opened_ns = 1000, .exhausted_ns = 1500, .held_ns = 1800};

TEST(Times, OfABackendWithOurClockStayAsTheyAre) {
  const control::Report same = in_our_time(turn, 990, 1810);
  EXPECT_EQ(same.opened_ns, 1000);
  EXPECT_EQ(same.held_ns, 1800);
}

TEST(Times, OfAnotherMachinesClockCountFromOurOrderToOpen) {
  for (const std::int64_t asked_ns : {std::int64_t{70'000}, std::int64_t{5}}) {
    const control::Report ours = in_our_time(turn, asked_ns, asked_ns + 900);
    EXPECT_EQ(ours.opened_ns, asked_ns);
    EXPECT_EQ(ours.exhausted_ns, asked_ns + 500);
    EXPECT_EQ(ours.held_ns, asked_ns + 800);
  }
}

TEST(Times, ThatAreNotYetStayUnknown) {
  control::Report unopened;
  unopened.held_ns = 5;
  EXPECT_EQ(in_our_time(unopened, 1000, 2000).opened_ns, 0);
  control::Report unexhausted = turn;
  unexhausted.exhausted_ns = 0;
  EXPECT_EQ(in_our_time(unexhausted, 70'000, 70'900).exhausted_ns, 0);
}

}  // namespace
}  // namespace waitbench
