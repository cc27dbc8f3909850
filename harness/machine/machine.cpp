// Gathers the host's description from /proc, /sys, /etc, and the few system calls that know more.
#include "harness/machine/machine.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "harness/machine/cgroup.hpp"
#include "harness/machine/placement.hpp"
#include "harness/machine/tree_events.hpp"
#include "impls/engines/all.hpp"

namespace waitbench {
namespace {

using nlohmann::json;

const std::string cpu_directory = "/sys/devices/system/cpu/";

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json text_or_null(const std::string& path) {
  const auto text = read_text(path);
  return text && !text->empty() ? json(*text) : json(nullptr);
}

json integer_or_null(const std::string& path) {
  return or_null(parse_integer(read_text(path).value_or("")));
}

json field_or_null(const std::string& path, std::string_view key) {
  return or_null(field(read_text(path).value_or(""), key));
}

json kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? json(names.release) : json(nullptr);
}

// Arm's kernels give numbers for a name, which say as much to those who look them up.
json cpu_model() {
  const std::string text = read_text("/proc/cpuinfo").value_or("");
  if (const auto name = field(text, "model name")) return *name;
  const auto implementer = field(text, "CPU implementer");
  const auto part = field(text, "CPU part");
  if (!implementer || !part) return nullptr;
  return "Arm implementer " + *implementer + " part " + *part;
}

// The numbers by which a maker tells its CPUs apart: hypervisors give many of them one model name.
json cpu_version() {
  const std::string text = read_text("/proc/cpuinfo").value_or("");
  const auto family = field(text, "cpu family");
  const auto model = field(text, "model");
  const auto stepping = field(text, "stepping");
  if (!family || !model || !stepping) return nullptr;
  return fmt::format("family {} model {} stepping {}", *family, *model, *stepping);
}

json online_cpus() {
  const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
  return cpus > 0 ? json(cpus) : json(nullptr);
}

json smt_active() {
  const auto active = parse_integer(read_text(cpu_directory + "smt/active").value_or(""));
  return active ? json(*active != 0) : json(nullptr);
}

// Each vulnerability that the kernel knows of, and what it does about it.
json mitigations() {
  std::error_code error;
  json found = json::object();
  for (std::filesystem::directory_iterator at(cpu_directory + "vulnerabilities", error), end;
       !error && at != end; at.increment(error))
    found[at->path().filename().string()] = text_or_null(at->path().string());
  return error ? json(nullptr) : found;
}

json affinity() {
  try {
    std::vector<int> cpus;
    for (const LogicalCpu& cpu : available_cpus()) cpus.push_back(cpu.cpu);
    return cpus;
  } catch (const std::system_error&) {
    return nullptr;
  }
}

#if defined(__x86_64__)
// The CPU itself says whether a hypervisor is below, and that one signs with 12 characters.
json virtualization() {
  constexpr unsigned hypervisor_bit = 1U << 31;
  constexpr unsigned signature_leaf = 0x40000000;
  std::array<unsigned, 4> registers{};  // eax, ebx, ecx, edx
  auto& [eax, ebx, ecx, edx] = registers;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return nullptr;
  if ((ecx & hypervisor_bit) == 0) return "none";
  __cpuid(signature_leaf, eax, ebx, ecx, edx);
  std::array<char, 13> signature{};
  std::memcpy(signature.data(), &registers[1], signature.size() - 1);
  const std::map<std::string_view, const char*> names{{"KVMKVMKVM", "kvm"},
                                                      {"Microsoft Hv", "hyperv"},
                                                      {"VMwareVMware", "vmware"},
                                                      {"XenVMMXenVMM", "xen"},
                                                      {"TCGTCGTCGTCG", "qemu"}};
  const auto known = names.find(signature.data());
  return known != names.end() ? known->second : "unknown hypervisor";
}
#else
json virtualization() {
  return text_or_null("/sys/hypervisor/type");
}
#endif

json cgroup_limits(const CgroupLimits& limits) {
  return {{"quota_cpus", or_null(limits.quota_cpus)},
          {"throttled_periods", or_null(limits.throttled_periods)},
          {"tasks_left", or_null(limits.tasks_left)}};
}

// Whether a model on io_uring may run at all: "allowed", or what stands against it.
json io_uring() {
  const std::string obstacle = IoUring::unavailable();
  return obstacle.empty() ? "allowed" : obstacle;
}

// Whether the kernel knows this call, and lets it pass: "allowed", or what stands against it. With
// a descriptor that is none it does nothing.
json epoll_pwait2() {
  epoll_event none{};
  const bool refused =
      ::epoll_pwait2(-1, &none, 1, nullptr, nullptr) < 0 && (errno == ENOSYS || errno == EPERM);
  return refused ? json(std::generic_category().message(errno)) : json("allowed");
}

// Whether what the kernel does for a process may be counted: "allowed", or what stands against it.
json perf_events() {
  for (const Event event : all_events)
    if (const std::string objection = objection_to(event); !objection.empty())
      return fmt::format("{}: {}", event_name(event), objection);
  return "allowed";
}

// What may still be had: the control group may allow less than the machine has.
json available_memory_kib(const std::string& meminfo, const CgroupLimits& limits) {
  const auto of_machine = parse_integer(field(meminfo, "MemAvailable").value_or(""));
  if (!of_machine || !limits.memory_left_kib)
    return or_null(of_machine ? of_machine : limits.memory_left_kib);
  return std::min(*of_machine, *limits.memory_left_kib);
}

// A process may have been started with randomisation off, whatever the system's setting.
json address_randomization() {
  constexpr unsigned long only_ask = 0xffffffff;
  const int persona = ::personality(only_ask);
  if (persona >= 0 && (persona & ADDR_NO_RANDOMIZE) != 0) return 0;
  return integer_or_null("/proc/sys/kernel/randomize_va_space");
}

json steal_share() {
  const auto times = read_cpu_times();
  if (!times) return nullptr;
  const double all_s = times->busy_s + times->idle_s + times->steal_s;
  return all_s > 0 ? json(times->steal_s / all_s) : json(nullptr);
}

// Whether the time of interrupts is kept apart from that of the processes that they interrupt. Only
// the kernel's build configuration says so.
json irq_time_accounting() {
  const json release = kernel_release();
  if (release.is_null()) return nullptr;
  const auto config = read_text("/boot/config-" + release.get<std::string>());
  return or_null(parse_kernel_option(config.value_or(""), "CONFIG_IRQ_TIME_ACCOUNTING"));
}

json descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return nullptr;
  return limit.rlim_cur;
}

// Of the table in which a firewall keeps every connection that the kernel has seen; null where
// there is none.
json tracked_connections_left() {
  const std::string table = "/proc/sys/net/netfilter/nf_conntrack_";
  const auto most = parse_integer(read_text(table + "max").value_or(""));
  const auto used = parse_integer(read_text(table + "count").value_or(""));
  if (!most || !used) return nullptr;
  return std::max<std::int64_t>(*most - *used, 0);
}

json limits() {
  const std::string sys = "/proc/sys/";
  const auto ports = read_text(sys + "net/ipv4/ip_local_port_range");
  return {{"descriptors", descriptor_limit()},
          {"threads_max", integer_or_null(sys + "kernel/threads-max")},
          {"max_map_count", integer_or_null(sys + "vm/max_map_count")},
          {"ephemeral_ports", or_null(parse_port_range(ports.value_or("")))},
          {"somaxconn", integer_or_null(sys + "net/core/somaxconn")},
          {"tracked_connections_left", tracked_connections_left()}};
}

}  // namespace

json describe_machine() {
  const CgroupLimits group_limits = read_cgroup_limits();
  const std::string clock = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
  const std::string meminfo = read_text("/proc/meminfo").value_or("");
  const auto memory_kib = field(meminfo, "MemTotal");
  const auto seccomp = field(read_text("/proc/self/status").value_or(""), "Seccomp");
  return {{"boot_id", text_or_null("/proc/sys/kernel/random/boot_id")},
          {"kernel", kernel_release()},
          {"os", field_or_null("/etc/os-release", "PRETTY_NAME")},
          {"cpu_model", cpu_model()},
          {"cpu_version", cpu_version()},
          {"cpus", online_cpus()},
          {"smt", smt_active()},
          {"mitigations", mitigations()},
          {"governor", text_or_null(cpu_directory + "cpu0/cpufreq/scaling_governor")},
          {"affinity", affinity()},
          {"virtualization", virtualization()},
          {"clocksource", text_or_null(clock)},
          {"cgroup", cgroup_limits(group_limits)},
          {"seccomp", or_null(parse_integer(seccomp.value_or("")))},
          {"aslr", address_randomization()},
          {"load_1min", or_null(parse_real(read_text("/proc/loadavg").value_or("")))},
          {"steal_share", steal_share()},
          {"irq_time_accounting", irq_time_accounting()},
          {"io_uring", io_uring()},
          {"epoll_pwait2", epoll_pwait2()},
          {"perf_events", perf_events()},
          {"memory_kib", or_null(parse_integer(memory_kib.value_or("")))},
          {"memory_available_kib", available_memory_kib(meminfo, group_limits)},
          {"limits", limits()}};
}

std::optional<CpuTimes> read_cpu_times() {
  const auto text = read_text("/proc/stat");
  const auto ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return text ? parse_cpu_times(*text, ticks_per_s) : std::nullopt;
}

}  // namespace waitbench
