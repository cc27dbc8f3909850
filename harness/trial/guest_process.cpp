#include "harness/trial/guest_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "harness/backend/endpoint.hpp"
#include "harness/machine/limits.hpp"
#include "harness/os/descendants.hpp"
#include "harness/os/process.hpp"
#include "harness/trial/last_words.hpp"
#include "harness/workloads/ledger.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

void check(bool success, const char* what) {
  if (!success) throw std::system_error(errno, std::generic_category(), what);
}

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

// The signals that this process waits for, as something that can be polled.
Descriptor open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  check(sigprocmask(SIG_BLOCK, &signals, nullptr) == 0, "sigprocmask");
  Descriptor descriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  check(bool{descriptor}, "signalfd");
  return descriptor;
}

// Takes what signals there are. Whether one of them was the order to end.
bool take_order_to_end(int signals) {
  bool is_ordered = false;
  signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info)
    is_ordered = is_ordered || info.ssi_signo == SIGTERM;
  return is_ordered;
}

// Descendants whose own parents have ended are this process's to wait for.
void reap_orphans(pid_t guest) {
  siginfo_t ended{};
  while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0 &&
         ended.si_pid != guest) {
    waitpid(ended.si_pid, nullptr, 0);
    ended = {};
  }
}

// How the guest ended, as of waitpid; empty when it is to be ended.
std::optional<int> await_end(Process& guest, int signals, int output, LastWords& last_words) {
  constexpr int glance_ms = 20;  // where the system has no descriptor that tells of the end
  while (true) {
    pollfd sources[] = {{.fd = signals, .events = POLLIN, .revents = 0},
                        {.fd = output, .events = POLLIN, .revents = 0},
                        {.fd = guest.exit_fd(), .events = POLLIN, .revents = 0}};
    const int ready = poll(sources, std::size(sources), guest.exit_fd() < 0 ? glance_ms : -1);
    check(ready >= 0 || errno == EINTR, "poll");
    last_words.read_from(output);
    if (take_order_to_end(signals)) return std::nullopt;
    if (const std::optional<int> status = guest.wait(0)) return status;
    reap_orphans(guest.pid());
  }
}

// What is wrong with how it ended; empty when nothing is.
std::string objection_to(int status, bool is_dismissed, const LastWords& last_words) {
  if (is_dismissed && status == 0) return "";
  return fmt::format("its program {}{}{}", describe_exit(status),
                     is_dismissed ? " when its connections were closed, where 0 was right" : "",
                     last_words.clause());
}

void wait_for_guest(const TrialOrder& order, const std::vector<std::string>& command,
                    Ledger& ledger) {
  const Descriptor signals = open_signals();
  adopt_orphans();
  check(fcntl(ledger.fd(), F_SETFD, FD_CLOEXEC) == 0, "fcntl");  // it is not the guest's
  raise_descriptor_limit();
  int ends[2];
  check(pipe2(ends, O_CLOEXEC) == 0, "pipe");
  const Descriptor output(ends[0]);
  check(fcntl(output.get(), F_SETFL, O_NONBLOCK) == 0, "fcntl");  // this end alone
  const Descriptor input(ends[1]);  // held open, so that the output has no end before the guest's
  std::vector<std::string> arguments(command.begin() + 1, command.end());
  arguments.push_back(guest_order(order));
  LastWords last_words;
  Process guest(
      {.arguments = std::move(arguments), .program = command.front(), .output_fd = input.get()});
  const std::optional<int> status = await_end(guest, signals.get(), output.get(), last_words);
  if (!status) return;
  last_words.read_from(output.get());
  const std::string objection = objection_to(*status, ledger.stopping(), last_words);
  if (!objection.empty()) ledger.fail(objection);
}

}  // namespace

std::string guest_order(const TrialOrder& order) {
  const Workload& workload = workload_named(order.cell.workload);
  if (workload.guest_query == nullptr)
    throw std::invalid_argument(
        fmt::format("the workload {} has no queries for guests", order.cell.workload));
  const GuestQuery query = workload.guest_query(order.cell, order.number, order.single_bytes);
  // With an address in place of a host's name, which not every guest would look up.
  const std::string endpoint = backend::to_text(backend::parse_endpoint(order.endpoint));
  nlohmann::ordered_json words;
  if (endpoint.starts_with('@')) {
    words["unix"] = endpoint.substr(1);
  } else {
    if (endpoint.starts_with('['))
      throw std::invalid_argument(
          "guests speak IPv4, and the backend was given by an IPv6 address");
    const std::size_t colon = endpoint.rfind(':');
    words["host"] = endpoint.substr(0, colon);
    words["port"] = std::stoi(endpoint.substr(colon + 1));
  }
  words["connections"] = order.cell.in_flight;
  words["request"] = hex(query.request);
  words["reply_bytes"] = query.reply_bytes;
  return words.dump();
}

int run_guest(const TrialOrder& order, const std::vector<std::string>& command) {
  Ledger ledger = Ledger::attach(order.ledger_fd);
  try {
    wait_for_guest(order, command, ledger);
  } catch (const std::exception& error) {
    ledger.fail(error.what());
  }
  end_descendants();
  return ledger.failed() ? 1 : 0;
}

}  // namespace waitbench
