// A client that speaks PostgreSQL's protocol by hand: what it sends, and what it makes of messages
// in pieces, of errors, and of answers that are none.
#include "harness/workloads/postgres/wire_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "harness/workloads/postgres/database.hpp"
#include "tests/harness/client_bench.hpp"

namespace waitbench {
namespace {

using Progress = QueryClient::Progress;

const WireStatements statements = {
    .user = "me", .database = "db", .session_name = "s", .note = "SELECT $1"};

ClientConfig kept() {
  return {.cell = {.workload = "postgres", .delay_us = 0}, .trial = 7, .check_every_byte = true};
}

std::string number(std::size_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t left = bytes; left > 0; --left)
    text += static_cast<char>(value >> (8 * (left - 1)));
  return text;
}
std::string message(char type, const std::string& body) {
  return type + number(body.size() + 4, 4) + body;
}
std::string row(const std::string& note) {
  return message('D', number(1, 2) + number(note.size(), 4) + note);
}
std::string greeting() {
  return message('R', number(0, 4)) + message('S', std::string("a\0b\0", 4)) +
         message('K', number(1, 8)) + message('Z', "I") + message('1', "") + message('1', "");
}
std::string answer(const std::string& note) {
  return message('2', "") + row(note) + message('C', std::string("SELECT 1\0", 9)) +
         message('Z', "I");
}

// The note of the row that was asked for, which stands as text behind the statement's name.
std::string note_asked_for(const std::string& asked) {
  const std::size_t bind = asked.rfind(std::string("\0note\0", 6));
  EXPECT_NE(bind, std::string::npos);
  const std::size_t length_at = bind + 6 + 4;
  const auto length = static_cast<std::size_t>(asked[length_at + 3]);
  const std::uint64_t id = std::stoull(asked.substr(length_at + 4, length));
  std::string note;
  for (int i = 0; i < 6; ++i) note += fmt::format("{:010}", id * 2'654'435'761 % (1ULL << 32));
  return note;
}

TEST(WireClient, GreetsTheServerOnce) {
  ClientBench<WireClient> bench(kept(), statements);
  const std::string first = bench.ask();
  EXPECT_EQ(first.substr(4, 4), number(3 << 16, 4));
  EXPECT_NE(first.find(std::string("user\0me\0database\0db\0application_name\0s\0\0", 40)),
            std::string::npos);
  ASSERT_EQ(bench.deliver(greeting() + answer(note_asked_for(first))), Progress::complete)
      << bench.ledger().failure();
  const std::string second = bench.ask();
  EXPECT_EQ(second[0], 'B');
  EXPECT_EQ(bench.deliver(answer(note_asked_for(second))), Progress::complete);
  EXPECT_EQ(bench.last_record().answers, 1U);
}

TEST(WireClient, GreetsAgainOnAConnectionThatIsNew) {
  ClientBench<WireClient> bench(kept(), statements);
  const std::string first = bench.ask();
  ASSERT_EQ(bench.deliver(greeting() + answer(note_asked_for(first))), Progress::complete);
  bench.connect_anew();
  const std::string again = bench.ask();
  EXPECT_EQ(again.substr(4, 4), number(3 << 16, 4));
  EXPECT_EQ(bench.deliver(greeting() + answer(note_asked_for(again))), Progress::complete)
      << bench.ledger().failure();
}

TEST(WireClient, TakesMessagesInPiecesOfAnySize) {
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 64U}) {
    ClientBench<WireClient> bench(kept(), statements);
    const std::string note = note_asked_for(bench.ask());
    EXPECT_EQ(bench.deliver(greeting() + answer(note), piece), Progress::complete)
        << bench.ledger().failure();
  }
}

TEST(WireClient, IsNotContentBeforeTheServerIsReady) {
  ClientBench<WireClient> bench(kept(), statements);
  const std::string all = greeting() + answer(note_asked_for(bench.ask()));
  EXPECT_EQ(bench.deliver(all.substr(0, all.size() - 1)), Progress::incomplete);
  EXPECT_EQ(bench.last_record().answers, 0U);
}

class WrongAnswer : public testing::TestWithParam<std::pair<const char*, std::string>> {};

TEST_P(WrongAnswer, LosesTheTrialWithTheReason) {
  for (const std::size_t piece : {1U, 1U << 20}) {
    ClientBench<WireClient> bench(kept(), statements);
    bench.ask();
    EXPECT_EQ(bench.deliver(GetParam().second, piece), Progress::wrong);
    EXPECT_NE(bench.ledger().failure().find(GetParam().first), std::string::npos)
        << bench.ledger().failure();
    EXPECT_EQ(bench.last_record().answers, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Each, WrongAnswer,
    testing::Values(
        std::pair{"another note than that of row", greeting() + answer(std::string(60, '0'))},
        std::pair{"answered without a row", greeting() + message('Z', "I")},
        std::pair{"something else than one row", greeting() + row("x") + row("y")},
        std::pair{"something else than one row", greeting() + message('D', number(1, 2))},
        std::pair{"query 1: too many clients",
                  message('E', std::string("SFATAL\0Mtoo many clients\0\0", 26))},
        std::pair{"asks for a password", message('R', number(10, 4))},
        std::pair{"a message of the type '?'", message('?', "")},
        std::pair{"a message of 3 bytes", 'S' + number(3, 4)},
        std::pair{"a message of 2147483647 bytes", 'S' + number(0x7fffffff, 4)}));

}  // namespace
}  // namespace waitbench
