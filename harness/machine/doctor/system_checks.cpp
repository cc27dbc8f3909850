// Checks of the kernel, of its limits, and of the program itself.
#include <fmt/format.h>

#include "harness/machine/doctor/check.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

Opinion judge_irq_accounting(const json& context) {
  const auto on = fact<bool>(context, "/host/irq_time_accounting");
  if (!on) return unknown();
  if (*on) return {Fitness::ok, "on"};
  return {Fitness::advice, "off",
          "interrupts are charged to the processes that they interrupt: use a kernel with "
          "CONFIG_IRQ_TIME_ACCOUNTING"};
}

Opinion judge_seccomp(const json& context) {
  const auto mode = fact<int>(context, "/host/seccomp");
  if (!mode) return unknown();
  if (*mode == 0) return {Fitness::ok, "no filter"};
  return {Fitness::advice, "a filter looks at every system call",
          "measure outside, or start the container with --security-opt seccomp=unconfined"};
}

Opinion judge_aslr(const json& context) {
  const auto level = fact<int>(context, "/host/aslr");
  if (!level) return unknown();
  if (*level > 0) return {Fitness::ok, "on"};
  return {Fitness::advice, "off",
          "one accident of memory layout is in every number: sysctl kernel.randomize_va_space=2"};
}

Opinion judge_clock(const json& context) {
  const auto source = fact<std::string>(context, "/host/clocksource");
  if (!source) return unknown();
  for (const char* const slow : {"hpet", "acpi_pm", "jiffies", "refined-jiffies"})
    if (*source == slow)
      return {
          Fitness::unfit, *source,
          "every time stamp is a system call: boot with clocksource=tsc, or use another machine"};
  return {Fitness::ok, *source};
}

Opinion judge_facility(const json& context, const char* path, const char* advice) {
  const auto state = fact<std::string>(context, path);
  if (!state) return unknown();
  if (*state == "allowed") return {Fitness::ok, *state};
  return {Fitness::advice, *state, advice};
}

Opinion judge_io_uring(const json& context) {
  return judge_facility(context, "/host/io_uring",
                        "models on io_uring are skipped: allow it (sysctl "
                        "kernel.io_uring_disabled=0, or the container's seccomp profile)");
}

Opinion judge_epoll_pwait2(const json& context) {
  return judge_facility(context, "/host/epoll_pwait2",
                        "backend and models on epoll take two system calls for a wait: use Linux "
                        "5.11 or later, or allow it in the container's seccomp profile");
}

Opinion judge_perf_events(const json& context) {
  return judge_facility(
      context, "/host/perf_events",
      "run --count leaves that out: be root, or sysctl kernel.perf_event_paranoid=1 "
      "for all but system calls");
}

Opinion judge_limit(const json& context, const char* path, std::int64_t least, const char* advice) {
  const auto limit = fact<std::int64_t>(context, path);
  if (!limit) return unknown();
  return {*limit >= least ? Fitness::ok : Fitness::advice, std::to_string(*limit),
          *limit >= least ? "" : advice};
}

Opinion judge_descriptors(const json& context) {
  return judge_limit(context, "/host/limits/descriptors", 65'536,
                     "models share a cell in small groups only: ulimit -n 65536");
}

Opinion judge_ports(const json& context) {
  return judge_limit(context, "/host/limits/ephemeral_ports", 28'000,
                     "fewer models fit into a cell: sysctl net.ipv4.ip_local_port_range='32768 "
                     "60999', or --transport unix");
}

Opinion judge_threads(const json& context) {
  constexpr std::int64_t least = 8192;
  const Opinion of_machine =
      judge_limit(context, "/host/limits/threads_max", least,
                  "models with a thread for each connection may not fit: sysctl "
                  "kernel.threads-max=32768");
  const Opinion of_group =
      judge_limit(context, "/host/cgroup/tasks_left", least,
                  "models with a thread for each connection may not fit: raise the control group's "
                  "pids.max");
  return of_group.level == Fitness::ok ? of_machine : of_group;
}

Opinion judge_memory_maps(const json& context) {
  return judge_limit(context, "/host/limits/max_map_count", 65'530,
                     "each thread's stack takes two: sysctl vm.max_map_count=65530");
}

Opinion judge_backlog(const json& context) {
  return judge_limit(
      context, "/host/limits/somaxconn", 4096,
      "many connections at once have to be tried again: sysctl net.core.somaxconn=4096");
}

// A connection that was reset stays in the table for 10 s.
Opinion judge_connection_tracking(const json& context) {
  constexpr std::int64_t least = 200'000;  // 20,000 fresh connections per second
  const auto left = fact<std::int64_t>(context, "/host/limits/tracked_connections_left");
  if (!left) return unknown();
  const std::string found = fmt::format("room for {} connections", *left);
  if (*left >= least) return {Fitness::ok, found};
  return {Fitness::advice, found,
          "fresh connections would fill the firewall's table, and then wait for seconds: sysctl "
          "net.netfilter.nf_conntrack_max=1048576"};
}

Opinion judge_memory(const json& context) {
  constexpr std::int64_t ample_kib = 1 << 20;
  constexpr std::int64_t least_kib = 256 << 10;
  const auto available_kib = fact<std::int64_t>(context, "/host/memory_available_kib");
  if (!available_kib) return unknown();
  const std::string found = fmt::format("{} MiB available", *available_kib >> 10);
  if (*available_kib >= ample_kib) return {Fitness::ok, found};
  return {*available_kib < least_kib ? Fitness::unfit : Fitness::advice, found,
          "large cells will swap or fail: free at least 1 GiB"};
}

Opinion judge_build(const json& context) {
  const auto type = fact<std::string>(context, "/build/type");
  if (type == "Release") return {Fitness::ok, *type};
  return {Fitness::unfit, type.value_or("of no type"),
          "what is measured is not optimised: cmake --preset release"};
}

Opinion judge_source(const json& context) {
  const auto dirty = fact<bool>(context, "/dirty");
  if (!dirty) return {Fitness::ok, "built outside a repository"};
  if (!*dirty) return {Fitness::ok, "as committed"};
  return {Fitness::advice, "changed since its commit",
          "this build cannot be repeated: commit, and build again"};
}

}  // namespace

std::span<const Check> system_checks() {
  static constexpr Check checks[] = {
      {"irq-accounting", judge_irq_accounting},
      {"seccomp", judge_seccomp},
      {"aslr", judge_aslr},
      {"clock", judge_clock},
      {"io_uring", judge_io_uring},
      {"epoll_pwait2", judge_epoll_pwait2},
      {"perf-events", judge_perf_events},
      {"descriptors", judge_descriptors},
      {"ports", judge_ports},
      {"threads", judge_threads},
      {"memory-maps", judge_memory_maps},
      {"backlog", judge_backlog},
      {"conntrack", judge_connection_tracking},
      {"memory", judge_memory},
      {"build", judge_build},
      {"source", judge_source},
  };
  return checks;
}

}  // namespace waitbench
