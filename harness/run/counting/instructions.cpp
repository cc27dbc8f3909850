#include "harness/run/counting/instructions.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "harness/os/interrupt.hpp"
#include "harness/os/process.hpp"
#include "harness/run/counting/event_pass.hpp"
#include "harness/trial/scripted/trial.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;

// Where valgrind is, by PATH; empty when it is nowhere.
std::string find_valgrind() {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? "" : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string program = fs::path(directory) / "valgrind";
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

std::string content_of(const Descriptor& file) {
  struct stat about {};
  fstat(file.get(), &about);
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  const ssize_t size = pread(file.get(), text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

// The number behind "Collected :", which is how callgrind reports the number of instructions.
std::uint64_t collected(const std::string& log) {
  constexpr std::string_view key = "Collected :";
  const std::size_t at = log.find(key);
  if (at == log.npos) throw std::runtime_error("valgrind gave no count");
  return std::stoull(log.substr(at + key.size()));
}

// All instructions of one scripted trial, from the start of its process to the end.
std::uint64_t instructions_of(const ScriptedOrder& order, std::int64_t deadline_ns) {
  const Descriptor log(memfd_create("waitbench-valgrind-log", MFD_CLOEXEC));
  if (!log) throw std::system_error(errno, std::generic_category(), "memfd_create");
  Process valgrind({.arguments = {"--tool=callgrind", "--callgrind-out-file=/dev/null",
                                  "--log-fd=" + std::to_string(log.get()),
                                  fs::read_symlink(this_program), "scripted", to_text(order)},
                    .cpus = {},
                    .inherited = {log.get()},
                    .program = find_valgrind()});
  const std::optional<int> status = valgrind.wait(deadline_ns);
  if (!status) throw std::runtime_error("it did not end under valgrind before the deadline");
  if (*status != 0) throw std::runtime_error("valgrind " + describe_exit(*status));
  return collected(content_of(log));
}

InstructionsResult count_instructions_of(const CellPlan& plan, const Entry& entry) {
  constexpr std::int64_t bound_ns = 120 * ns_per_s;  // for its two runs
  const std::int64_t deadline_ns = now_ns() + bound_ns;
  InstructionsResult result(plan, entry, 0);
  result.turn_queries = plan.turn_queries;
  if (const Eligibility may = entry.participant->eligible(plan.cell); !may) {
    result.lose(Status::skipped, may.reason);
    return result;
  }
  fill_in(result, [&] {
    ScriptedOrder order{std::string(entry.participant->name), plan.cell, plan.turn_queries};
    const std::uint64_t once = instructions_of(order, deadline_ns);
    order.queries *= 2;
    const std::uint64_t twice = instructions_of(order, deadline_ns);
    result.per_query = static_cast<double>(twice - once) / static_cast<double>(plan.turn_queries);
  });
  return result;
}

}  // namespace

std::string objection_to_instructions() {
  return find_valgrind().empty() ? "to count them needs valgrind, which is not installed" : "";
}

std::vector<CellPlan> cells_to_script(const std::vector<CellPlan>& of_run) {
  std::vector<CellPlan> cells;
  for (const CellPlan& from : of_run) {
    if (from.pass != Pass::rounds) continue;
    CellPlan plan{.purpose = std::string(counted_purpose), .cell = {}, .entries = {}};
    plan.cell.in_flight = from.cell.in_flight;
    plan.cell.reply_bytes = from.cell.reply_bytes;
    plan.cell.depth = from.cell.depth;
    plan.cell.delay_us = 0;
    plan.turn_queries = default_turn_queries(plan.cell);
    for (const Participant& participant : scripted_participants())
      plan.entries.push_back({&participant});
    if (std::ranges::find(cells, plan.cell, &CellPlan::cell) == cells.end()) cells.push_back(plan);
  }
  return cells;
}

void InstructionsResult::interrupt() {
  interrupted = true;
  lose(Status::skipped, "interrupted before its instructions were counted");
}

// A scripted trial has neither a backend nor a network, nor any time.
nlohmann::json to_entry(const InstructionsResult& result) {
  nlohmann::json entry = unmeasured_entry(result);
  for (const char* axis : {"backend", "transport", "connections", "delay_us", "delay_shape"})
    entry[axis] = nullptr;
  entry["name"] = entry["run_name"] =
      fmt::format("query/{}/in_flight:{}/depth:{}", result.entry.participant->name,
                  result.cell.in_flight, result.cell.depth);
  if (result.per_query) {
    entry["iterations"] = entry["queries"] = result.turn_queries;
    entry["instructions_per_query"] = *result.per_query;
  }
  return entry;
}

std::vector<InstructionsResult> count_instructions(const CellPlan& plan,
                                                   const std::function<void()>& after_entry) {
  std::vector<InstructionsResult> results;
  for (const Entry& entry : plan.entries) {
    if (interrupted()) break;
    results.push_back(count_instructions_of(plan, entry));
    after_entry();
  }
  return results;
}

}  // namespace waitbench
