#include "harness/machine/tree_events.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "harness/os/proc_text.hpp"
#include "harness/os/process_tree.hpp"

namespace waitbench {
namespace {

constexpr const char* tracepoint = "events/raw_syscalls/sys_enter/id";

// The file system in which the kernel names its tracepoints. Where it is not mounted, root can see
// it all the same, through a mount that has no place and goes with its descriptor.
Descriptor open_tracefs() {
  Descriptor mounted(open("/sys/kernel/tracing", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (mounted && faccessat(mounted.get(), "events", F_OK, 0) == 0) return mounted;
  const Descriptor context(fsopen("tracefs", FSOPEN_CLOEXEC));
  if (!context || fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return {};
  return Descriptor(fsmount(context.get(), FSMOUNT_CLOEXEC, 0));
}

// The number of the tracepoint that every system call passes, which differs from kernel to kernel.
// nullopt, with errno set, when it cannot be had.
std::optional<std::uint64_t> syscall_tracepoint() {
  const Descriptor tracefs = open_tracefs();
  if (!tracefs) return std::nullopt;
  const Descriptor file(openat(tracefs.get(), tracepoint, O_RDONLY | O_CLOEXEC));
  if (!file) return std::nullopt;
  std::array<char, 32> text{};
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size <= 0) return std::nullopt;
  const auto id = parse_integer({text.data(), static_cast<std::size_t>(size)});
  if (!id) errno = ENOENT;
  return id ? std::optional(static_cast<std::uint64_t>(*id)) : std::nullopt;
}

// What perf_event_open is to count. The kernel is not excluded, since that is where a thread is
// when it is switched; whatever the thread starts is counted with it.
perf_event_attr attributes_of(Event event) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.inherit = 1;
  attributes.type = PERF_TYPE_SOFTWARE;
  if (event == Event::syscalls) {
    const std::optional<std::uint64_t> id = syscall_tracepoint();
    if (!id) throw std::system_error(errno, std::generic_category(), "raw_syscalls:sys_enter");
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.config = *id;
  } else {
    attributes.config =
        event == Event::switches ? PERF_COUNT_SW_CONTEXT_SWITCHES : PERF_COUNT_SW_CPU_MIGRATIONS;
  }
  return attributes;
}

Descriptor open_counter(perf_event_attr attributes, pid_t thread) {
  constexpr int any_cpu = -1;
  constexpr int no_group = -1;
  Descriptor counter(static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, thread, any_cpu, no_group, PERF_FLAG_FD_CLOEXEC)));
  if (!counter) throw std::system_error(errno, std::generic_category(), "perf_event_open");
  return counter;
}

}  // namespace

std::string_view event_name(Event event) {
  switch (event) {
    case Event::syscalls: return "syscalls";
    case Event::switches: return "switches";
    case Event::migrations: return "migrations";
  }
  return "";
}

std::string objection_to(Event event) {
  constexpr pid_t self = 0;
  try {
    open_counter(attributes_of(event), self);
    return "";
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code != EACCES && code != EPERM) return error.what();
    if (event == Event::syscalls) return "to count them needs root";
    return fmt::format(
        "to count them needs root, or kernel.perf_event_paranoid at most 1 (it is {})",
        read_text("/proc/sys/kernel/perf_event_paranoid").value_or("unknown"));
  }
}

TreeEvents::TreeEvents(pid_t root, std::span<const Event> events) {
  for (const Event event : events) {
    const perf_event_attr attributes = attributes_of(event);
    for (const pid_t pid : process_tree(root))
      for_each_thread(pid, [&](pid_t thread, std::string_view) {
        counters_.push_back({event, open_counter(attributes, thread)});
      });
  }
}

std::uint64_t TreeEvents::read(Event event) const {
  std::uint64_t sum = 0;
  for (const Counter& counter : counters_) {
    std::uint64_t value = 0;
    if (counter.event != event) continue;
    if (::read(counter.of_thread.get(), &value, sizeof value) != sizeof value)
      throw std::system_error(errno, std::generic_category(), "cannot read a perf event");
    sum += value;
  }
  return sum;
}

}  // namespace waitbench
