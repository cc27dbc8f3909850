// One simulated client of the postgres workload: which row it asks for, and how it checks the
// answer. It is the same whether libpq or the conversation itself speaks with the server.
//
//   client -> server   the number of a row, and for how long to wait; or, to rest, a lock
//   server -> client   the row's note; or nothing, once the harness has given up the lock
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "harness/os/random.hpp"
#include "harness/workloads/query_client.hpp"

namespace waitbench {

class PostgresClient : public QueryClient {
 public:
  PostgresClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number);

  // What is asked, as the texts of a statement's parameters. Each ends with a zero byte.
  struct Question {
    bool rests = false;
    int parameters = 1;
    std::array<const char*, 2> values{};
  };

  // Enters the query that was taken in the ledger, and draws what to ask.
  const Question& ask();

  // Takes the answer, whose field is `note`: stamps and enters the query. False when it is not what
  // was asked for; then the trial has failed.
  bool take(std::string_view note);

  // The statement that the question belongs to.
  bool has_delay() const { return config().cell.delay_us > 0; }
  std::uint16_t trial() const { return config().trial; }

 protected:
  const Question& question() const { return question_; }

 private:
  void write_number(std::size_t parameter, std::uint32_t number);

  Random random_;
  Question question_;
  std::array<std::array<char, 24>, 2> texts_{};
  std::uint32_t row_ = 0;
};

}  // namespace waitbench
