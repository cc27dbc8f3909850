#include "harness/backend/serve.hpp"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/real_servers.hpp"
#include "harness/backend/server.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "harness/os/exit_codes.hpp"
#include "harness/os/streams.hpp"
#include "harness/results/context.hpp"
#include "harness/workloads/workload.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench::backend {
namespace {

std::atomic<Server*> running = nullptr;  // for the signal handler, which gets no argument

struct Running {
  explicit Running(Server& server) { running = &server; }
  ~Running() { running = nullptr; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
};

void stop_running(int) {
  if (Server* const server = running.load()) server->request_stop();
}

void stop_at(int signal) {
  struct sigaction action {};
  action.sa_handler = stop_running;
  sigaction(signal, &action, nullptr);
}

// A harness that is killed must not leave its backend behind. If the parent ended before the
// request was made, no signal comes: then this process has another parent now.
void die_with_parent() {
  const pid_t parent = getppid();
  prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
  if (getppid() != parent) throw std::runtime_error("the process that started it is gone");
}

std::string checked_unix_name(const std::string& name) {
  if (name.empty()) return fmt::format("waitbench-{}", getpid());
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (name.size() > longest)
    throw std::invalid_argument(
        fmt::format("the name of the Unix socket has {} bytes: give {} at "
                    "most",
                    name.size(), longest));
  return name;
}

// What a run that is measured against this backend records of it. Its CPUs are all its own, and its
// clock is read last, when it is about to be told.
std::string describe_this_machine() {
  constexpr std::int64_t watch_ns = ns_per_s / 5;  // as a run watches its own machine
  std::vector<int> cpus;
  for (const LogicalCpu& cpu : available_cpus()) cpus.push_back(cpu.cpu);
  nlohmann::json context = describe_context({.client_cpus = {}, .backend_cpus = cpus}, watch_ns);
  context["cpus"] = cpus;
  context.erase("placement");
  context.erase("libraries");
  context["clock_ns"] = now_ns();
  return context.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ServerOptions server_options(const ServeOptions& options) {
  ServerOptions result;
  result.describe = describe_this_machine;
  result.tcp = parse_endpoint(options.tcp);
  if (result.tcp.is_unix())
    throw std::invalid_argument("--tcp takes HOST:PORT; a Unix socket's name goes with --unix");
  result.unix_name = checked_unix_name(options.unix_name);
  return result;
}

int complain(const std::exception& problem, int code) {
  print_to_stderr("waitbench serve: {}\n", problem.what());
  return code;
}

}  // namespace

void report_ready(const std::string& tcp, const std::string& unix, int ready_fd) {
  if (ready_fd < 0) return print_to_stdout("serving on {} and {}\n", tcp, unix);
  const std::string line = fmt::format("{} {}\n", tcp, unix);
  const ssize_t written = ::write(ready_fd, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size()))
    throw std::system_error(errno, std::generic_category(), "cannot write to the ready descriptor");
  ::close(ready_fd);
}

int serve(const ServeOptions& options) {
  if (const RealServer* const real = real_server_of(options.workload)) return real->serve(options);
  std::optional<Server> server;
  try {
    raise_descriptor_limit();
    server.emplace(*workload_named(options.workload).protocol, server_options(options));
  } catch (const std::exception& problem) {
    return complain(problem, exit_usage);
  }
  try {
    std::signal(SIGPIPE, SIG_IGN);
    if (options.ready_fd >= 0) die_with_parent();
    const Running until_done(*server);
    stop_at(SIGINT);
    stop_at(SIGTERM);
    report_ready(to_text(server->tcp_address()), "@" + server->unix_name(), options.ready_fd);
    server->run();
    return exit_ok;
  } catch (const OutputFailed&) {
    throw;  // as of any other command
  } catch (const std::exception& problem) {
    return complain(problem, exit_failed);
  }
}

}  // namespace waitbench::backend
