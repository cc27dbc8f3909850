#include "tests/workloads/echo/echo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "harness/workloads/query_conversations.hpp"
#include "tests/workloads/echo/protocol.hpp"

namespace waitbench {
namespace {

// Sends a line, and checks that the same comes back.
class EchoClient : public QueryClient {
 public:
  EchoClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
      : QueryClient(config, ledger, number) {}

  std::span<std::byte> ask() {
    begin_query();
    received_ = 0;
    const echo::Word word = rests()                 ? echo::Word::rest
                            : config().single_bytes ? echo::Word::slowly
                                                    : echo::Word::hello;
    const std::string line = echo::to_text({.trial = config().trial, .id = id(), .word = word});
    line_bytes_ = line.size();
    std::ranges::transform(line, line_.begin(), [](char c) { return static_cast<std::byte>(c); });
    return std::span(line_).first(line_bytes_);
  }

  std::span<std::byte> buffer_space() { return std::span(reply_).subspan(received_); }

  Progress take(std::size_t bytes) {
    received_ += bytes;
    if (received_ < line_bytes_) return Progress::incomplete;
    if (!std::ranges::equal(std::span(reply_).first(received_),
                            std::span(line_).first(line_bytes_))) {
      fail(fmt::format("query {}: the reply is not the line that was sent", id()));
      return Progress::wrong;
    }
    end_query({});
    return Progress::complete;
  }

 private:
  std::array<std::byte, echo::most_line_bytes> line_{};
  std::array<std::byte, echo::most_line_bytes> reply_{};
  std::size_t line_bytes_ = 0;
  std::size_t received_ = 0;
};

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  const std::string idle = echo::to_text({.trial = context.config.trial, .word = echo::Word::idle});
  return std::make_unique<QueryConversations<EchoClient>>(context, std::as_bytes(std::span(idle)));
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      for (const std::size_t in_flight : numbers)
        for (const bool single_bytes : {false, true})
          cases.push_back({{.workload = echo_workload.name,
                            .transport = transport,
                            .in_flight = in_flight,
                            .connections = connections},
                           single_bytes});
  return cases;
}

QueryTime expected_query_time(const Cell&) {
  return {.wait_us = 0, .cpu_us = 12};
}

}  // namespace

const Workload echo_workload = {.name = "echo",
                                .make_conversations = make_conversations,
                                .verification_cases = verification_cases,
                                .expected_query_time = expected_query_time,
                                .protocol = &echo::protocol};

}  // namespace waitbench
