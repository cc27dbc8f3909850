// What is known of a guest, and what is wrong with a file that says it badly.
#include "harness/trial/guest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/trial/guest_process.hpp"
#include "harness/workloads/delay/wire.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class GuestFile : public testing::Test {
 protected:
  GuestFile() { std::ofstream(folder_ / "mine.py") << "pass\n"; }
  ~GuestFile() override { fs::remove_all(folder_); }

  fs::path write(const std::string& text, const std::string& name = "mine") {
    const fs::path file = folder_ / (name + ".json");
    std::ofstream(file) << text;
    return file;
  }
  fs::path write(const json& fields, const std::string& name = "mine") {
    return write(fields.dump(), name);
  }
  static json fields() {
    return {{"name", "mine"},
            {"summary", "a test"},
            {"style", "callback"},
            {"engine", "select"},
            {"kind", "library"},
            {"source", "mine.py"},
            {"command", {"python3", "{source}", "{folder}"}}};
  }
  std::string complaint(const fs::path& file) {
    try {
      read_guest(file);
      return "";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  }
  std::string complaint_without(const char* field) {
    json few = fields();
    few.erase(field);
    return complaint(write(few));
  }
  std::string complaint_with(const char* field, const json& value) {
    json changed = fields();
    changed[field] = value;
    return complaint(write(changed));
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / fmt::format("guests-{}", getpid());

 private:
  const bool made_ = fs::create_directories(folder_);
};

TEST_F(GuestFile, SaysAllThatThereIsToKnow) {
  json all = fields();
  all["transports"] = {"tcp"};
  all["most_in_flight"] = 7;
  all["warm_up_queries"] = 1000;
  const Guest guest = read_guest(write(all));
  EXPECT_EQ(guest.name, "mine");
  EXPECT_EQ(guest.command,
            (std::vector<std::string>{"python3", folder_ / "mine.py", folder_.string()}));
  EXPECT_EQ(guest.transports, std::vector<Transport>{Transport::tcp});
  EXPECT_EQ(guest.most_in_flight, 7U);
  EXPECT_EQ(guest.warm_up_queries, 1000U);
}

TEST_F(GuestFile, IsRefusedWithWhatIsWrongAndWhatWouldBeRight) {
  const auto starts = [this](const std::string& complaint, const std::string& words) {
    const std::string expected = (folder_ / "mine.json").string() + ": " + words;
    EXPECT_TRUE(complaint.starts_with(expected)) << complaint;
  };
  starts(complaint(write(std::string("{"))), "no JSON");
  starts(complaint(write(json::array())), "it is no JSON object");
  for (const char* field : {"name", "summary", "style", "engine", "kind", "source", "command"})
    starts(complaint_without(field), fmt::format("the field '{}' is missing", field));
  starts(complaint_with("speed", 9), "unknown field 'speed'; there are name, ");
  starts(complaint_with("kind", "fast"),
         "the kind 'fast' is none of handwritten, library, language runtime");
  starts(complaint_with("style", 1), "the field 'style' is not a text");
  starts(complaint_with("command", "python3"), "the field 'command' is not a list of texts");
  starts(complaint_with("command", json::array()), "the field 'command' is empty");
  starts(complaint_with("transports", {"udp"}),
         "the field 'transports' has 'udp'; there are tcp and unix");
  starts(complaint_with("most_in_flight", -1),
         "the field 'most_in_flight' is not a number of 0 or more");
  starts(complaint_with("source", "nothing.py"), "there is no ");
  starts(complaint_with("name", "other"),
         "it has the name 'other', and is to be called other.json then");
}

TEST_F(GuestFile, OfANameThatAnotherHasIsRefused) {
  const std::vector<Participant> others = all_participants();
  json taken = fields();
  taken["name"] = "callback-epoll";
  write(taken, "callback-epoll");
  try {
    guests_in(folder_, others);
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("another participant is called callback-epoll"),
              std::string::npos);
  }
}

TEST_F(GuestFile, MakesAParticipantThatSaysWhereItCannotTakePart) {
  json all = fields();
  all["transports"] = {"tcp"};
  all["most_in_flight"] = 100;
  write(all);
  const std::vector<Participant> guests = guests_in(folder_, {});
  ASSERT_EQ(guests.size(), 1U);
  const Participant& guest = guests.front();
  EXPECT_EQ(guest.role, Role::guest);
  EXPECT_FALSE(guest.keeps_ledger());
  EXPECT_TRUE(guest.can_run({}));
  EXPECT_FALSE(guest.can_run({.transport = Transport::unix}));
  EXPECT_EQ(guest.can_run({.in_flight = 101}).reason, "it has at most 100 in flight");
  EXPECT_FALSE(guest.can_run({.work_us = 1}));
  EXPECT_FALSE(guest.can_run({.connections = Connections::fresh}));
  EXPECT_FALSE(guest.can_run({.idle = 1}));
  EXPECT_FALSE(guest.can_run({.depth = 2}));
  EXPECT_FALSE(guest.can_run({.rate_qps = 1000}));
}

TEST_F(GuestFile, OfAProgramThatIsNotInstalledHasTheReason) {
  json absent = fields();
  absent["command"] = {"no-such-program"};
  absent["packages"] = {"the-package"};
  write(absent);
  EXPECT_EQ(guests_in(folder_, {}).front().eligible().reason,
            "no-such-program is not installed (Debian: the-package)");
}

TEST_F(GuestFile, OfWhichAPartIsNotInstalledHasTheReason) {
  json absent = fields();
  absent["version"] = {"false"};
  absent["packages"] = {"the-package"};
  write(absent);
  EXPECT_EQ(guests_in(folder_, {}).front().eligible().reason,
            "select is not installed (Debian: the-package)");
}

TEST_F(GuestFile, IsIdentifiedByKindVersionAndSource) {
  json all = fields();
  all["version"] = {"echo", "1.2.3"};
  all["over"] = "callback-select";
  write(all);
  const json identity = identity_of(*guests_in(folder_, {}).front().guest);
  EXPECT_EQ(identity["kind"], "library");
  EXPECT_EQ(identity["version"], "1.2.3");
  EXPECT_EQ(identity["over"], "callback-select");
  EXPECT_EQ(identity["sha256"].get<std::string>().size(), 64U);
}

TEST(Guests, ThatWaitbenchComesWithAreDescribedWell) {
  const std::vector<Participant> others = all_participants();
  const std::vector<Participant> guests = guests_in(WAITBENCH_SHIPPED_GUESTS, others);
  EXPECT_GT(guests.size(), 20U);
  for (const Participant& guest : guests) {
    const std::string& over = guest.guest->over;
    EXPECT_TRUE(over.empty() || find_participant(others, over) != nullptr ||
                find_participant(guests, over) != nullptr)
        << guest.name << " is to be compared with " << over;
    EXPECT_FALSE(guest.guest->version_command.empty()) << guest.name;
  }
}

TEST(GuestOrder, IsTheOneWordOfTheContract) {
  TrialOrder order;
  order.cell = {.in_flight = 5, .reply_bytes = 24};
  order.endpoint = "127.0.0.1:4106";
  const json over_tcp = json::parse(guest_order(order));
  EXPECT_EQ(over_tcp["host"], "127.0.0.1");
  EXPECT_EQ(over_tcp["port"], 4106);
  EXPECT_EQ(over_tcp["connections"], 5);
  EXPECT_EQ(over_tcp["reply_bytes"], sizeof(wire::ReplyHeader) + 24);
  EXPECT_EQ(over_tcp["request"].get<std::string>().substr(0, 8), "57515131");
  EXPECT_EQ(over_tcp["request"].get<std::string>().size(), 2 * sizeof(wire::Request));
  order.endpoint = "@name";
  const json over_unix = json::parse(guest_order(order));
  EXPECT_EQ(over_unix["unix"], "name");
  EXPECT_FALSE(over_unix.contains("host"));
}

}  // namespace
}  // namespace waitbench
