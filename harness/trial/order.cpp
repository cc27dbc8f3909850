#include "harness/trial/order.hpp"

#include <nlohmann/json.hpp>

namespace waitbench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TrialOrder, participant, cell, endpoint, ledger_fd, timetable_fd,
                                   number, seed, burn_iterations_per_us, planted_ns, batch,
                                   check_every_byte, single_bytes)

std::string to_text(const TrialOrder& order) {
  return nlohmann::json(order).dump();
}

TrialOrder order_from(const std::string& text) {
  return nlohmann::json::parse(text).get<TrialOrder>();
}

}  // namespace waitbench
