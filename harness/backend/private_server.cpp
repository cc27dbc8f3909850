#include "harness/backend/private_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/backend/listener.hpp"
#include "harness/os/descendants.hpp"
#include "harness/os/exit_codes.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The last line that tells of a fault; the last one where none does.
std::string last_words(const std::filesystem::path& path) {
  std::ifstream log(path);
  std::string last, fault;
  for (std::string line; std::getline(log, line);) {
    if (line.find_first_not_of(' ') == line.npos) continue;
    last = line;
    for (const char* const word : {"error:", "FATAL:", "PANIC:"})
      if (line.find(word) != line.npos) fault = line;
  }
  return fault.empty() ? last : fault;
}

}  // namespace

std::optional<UserId> unprivileged_user(const char* of_package) {
  if (geteuid() != 0) return std::nullopt;
  for (const char* const name : {of_package, "nobody"})
    if (const passwd* const user = getpwnam(name))
      return UserId{.user = user->pw_uid, .group = user->pw_gid};
  throw std::runtime_error(
      fmt::format("there is neither a user '{}' nor 'nobody' to run a server as", of_package));
}

TemporaryFolder::TemporaryFolder(std::string_view name, std::optional<UserId> owner) {
  const char* const parent = std::getenv("TMPDIR");
  std::string pattern =
      fmt::format("{}/waitbench-{}-XXXXXX", parent == nullptr ? "/tmp" : parent, name);
  if (mkdtemp(pattern.data()) == nullptr) fail("cannot make a temporary folder");
  path_ = pattern;
  if (owner && chown(path_.c_str(), owner->user, owner->group) != 0) fail("chown");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) print_to_stderr("waitbench serve: {}: {}\n", path_.string(), error.message());
}

EndSignals::EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  if (sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) fail("sigprocmask");
  source_.reset(signalfd(-1, &signals, SFD_CLOEXEC));
  if (!source_) fail("signalfd");
}

bool EndSignals::has_come(const Process& process, int timeout_ms) const {
  pollfd sources[] = {{.fd = source_.get(), .events = POLLIN, .revents = 0},
                      {.fd = process.exit_fd(), .events = POLLIN, .revents = 0}};
  if (poll(sources, std::size(sources), timeout_ms) < 0 && errno != EINTR) fail("poll");
  return sources[0].revents != 0;
}

std::uint16_t free_port() {
  const backend::Listener listener(tcp_address(htonl(INADDR_LOOPBACK), 0));
  return ntohs(reinterpret_cast<const sockaddr_in*>(listener.address().get())->sin_port);
}

PrivateServer::PrivateServer(const EndSignals& signals, const std::filesystem::path& log,
                             int orphan_signal)
    : signals_(signals),
      log_path_(log),
      log_(::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)),
      orphan_signal_(orphan_signal) {
  if (!log_) waitbench::fail("cannot open a log");
  adopt_orphans();
}

PrivateServer::~PrivateServer() {
  process_ = Process();
  try {
    end_descendants();
  } catch (const std::exception& problem) {
    complain_of_server(problem);
  }
}

Launch PrivateServer::launch(const std::string& program, const std::vector<std::string>& arguments,
                             std::optional<UserId> user) const {
  return {.arguments = arguments,
          .program = program,
          .user = user,
          .output_fd = log_.get(),
          .orphan_signal = orphan_signal_};
}

void PrivateServer::run(const std::string& program, const std::vector<std::string>& arguments,
                        std::optional<UserId> user) {
  constexpr int glance_ms = 1000;
  Process process(launch(program, arguments, user));
  std::optional<int> status;
  while (!(status = process.wait(now_ns())))
    if (signals_.has_come(process, glance_ms)) throw Stopped{};
  if (*status != 0) fail(program, *status);
}

void PrivateServer::start(const std::string& program, const std::vector<std::string>& arguments,
                          std::optional<UserId> user, const std::function<bool()>& is_ready) {
  constexpr int glance_ms = 20;
  program_ = program;
  process_ = Process(launch(program, arguments, user));
  while (!is_ready()) {
    if (signals_.has_come(process_, glance_ms)) throw Stopped{};
    check_alive();
  }
}

void PrivateServer::await_end() {
  constexpr int glance_ms = 1000;
  while (!signals_.has_come(process_, glance_ms)) check_alive();
}

void PrivateServer::check_alive() {
  if (const auto status = process_.wait(now_ns())) fail(program_, *status);
}

void PrivateServer::fail(const std::string& program, int status) const {
  const std::string last = last_words(log_path_);
  throw std::runtime_error(fmt::format("{} {}{}{}",
                                       std::filesystem::path(program).filename().string(),
                                       describe_exit(status), last.empty() ? "" : ": ", last));
}

int complain_of_server(const std::exception& problem, int ready_fd) {
  print_to_stderr("waitbench serve: {}\n", problem.what());
  if (ready_fd < 0) return exit_failed;
  const std::string line = fmt::format("{}{}\n", backend::not_ready, problem.what());
  // Where nobody reads it any more, or it is closed since the server was ready, stderr is enough.
  [[maybe_unused]] const ssize_t written = ::write(ready_fd, line.data(), line.size());
  return exit_failed;
}

}  // namespace waitbench
