#include "harness/machine/memory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "harness/os/proc_text.hpp"
#include "harness/os/process_tree.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

std::optional<double> kib(std::string_view text, std::string_view key) {
  const auto value = field(text, key);
  return value ? parse_real(*value) : std::nullopt;
}

std::optional<double> read_user_kib(pid_t root) {
  double sum = 0;
  for (const pid_t pid : process_tree(root)) {
    const auto text = read_text(fmt::format("/proc/{}/smaps_rollup", pid));
    const auto touched = text ? parse_anonymous_kib(*text) : std::nullopt;
    if (!touched) return std::nullopt;
    sum += *touched;
  }
  return sum;
}

std::optional<double> read_kernel_kib() {
  const auto text = read_text("/proc/meminfo");
  return text ? parse_kernel_kib(*text) : std::nullopt;
}

// The last of several readings in a row that agree, or the last of all.
std::optional<double> read_settled_kernel_kib(std::int64_t deadline_ns) {
  constexpr useconds_t pause_us = 10'000;
  constexpr int enough = 5;  // readings
  constexpr double tolerance_kib = 64;
  std::optional<double> last = read_kernel_kib();
  for (int alike = 1; last && alike < enough && now_ns() < deadline_ns;) {
    usleep(pause_us);
    const std::optional<double> next = read_kernel_kib();
    alike = next && std::abs(*next - *last) <= tolerance_kib ? alike + 1 : 1;
    last = next;
  }
  return last;
}

}  // namespace

std::optional<double> parse_anonymous_kib(std::string_view smaps_rollup) {
  return kib(smaps_rollup, "Pss_Anon");
}

std::optional<double> parse_kernel_kib(std::string_view meminfo) {
  double sum = 0;
  for (const std::string_view key : {"Slab", "KernelStack", "PageTables", "Percpu"}) {
    const std::optional<double> part = kib(meminfo, key);
    if (!part) return std::nullopt;
    sum += *part;
  }
  return sum;
}

Memory read_memory(pid_t root, std::int64_t deadline_ns) {
  // In this order: to look at processes and threads in /proc has the kernel keep objects for them.
  const std::optional<double> kernel_kib = read_settled_kernel_kib(deadline_ns);
  return {.user_kib = read_user_kib(root), .kernel_kib = kernel_kib};
}

std::optional<double> total_kib(const Memory& memory) {
  if (!memory.user_kib || !memory.kernel_kib) return std::nullopt;
  return *memory.user_kib + *memory.kernel_kib;
}

std::optional<double> growth_each(std::optional<double> before, std::optional<double> after,
                                  std::size_t things) {
  if (!before || !after || *after < *before) return std::nullopt;
  return (*after - *before) / static_cast<double>(things);
}

Memory memory_per_connection(const Memory& with_fewer, const Memory& with_more,
                             std::size_t further_connections) {
  return {
      .user_kib = growth_each(with_fewer.user_kib, with_more.user_kib, further_connections),
      .kernel_kib = growth_each(with_fewer.kernel_kib, with_more.kernel_kib, further_connections)};
}

}  // namespace waitbench
