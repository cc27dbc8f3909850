// What the server does with peers that misbehave, vanish, or are too many.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "impls/lib/clock.hpp"
#include "tests/harness/backend_client.hpp"

namespace waitbench::backend {
namespace {

constexpr std::uint64_t minute_ns = 60'000'000'000;

class LimitsTest : public testing::TestWithParam<bool> {
 protected:
  Address address() const { return GetParam() ? server_.tcp() : server_.unix(); }
  Client connect() const { return Client(address()); }

  template <class Frame>
  void expect_dropped(const Frame& frame) {
    Client witness = connect();
    const std::uint64_t before = controller_.statistics().dropped;
    Client offender = connect();
    offender.send_bytes(std::as_bytes(std::span(&frame, 1)));
    EXPECT_TRUE(offender.is_closed_by_server());
    EXPECT_EQ(controller_.statistics().dropped, before + 1);
    EXPECT_TRUE(witness.ask({.id = 1}).answers(1, 0));
  }

  RunningServer server_{{.stall_ns = 50 * ns_per_ms}};
  Controller controller_{address()};
};

INSTANTIATE_TEST_SUITE_P(Over, LimitsTest, testing::Bool(),
                         [](const auto& over) { return over.param ? "Tcp" : "Unix"; });

TEST_P(LimitsTest, DropsAPeerThatSpeaksSomethingElse) {
  expect_dropped(wire::Request{.magic = 0x20544547});  // "GET "
}

TEST_P(LimitsTest, DropsAPeerThatAsksForWhatThereIsNot) {
  expect_dropped(wire::Request{.kind = static_cast<wire::RequestKind>(99)});
}

TEST_P(LimitsTest, DropsAPeerThatAsksForTooMuch) {
  expect_dropped(wire::Request{.payload_bytes = wire::max_payload_bytes + 1});
}

TEST_P(LimitsTest, DropsAPeerThatAsksForTooLongADelay) {
  expect_dropped(wire::Request{.delay_ns = wire::max_delay_ns + 1});
}

TEST_P(LimitsTest, DropsAPeerThatWatchesTheTrialOfEverybody) {
  expect_dropped(control::Order{.kind = control::OrderKind::watch, .trial = 0, .in_flight = 1});
}

TEST_P(LimitsTest, DropsAPeerThatGivesAnOrderThatThereIsNot) {
  expect_dropped(control::Order{.kind = static_cast<control::OrderKind>(99), .trial = 1});
  expect_dropped(control::Order{.kind = control::OrderKind::watch, .trial = 1U << 16});
}

TEST_P(LimitsTest, DropsAPeerThatMixesOrdersAndQueries) {
  const struct {
    control::Order order{.sequence = 1, .trial = 1};
    wire::Request query;
    std::array<std::byte, 16> rest{};
  } mixed;
  expect_dropped(mixed);
}

TEST_P(LimitsTest, DropsAPeerOfAnotherVersionAndSaysWhichItSpeaks) {
  Controller stranger(address());
  const control::Order order{.version = control::version + 1, .sequence = 1};
  stranger.send_bytes(std::as_bytes(std::span(&order, 1)).first(8));
  const control::Report refusal = stranger.read_report();
  EXPECT_EQ(refusal.kind, control::ReportKind::refused);
  EXPECT_EQ(refusal.version, control::version);
  EXPECT_TRUE(stranger.is_closed_by_server());
}

TEST_P(LimitsTest, DropsAPeerThatMixesTrialsOnOneConnection) {
  Client client = connect();
  client.send({.trial = 1, .delay_ns = minute_ns});
  client.send({.trial = 2});
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_P(LimitsTest, LetsAConnectionChangeItsTrialBetweenQueries) {
  Client client = connect();
  EXPECT_TRUE(client.ask({.trial = 1, .id = 1}).answers(1, 0));
  EXPECT_TRUE(client.ask({.trial = 2, .id = 2}).answers(2, 0));
}

TEST_P(LimitsTest, DropsAPeerThatIsOwedMoreThanAThousandAnswers) {
  Client client = connect();
  const std::vector<wire::Request> requests(1'025, {.delay_ns = minute_ns});
  client.send_bytes(std::as_bytes(std::span(requests)));
  EXPECT_TRUE(client.is_closed_by_server());
  EXPECT_TRUE(statistics_become(controller_, 0, [](const auto& r) { return r.in_flight == 0; }));
  EXPECT_EQ(controller_.statistics().lost, 1'024U);
}

TEST_P(LimitsTest, DropsAPeerThatDoesNotReadItsReply) {
  Client sleeper = connect();
  sleeper.send({.id = 1, .payload_bytes = wire::max_payload_bytes});
  Client witness = connect();
  EXPECT_TRUE(statistics_become(controller_, 0, [](const auto& r) { return r.dropped == 1; }));
  EXPECT_TRUE(witness.ask({.id = 2}).answers(2, 0));
}

TEST_P(LimitsTest, KeepsAPeerThatWaitsLongerThanASlowReaderMay) {
  Client client = connect();
  EXPECT_TRUE(client.ask({.id = 1, .delay_ns = 150'000'000}).answers(1, 0));
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(
      std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator()));
}

TEST_P(LimitsTest, SurvivesAThousandConnectionsThatVanish) {
  Client witness = connect();
  controller_.statistics();
  witness.ask({.id = 1});
  const std::size_t before = open_descriptors();
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<Client> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(connect());
    for (Client& client : clients) client.send({.delay_ns = minute_ns});
    const auto all_asked = [](const control::Report& r) { return r.in_flight == 100; };
    ASSERT_TRUE(statistics_become(controller_, 0, all_asked));
    for (Client& client : clients) client.vanish();
    const auto none_left = [](const control::Report& r) { return r.in_flight == 0; };
    ASSERT_TRUE(statistics_become(controller_, 0, none_left));
  }
  EXPECT_EQ(controller_.statistics().lost, 1'000U);
  EXPECT_EQ(controller_.statistics().dropped, 0U);
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_TRUE(witness.ask({.id = 1}).answers(1, 0));
}

std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// They may come and go faster than their replies fall due.
TEST_P(LimitsTest, ForgetsTheRepliesToClosedConnections) {
  constexpr std::size_t visitors = 120, queries = 1000;
  const std::vector<wire::Request> late(queries, {.delay_ns = minute_ns});
  const auto visit = [&] {
    Client visitor = connect();
    visitor.send_bytes(std::as_bytes(std::span(late)));
    ASSERT_TRUE(statistics_become(
        controller_, 0, [](const control::Report& report) { return report.in_flight == queries; }));
    visitor.vanish();
    ASSERT_TRUE(statistics_become(
        controller_, 0, [](const control::Report& report) { return report.in_flight == 0; }));
  };
  visit();
  const std::size_t before = allocated_bytes();
  for (std::size_t i = 0; i < visitors && !HasFatalFailure(); ++i) visit();
  EXPECT_LT(allocated_bytes(), before + visitors * queries * 8) << "a query takes 64 bytes";
}

// A server in a process of its own, which may open only so many descriptors.
class CrampedServer {
 public:
  explicit CrampedServer(rlim_t descriptors)
      : name_("waitbench-cramped-" + std::to_string(getpid())) {
    std::array<int, 2> ready{};
    std::array<int, 2> errors{};
    if (pipe2(ready.data(), O_CLOEXEC) != 0 || pipe2(errors.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ == 0) serve(descriptors, ready[1], errors[1]);
    ::close(ready[1]);
    ::close(errors[1]);
    errors_.reset(errors[0]);
    const Descriptor is_ready(ready[0]);
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) throw std::runtime_error("the server did not start");
  }
  ~CrampedServer() { kill_and_read_errors(); }

  Address unix() const { return unix_address(name_); }
  bool falls_asleep() const {
    return backend::falls_asleep("/proc/" + std::to_string(process_) + "/stat");
  }

  std::string kill_and_read_errors() {
    if (process_ <= 0) return "";
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
    std::array<char, 4'096> text;
    const ssize_t read = ::read(errors_.get(), text.data(), text.size());
    return std::string(text.data(), read > 0 ? static_cast<std::size_t>(read) : 0);
  }

 private:
  [[noreturn]] void serve(rlim_t descriptors, int ready, int errors) {
    dup2(errors, STDERR_FILENO);
    Server server(delay_protocol, {.unix_name = name_});
    const rlimit limit = {.rlim_cur = descriptors, .rlim_max = descriptors};
    setrlimit(RLIMIT_NOFILE, &limit);
    [[maybe_unused]] const ssize_t written = ::write(ready, "r", 1);
    server.run();
    _exit(0);
  }

  std::string name_;
  pid_t process_ = 0;
  Descriptor errors_;
};

TEST(DescriptorLimit, MakesNewConnectionsWaitUntilOthersAreClosed) {
  CrampedServer server(open_descriptors() + 20);
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint64_t id = 0; id < 60; ++id) {
    clients.push_back(std::make_unique<Client>(server.unix()));
    clients.back()->send({.id = id});
  }
  ASSERT_TRUE(clients.front()->read_reply().answers(0, 0));
  EXPECT_TRUE(server.falls_asleep()) << "it must not go on trying";
  EXPECT_TRUE(clients.back()->has_received_nothing());
  for (std::uint64_t id = 1; id < 60; ++id) {  // one leaves, and the next gets its place
    clients[id - 1].reset();
    ASSERT_TRUE(clients[id]->read_reply().answers(id, 0)) << id;
  }
  const std::string said = server.kill_and_read_errors();
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_NE(said.find("Too many open files"), std::string::npos) << said;
}

}  // namespace
}  // namespace waitbench::backend
