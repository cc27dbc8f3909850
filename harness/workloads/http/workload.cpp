#include "harness/workloads/http/workload.hpp"

#include <algorithm>

#include "harness/workloads/http/conversation.hpp"
#include "harness/workloads/http/message.hpp"
#include "harness/workloads/http/protocol.hpp"
#include "harness/workloads/query_conversations.hpp"

namespace waitbench {
namespace {

constexpr std::string_view own_axes[] = {"delay_us", "delay_shape", "reply_bytes",
                                         "framing",  "limit",       "lock"};

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  http::RequestText text;
  const std::string_view idle =
      http::write_request({.path = http::Path::idle, .trial = context.config.trial}, text);
  return std::make_unique<QueryConversations<HttpClient>>(context, std::as_bytes(std::span(idle)));
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  constexpr std::size_t many = 1000;
  constexpr std::uint32_t mebibyte = 1 << 20;
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      for (const Framing framing : {Framing::length, Framing::chunked})
        for (const std::size_t in_flight : numbers) {
          const auto add = [&](std::uint32_t reply_bytes, bool single_bytes) {
            cases.push_back({{.workload = "http",
                              .transport = transport,
                              .in_flight = in_flight,
                              .delay_us = 200,
                              .reply_bytes = reply_bytes,
                              .framing = framing,
                              .connections = connections},
                             single_bytes});
          };
          add(64, false);
          if (in_flight >= many) continue;  // it is their number that is put to the test
          add(0, true);
          add(in_flight == 1 ? 5000 : 30, true);  // several chunks, once
          add(mebibyte, false);
        }
  constexpr std::size_t pool_size = 3, clients = 7;
  if (std::ranges::find(numbers, clients) != numbers.end())
    cases.push_back({{.workload = "http",
                      .transport = Transport::unix,
                      .in_flight = clients,
                      .delay_us = 200,
                      .reply_bytes = 64,
                      .connections = Connections::pool(pool_size)},
                     true});
  return cases;
}

QueryTime expected_query_time(const Cell& cell) {
  constexpr double header_us = 20;
  constexpr double bytes_per_us = 300;
  return {.wait_us = cell.delay_us, .cpu_us = header_us + cell.reply_bytes / bytes_per_us};
}

}  // namespace

const Workload http_workload = {.name = "http",
                                .axes = own_axes,
                                .make_conversations = make_conversations,
                                .verification_cases = verification_cases,
                                .expected_query_time = expected_query_time,
                                .protocol = &http_protocol};

}  // namespace waitbench
