// Whether the reports of a backend can be true. They become numbers of the results, and say whether
// a model did its work: so a backend that does not count properly is found out, and no model is
// blamed for it. Pure logic: it is given each order that is sent and each report that arrives.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "harness/backend/control.hpp"

namespace waitbench {

class ReportCheck {
 public:
  // The orders, as they are given.
  void watch(std::uint32_t trial, std::uint64_t in_flight, std::uint64_t idle_connections,
             std::uint64_t fewest = 0, bool loses_queries = false);
  void open(std::uint32_t trial, std::uint64_t queries, std::int64_t asked_ns);
  void run(std::uint32_t trial, std::int64_t asked_ns);
  void dismiss(std::uint32_t trial);  // what is still reported on it is not looked at

  // The trial's end was acknowledged: nothing can be reported on it any more.
  void forget(std::uint32_t trial);

  // Throws std::runtime_error, "the backend reported ...", when the report cannot be true.
  // `arrived_ns` is our own time.
  void check(const control::Report& report, std::int64_t arrived_ns);

 private:
  struct Trial {
    std::uint64_t in_flight = 0;
    std::uint64_t idle_connections = 0;
    std::uint64_t fewest = 0;       // after a turn; 0: in_flight
    std::uint64_t allowed = 0;      // queries that were let through since the watch
    std::uint64_t answered = 0;     // as reported last
    std::int64_t asked_ns = 0;      // when the turn was ordered; 0: none was
    std::int64_t cpu_asked_ns = 0;  // CPU time of the backend as known then
    std::int64_t last_held_ns = 0;  // by the backend's clock
    bool is_open_loop = false;
    bool loses_queries = false;  // which it cancels; not all of them need reach the backend
    bool awaits_held = true;
    bool has_overflowed = false;
    bool is_dismissed = false;
  };

  void begin_turn(Trial& trial, std::int64_t asked_ns);
  void check_held(Trial& trial, const control::Report& report, std::int64_t arrived_ns);
  static void check_times(const Trial& trial, const control::Report& report,
                          std::int64_t arrived_ns);
  static void check_amounts(const Trial& trial, const control::Report& report);
  void check_cpu(const control::Report& report, std::int64_t since_ns);

  std::unordered_map<std::uint32_t, Trial> trials_;
  std::int64_t cpu_ns_ = 0;  // of the backend, as reported last
};

}  // namespace waitbench
