// What the launchers of real servers have in common: a folder that goes away, a port, the signals
// that end them, and a program that must not outlive them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/backend/serve.hpp"
#include "harness/os/process.hpp"
#include "harness/os/streams.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

// Whom a server is to run as where it is started with the superuser's rights: the user whom its
// package has made, or 'nobody'. Throws std::runtime_error where there is neither.
std::optional<UserId> unprivileged_user(const char* of_package);

// A folder in $TMPDIR, or else in /tmp, that goes away with its owner.
class TemporaryFolder {
 public:
  // Throws std::system_error.
  TemporaryFolder(std::string_view name, std::optional<UserId> owner);
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// SIGINT, SIGTERM and SIGHUP, as something that can be waited for.
class EndSignals {
 public:
  EndSignals();

  // Waits for a signal or the end of the process, for so long at most. Whether a signal has come.
  bool has_come(const Process& process, int timeout_ms) const;

 private:
  Descriptor source_;
};

// Thrown when an end signal comes before a server is ready.
struct Stopped {};

// A port on loopback that was free a moment ago.
std::uint16_t free_port();

// A program with its log. All that it starts ends with the owner.
class PrivateServer {
 public:
  // The signals have to be caught before anything is made that is to be taken away.
  // `orphan_signal`: what the server gets when its launcher is killed, which then cannot end it.
  PrivateServer(const EndSignals& signals, const std::filesystem::path& log,
                int orphan_signal = SIGKILL);
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;
  // What the server has written is not to survive it, so it is not asked to end: one that was
  // stopped would not hear that.
  ~PrivateServer();

  // Runs another program to its end. Throws std::runtime_error with its last words if it fails;
  // Stopped.
  void run(const std::string& program, const std::vector<std::string>& arguments,
           std::optional<UserId> user);

  // Starts the server, and returns when it is ready. Throws as run() does.
  void start(const std::string& program, const std::vector<std::string>& arguments,
             std::optional<UserId> user, const std::function<bool()>& is_ready);

  // Returns when an end signal has come. Throws std::runtime_error if the server ends before.
  void await_end();

 private:
  Launch launch(const std::string& program, const std::vector<std::string>& arguments,
                std::optional<UserId> user) const;
  void check_alive();
  [[noreturn]] void fail(const std::string& program, int status) const;

  const EndSignals& signals_;
  std::filesystem::path log_path_;
  Descriptor log_;
  int orphan_signal_;
  Process process_;
  std::string program_;
};

// What `waitbench serve` does with a server of another kind: makes it with `make()`, says where it
// serves, and waits for a signal. Returns the exit code; any but 0 comes with one line on stderr.
template <class Make>
int serve_privately(const backend::ServeOptions& options, Make make);

// One line on stderr, and to whoever waits for the server to be ready. Returns the exit code.
int complain_of_server(const std::exception& problem, int ready_fd = -1);

template <class Make>
int serve_privately(const backend::ServeOptions& options, Make make) try {
  const auto server = make();
  backend::report_ready(server->tcp(), server->unix(), options.ready_fd);
  server->await_end();
  return 0;
} catch (const Stopped&) {
  return 0;
} catch (const OutputFailed&) {
  throw;  // as of any other command
} catch (const std::exception& problem) {
  return complain_of_server(problem, options.ready_fd);
}

}  // namespace waitbench
