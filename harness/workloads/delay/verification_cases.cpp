#include "harness/workloads/delay/verification_cases.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace waitbench {
namespace {

constexpr double usual_delay_us = 200;
constexpr double usual_block_us = 100;
constexpr std::uint32_t mebibyte = 1 << 20;
constexpr std::size_t some = 64;
constexpr std::size_t many = 1000;
constexpr std::size_t pool_size = 8;
constexpr std::size_t limit = 8;

// Deadlines that fire for all queries, over each kind of connection, for some, and for none.
std::vector<VerificationCase> deadline_cases() {
  constexpr std::uint32_t soon_us = 2000;
  constexpr Cell always = {.in_flight = some,
                           .delay_us = 10.0 * soon_us,
                           .delay_shape = DelayShape::constant,
                           .reply_bytes = 64,
                           .deadline_us = soon_us};
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh}) {
      cases.push_back({always});
      cases.back().cell.transport = transport;
      cases.back().cell.connections = connections;
    }
  for (const Transport transport : {Transport::tcp, Transport::unix}) {
    cases.push_back({always});
    cases.back().cell.transport = transport;
    cases.back().cell.delay_us = soon_us;
    cases.back().cell.delay_shape = DelayShape::exponential;
  }
  cases.push_back({always});
  cases.back().cell.delay_us = usual_delay_us;
  cases.back().cell.deadline_us = longest_deadline_us;
  return cases;
}

}  // namespace

std::vector<VerificationCase> delay_verification_cases(std::span<const std::size_t> numbers) {
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      for (const std::size_t in_flight : numbers) {
        const auto add = [&](std::uint32_t reply_bytes, bool single_bytes) {
          cases.push_back({{.transport = transport,
                            .in_flight = in_flight,
                            .delay_us = usual_delay_us,
                            .reply_bytes = reply_bytes,
                            .connections = connections},
                           single_bytes});
        };
        add(64, false);
        if (in_flight > many) continue;  // it is their number that is put to the test
        add(0, false);
        add(16, true);
        // A gigabyte at once takes seconds: once is enough.
        if (in_flight < many || (transport == Transport::unix && connections == Connections::kept))
          add(mebibyte, false);
      }
  if (std::ranges::find(numbers, some) == numbers.end()) return cases;
  const Cell nested_or_shared = {.transport = Transport::unix,
                                 .in_flight = some,
                                 .delay_us = usual_delay_us,
                                 .reply_bytes = 64};
  cases.push_back({nested_or_shared});
  cases.back().cell.depth = 8;
  cases.push_back({nested_or_shared});
  cases.back().cell.loops = 2;
  for (const Connections connections : {Connections::kept, Connections::fresh}) {
    cases.push_back({nested_or_shared});
    cases.back().cell.connections = connections;
    cases.back().cell.fan_out = 16;
  }
  for (const auto& [name, dispatch] : dispatch_names) {
    cases.push_back({nested_or_shared});
    cases.back().cell.connections = Connections::pool(pool_size);
    cases.back().cell.dispatch = dispatch;
  }
  for (const Offload offload : {Offload::in_place, Offload::threads(2), Offload::processes(2)}) {
    cases.push_back({nested_or_shared});
    cases.back().cell.block_us = usual_block_us;
    cases.back().cell.offload = offload;
  }
  for (const std::size_t fan_out : {1, 16}) {
    cases.push_back({nested_or_shared});
    cases.back().cell.fan_out = fan_out;
    cases.back().cell.limit = limit;
  }
  cases.push_back({nested_or_shared});
  cases.back().cell.lock = LockUse::shared;
  std::ranges::copy(deadline_cases(), std::back_inserter(cases));
  return cases;
}

}  // namespace waitbench
