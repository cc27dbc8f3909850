// What a run asks a backend elsewhere before it measures, and what it believes of the answer.
#include "harness/backend/about.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/gate_client.hpp"
#include "harness/machine/build_info.hpp"
#include "impls/lib/clock.hpp"
#include "tests/harness/backend_client.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

// A backend that describes itself so.
struct Described {
  explicit Described(const std::string& words) : server({.describe = [words] { return words; }}) {}

  json about() const {
    return describe_backend(backend::to_text(server.tcp()), now_ns() + 10 * ns_per_s);
  }

  backend::RunningServer server;
};

std::string our_version() {
  return describe_source()["version"].get<std::string>();
}

TEST(AboutBackend, HasTheRoundTripOfOrdersInOrder) {
  const json trip = Described("{}").about()["round_trip_us"];
  EXPECT_GT(trip["least"].get<double>(), 0);
  EXPECT_LE(trip["least"], trip["median"]);
  EXPECT_LE(trip["median"], trip["most"]);
  EXPECT_GE(trip["count"].get<int>(), 5);
}

TEST(AboutBackend, HasWhatTheBackendSaysOfItself) {
  const json finding = {
      {"check", "quota"}, {"level", "unfit"}, {"found", "half a CPU"}, {"advice", nullptr}};
  const json about = Described(json({{"version", our_version()},
                                     {"commit", "abc"},
                                     {"cpus", {2, 3}},
                                     {"host", {{"cpu_model", "fast"}, {"secret", "x"}}},
                                     {"doctor", {finding}}})
                                   .dump())
                         .about();
  EXPECT_EQ(about["commit"], "abc");
  EXPECT_EQ(about["cpus"], json({2, 3}));
  EXPECT_EQ(about["host"]["cpu_model"], "fast");
  EXPECT_FALSE(about["host"].contains("secret"));
  EXPECT_EQ(about["doctor"], json({finding}));
}

TEST(AboutBackend, TakesNothingThatIsNotOfItsForm) {
  for (const char* words :
       {"", "no JSON", "[]", "7", "{\"host\": 3, \"doctor\": \"well\", \"cpus\": {}}",
        "{\"host\": {\"kernel\": [1]}, \"doctor\": [{\"check\": 1}], \"cpus\": [-1], \"commit\": "
        "2}",
        "{\"doctor\": [{\"check\": \"a\", \"level\": \"fine\", \"found\": \"b\", \"advice\": "
        "null}]}",
        "{\"version\": \xff}"}) {
    const json about = Described(words).about();
    EXPECT_TRUE(about["commit"].is_null()) << words;
    EXPECT_TRUE(about["cpus"].is_null()) << words;
    EXPECT_TRUE(about["host"]["kernel"].is_null()) << words;
    EXPECT_EQ(about["doctor"], json::array()) << words;
    EXPECT_EQ(about["shares_clock"], false) << words;
  }
}

TEST(AboutBackend, OfAnotherReleaseIsRefused) {
  const Described other("{\"version\": \"0.0.1\"}");
  try {
    other.about();
    FAIL();
  } catch (const std::invalid_argument& error) {
    const std::string words = error.what();
    EXPECT_NE(words.find("it is waitbench 0.0.1, and this is " + our_version()), words.npos);
    EXPECT_NE(words.find("the same release on both sides"), words.npos);
  }
}

TEST(AboutBackend, SharesOurClockWhereItReadsIt) {
  backend::RunningServer server({.describe = [] { return json({{"clock_ns", now_ns()}}).dump(); }});
  const std::string endpoint = backend::to_text(server.tcp());
  EXPECT_EQ(describe_backend(endpoint, now_ns() + 10 * ns_per_s)["shares_clock"], true);
}

TEST(AboutBackend, DoesNotShareItWhereItReadsAnother) {
  backend::RunningServer server({.describe = [] {
    return json({{"clock_ns", now_ns() + 3600 * ns_per_s}}).dump();
  }});
  const std::string endpoint = backend::to_text(server.tcp());
  EXPECT_EQ(describe_backend(endpoint, now_ns() + 10 * ns_per_s)["shares_clock"], false);
}

TEST(Description, ArrivesWholeAndIsCutWhereItIsTooLong) {
  for (const std::size_t length : {std::size_t{1}, std::size_t{143}, std::size_t{144},
                                   std::size_t{145}, std::size_t{5000}, std::size_t{100'000}}) {
    const std::string words(length, 'w');
    const Described backend(words);
    GateClient client(backend.server.tcp());
    const std::string expected = words.substr(0, control::longest_description);
    EXPECT_EQ(client.describe(), expected);
    EXPECT_EQ(client.describe(), expected) << "it can be asked again";
  }
}

TEST(Description, ThatFailsLeavesTheBackendServing) {
  backend::RunningServer server(
      {.describe = []() -> std::string { throw std::runtime_error("no /proc"); }});
  GateClient client(server.tcp());
  EXPECT_EQ(client.describe(), "");
  EXPECT_EQ(client.statistics(0).dropped, 0U);
}

}  // namespace
}  // namespace waitbench
