// A connection that many clients share by pipelining: what is sent before anything is answered,
// whose answer is whose, and that nothing is sent behind a rest.
#include "harness/workloads/postgres/pipelined_wire.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace waitbench {
namespace {

constexpr std::size_t depth = 3;

std::string number(std::size_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t left = bytes; left > 0; --left)
    text += static_cast<char>(value >> (8 * (left - 1)));
  return text;
}
std::string message(char type, const std::string& body) {
  return type + number(body.size() + 4, 4) + body;
}
std::string greeting() {
  return message('R', number(0, 4)) + message('Z', "I") + message('1', "") + message('1', "");
}
std::string answer(const std::string& note) {
  return message('2', "") + message('D', number(1, 2) + number(note.size(), 4) + note) +
         message('C', std::string("SELECT 1\0", 9)) + message('Z', "I");
}
std::string note_of(std::uint64_t row) {
  std::string note;
  for (int i = 0; i < 6; ++i) note += fmt::format("{:010}", row * 2'654'435'761 % (1ULL << 32));
  return note;
}

// The conversation, and a server that a test plays.
class PipelinedWire : public testing::Test {
 protected:
  PipelinedWire() {
    timetable_.set_rests(1, 0);
    config_.timetable = &timetable_;
    EXPECT_EQ(next_.kind, StepKind::begin);
    resume(0);
    EXPECT_EQ(next_.kind, StepKind::connect);
  }

  void resume(Outcome outcome) { next_ = conversation_.resume(outcome); }

  void begin_turn(std::uint64_t tickets) {
    timetable_.begin_next_turn();
    timetable_.post_tickets(tickets);
  }

  // What is sent until the conversation listens.
  std::string sent() {
    std::string bytes;
    while (next_.kind == StepKind::write) {
      bytes.append(reinterpret_cast<const char*>(next_.data()), next_.size);
      resume(static_cast<Outcome>(next_.size));
    }
    return bytes;
  }

  // The answers to what is asked in `bytes`, in its order; to rest is answered with an empty field.
  static std::vector<std::string> answers_to(const std::string& bytes) {
    std::vector<std::string> answers;
    const std::string note("\0note\0", 6), rest("\0rest\0", 6);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      if (bytes[at] != 'B' || at + 5 + 6 > bytes.size()) continue;
      if (bytes.compare(at + 5, 6, rest) == 0) answers.push_back(answer(""));
      if (bytes.compare(at + 5, 6, note) != 0) continue;
      const std::size_t length_at = at + 5 + 6 + 4;
      const auto length = static_cast<std::size_t>(bytes[length_at + 3]);
      answers.push_back(answer(note_of(std::stoull(bytes.substr(length_at + 4, length)))));
    }
    return answers;
  }

  void deliver(std::string_view bytes) {
    while (!bytes.empty() && next_.kind == StepKind::read) {
      const std::size_t size = std::min<std::size_t>(next_.size, bytes.size());
      std::memcpy(next_.data(), bytes.data(), size);
      bytes.remove_prefix(size);
      resume(static_cast<Outcome>(size));
    }
  }

  std::size_t answered() const {
    std::size_t answered = 0;
    for (std::uint64_t id = 1; id < ledger_.next_id(); ++id) answered += ledger_.record(id).answers;
    return answered;
  }

  // Lets it rest, and then sends what a turn of so many queries begins with.
  std::vector<std::string> open_turn(std::uint64_t tickets) {
    resume(0);
    const std::vector<std::string> rest = answers_to(sent());
    EXPECT_EQ(rest.size(), 1U) << "nothing is sent behind a rest";
    begin_turn(tickets);
    deliver(greeting() + rest.at(0));
    return answers_to(sent());
  }

  ClientConfig config_{
      .cell = {.workload = "postgres", .in_flight = depth, .delay_us = 0, .pipeline = depth},
      .trial = 7,
      .check_every_byte = true};
  const WireStatements statements_{
      .user = "me", .database = "db", .session_name = "s", .note = "SELECT $1"};
  const Address address_{};
  Timetable timetable_ = Timetable::create(64);
  Ledger ledger_ = Ledger::create(64);
  PipelinedWireConversation conversation_{config_, ledger_, 0, address_, statements_};
  Step next_ = conversation_.resume(0);
};

TEST_F(PipelinedWire, SendsAsManyQueriesAsItsPipelineTakesBeforeItIsAnswered) {
  EXPECT_EQ(open_turn(10).size(), depth);
  EXPECT_EQ(next_.kind, StepKind::read);
  EXPECT_EQ(answered(), 1U) << "the rest";
}

TEST_F(PipelinedWire, SendsOneForEachAnswerAndLastARest) {
  std::vector<std::string> due = open_turn(5);
  deliver(due[0]);
  EXPECT_EQ(answers_to(sent()).size(), 1U);
  deliver(due[1] + due[2]);
  std::vector<std::string> last = answers_to(sent());
  ASSERT_EQ(last.size(), 2U) << "the last query, and a rest";
  EXPECT_EQ(last[1], answer(""));
  EXPECT_EQ(next_.kind, StepKind::read);
  EXPECT_EQ(ledger_.failure(), "");
}

// Each answer may be followed by a query before the next has come.
TEST_F(PipelinedWire, TakesAnswersInPiecesOfAnySize) {
  std::vector<std::string> due = open_turn(40);
  for (const std::size_t piece : {1U, 3U, 64U, 1000U}) {
    std::string all, asked;
    for (const std::string& one : due) all += one;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      deliver(all.substr(at, piece));
      asked += sent();
    }
    due = answers_to(asked);
    ASSERT_EQ(due.size(), depth) << ledger_.failure();
  }
  EXPECT_EQ(answered(), 1 + 4 * depth);
}

TEST_F(PipelinedWire, FindsOutThatAnswersCameInAnotherOrder) {
  const std::vector<std::string> due = open_turn(10);
  deliver(due[1] + due[0] + due[2]);
  EXPECT_NE(ledger_.failure().find("another note than that of row"), std::string::npos)
      << ledger_.failure();
  EXPECT_EQ(next_.kind, StepKind::close);
  resume(0);
  EXPECT_EQ(next_.kind, StepKind::done);
}

TEST_F(PipelinedWire, LosesTheTrialWhenTheServerHangsUpWithQueriesUnderWay) {
  deliver(open_turn(10)[0]);
  sent();
  resume(0);
  EXPECT_NE(ledger_.failure().find("the backend closed the connection"), std::string::npos)
      << ledger_.failure();
  EXPECT_EQ(next_.kind, StepKind::close);
}

TEST_F(PipelinedWire, HasNoUseForAnAnswerTooMany) {
  const std::vector<std::string> due = open_turn(10);
  deliver(due[0] + message('Z', "I"));
  EXPECT_NE(ledger_.failure().find("answered without a row"), std::string::npos);
}

TEST_F(PipelinedWire, EndsWhenItIsToStopAndAllIsAnswered) {
  resume(0);
  const std::vector<std::string> rest = answers_to(sent());
  ledger_.request_stop();
  deliver(greeting() + rest.at(0));
  EXPECT_EQ(next_.kind, StepKind::close);
  resume(0);
  EXPECT_EQ(next_.kind, StepKind::done);
  EXPECT_EQ(ledger_.failure(), "");
}

// Between the turns all of its clients have waited, also those that had no rest of their own.
TEST_F(PipelinedWire, NoQueryBeginsBeforeItsTurn) {
  std::vector<std::string> due = open_turn(3);
  deliver(due[0] + due[1] + due[2]);
  const std::vector<std::string> rest = answers_to(sent());
  ASSERT_EQ(rest.size(), 1U);
  const std::int64_t held_ns = now_ns();
  begin_turn(3);
  deliver(rest[0]);
  EXPECT_EQ(answers_to(sent()).size(), depth);
  const std::uint64_t first = ledger_.next_id() - depth;
  for (std::uint64_t id = first; id < ledger_.next_id(); ++id)
    EXPECT_GT(ledger_.record(id).start_ns, held_ns);
}

}  // namespace
}  // namespace waitbench
