#include "harness/workloads/nginx/client.hpp"

#include <fmt/format.h>

#include "harness/workloads/nginx/server.hpp"

namespace waitbench {

NginxClient::NginxClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : HttpClient(config, ledger, number), random_(config.seed + number) {}

// The server behind nginx holds the trial's rests, and knows of the other queries only for how long
// they wait: so these are of no trial.
std::span<std::byte> NginxClient::ask() {
  begin_query();
  if (rests())
    return HttpClient::ask({.path = http::Path::rest,
                            .trial = nginx::rest_of(config().trial, config().timetable->turn()),
                            .id = id()});
  if (config().cell.delay_us == 0) return ask_for_note();
  return HttpClient::ask({.path = http::Path::delay,
                          .id = id(),
                          .delay_ns = draw_delay_ns(),
                          .payload_bytes = nginx::note_bytes,
                          .single_bytes = config().single_bytes});
}

std::span<std::byte> NginxClient::ask_for_note() {
  const auto number = 1 + static_cast<std::uint32_t>(random_.next() % nginx::notes);
  std::array<char, 32> path{};
  const auto end =
      fmt::format_to_n(path.data(), path.size(), "/{}/{}", nginx::notes_folder, number);
  return ask_for_path({path.data(), end.size}, {.id = number, .bytes = nginx::note_bytes});
}

}  // namespace waitbench
