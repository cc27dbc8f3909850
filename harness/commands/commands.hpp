// The sub-commands of `waitbench`, each a function of its options. What a user types becomes
// options in command_line.cpp. Each returns the exit code:
//
//   0    all is well
//   1    it was carried out, and something failed: a trial, a check, a file to be written
//   2    it could not be carried out as given, and nothing was lost
//   130  it was interrupted; what had been measured was kept
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/machine/placement.hpp"
#include "harness/os/exit_codes.hpp"
#include "harness/switch/report_options.hpp"
#include "harness/trial/participant.hpp"
#include "harness/workloads/axis_values.hpp"

namespace waitbench {

struct RunPlan;

// The type of an option whose value is a path, which may be any bytes.
inline constexpr const char* file_name = "FILE";

// The command cannot be carried out as given: what() says what is wrong and what would be right.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What all commands know: who may enter, and the words of the command line.
struct Program {
  std::span<const Participant> participants;
  std::vector<std::string> words;
};

struct ListOptions {
  bool json = false;
  bool all = false;  // pitfalls, handwritten counterparts, no-op and control too
  std::optional<std::string> guests;
};
int list(const ListOptions& options, const Program& program);

struct VerifyOptions {
  std::string models = ".";
  std::vector<std::size_t> in_flight;  // empty: usual_numbers()
  std::size_t fan_out = 1;             // more: those cases alone in which tasks ask several at once
  std::string backend;                 // endpoint of one that runs already
  std::int64_t deadline_ms = 10'000;   // for each rendezvous and each end
  std::optional<std::string> guests;
};
int verify(const VerifyOptions& options, const Program& program);

// Verifies whoever takes part in the run, in the cells that the run has.
int verify_run(const RunPlan& plan, const std::string& backend);

// An axis that is empty, or a number that is 0, was not given.
struct RunOptions {
  std::string profile = "quick";
  std::string models = ".";
  std::string filter;
  std::optional<std::string> guests;  // folder of further ones; empty: only those it comes with
  bool seam = false;
  bool memory = false;             // instead of time
  AxisValues axes;                 // but for the rates
  std::vector<std::string> rates;  // queries per second, or "sweep"
  double seconds = 0;
  double p99_us = 0;
  std::size_t rounds = 0;
  std::size_t invocations = 0;
  std::size_t turn_queries = 0;
  std::optional<double> budget_s;     // none: the profile's
  std::string loads_of;               // results file of a run with the loads to be taken
  std::optional<std::uint64_t> seed;  // none: one at random
  std::int64_t deadline_ms = 10'000;
  std::string backend;             // endpoint of one that runs already
  std::vector<std::string> count;  // what is to be counted: see harness/run/counting/counting.hpp
  std::string out = "waitbench.json";
  bool strict = false;       // refuse a machine that is not fit
  bool dry_run = false;      // say that it could be carried out, and how much it is
  bool verify_only = false;  // verify what it would measure, and measure nothing
  bool let_cpus_sleep = false;
  std::string resume;  // results file to be completed; all else is then as its command says
};
int run(const RunOptions& options, const Program& program);

// The open loop that the options ask for: no rate, if they ask for none.
struct OpenLoop {
  std::vector<double> rate_qps;
  double seconds = 1;
  double p99_limit_us = 0;  // of a sweep; 0: no sweep
};

// Throws UsageError when the options do not go together.
OpenLoop open_loop_of(const RunOptions& options);

// Throws UsageError where the cell has tasks that ask several queries at once, and some task would
// have fewer than the others.
void check_fan_out(const Cell& cell);

struct SwitchOptions {
  std::string filter = ".";
  bool list = false;        // name the benchmarks, with what one operation is
  bool names_only = false;  // name them only
  std::size_t rounds = 10;
  double min_time_s = 0.01;           // of a turn
  std::optional<std::uint64_t> seed;  // none: one at random
  std::int64_t deadline_ms = 30'000;  // for each turn
  std::string out;                    // results file; empty: none
  micro::ReportOptions report;
};
int measure_switches(const SwitchOptions& options, const Program& program);

struct DoctorOptions {
  bool json = false;
};
int doctor(const DoctorOptions& options);

// The program with guests, too, if they were asked for: those that it comes with, and those of the
// folder, if one is named. Throws UsageError, with what is wrong with a guest.
struct ProgramWithGuests {
  std::vector<Participant> participants;
  Program program;
};
ProgramWithGuests with_guests(const Program& program, const std::optional<std::string>& folder);

// What --backend says: the name of a workload, whose backend the harness is to start; or the
// endpoint of one that runs already. The other of the two is empty.
struct BackendChoice {
  std::string workload;
  std::string endpoint;
};
BackendChoice read_backend(const std::string& text);

// The workload of the backend that --backend names. Throws UsageError unless a waitbench backend
// answers there.
std::string workload_of_backend(const std::string& endpoint);

// What a run records of that backend (backend/about.hpp). Throws UsageError as well.
nlohmann::json about_backend(const std::string& endpoint);

// The mistake that is made by asking the backend at `endpoint` for another workload than it has.
UsageError other_workload(const std::string& endpoint, std::string_view asked_for,
                          std::string_view answered);

// Becomes the Python program that has the command of this name: fleet, or one of plots.
int become_python(const std::string& name, const std::vector<std::string>& words);

// Reads the command line and does what it says: the whole of main(), for any set of participants.
int run_command_line(int argc, char** argv, std::span<const Participant> participants);

// The participants of those roles whose names match the regular expression that --models gave;
// pitfalls only if it has that word in it. Throws UsageError when it is no regular expression, or
// matches nobody.
std::vector<const Participant*> select_participants(std::span<const Participant> participants,
                                                    const std::string& expression,
                                                    std::initializer_list<Role> roles);

}  // namespace waitbench
