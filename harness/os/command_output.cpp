#include "harness/os/command_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <system_error>

#include "harness/os/process.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

constexpr std::int64_t patience_ns = 10 * ns_per_s;

// Until the last writer has gone. False when that takes too long.
bool read_to_end(int fd, std::int64_t deadline_ns, std::string& text) {
  std::array<char, 4096> piece;
  while (true) {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    const std::int64_t rest_ms = (deadline_ns - now_ns()) / ns_per_ms;
    if (rest_ms <= 0) return false;
    const int ready = poll(&readable, 1, static_cast<int>(rest_ms));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got == 0) return true;
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
    if (got < 0 && errno != EINTR && errno != EAGAIN) return false;
  }
}

bool may_be_started(const std::string& path) {
  return access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<std::string> output_of(const std::vector<std::string>& command) try {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  Process process({.arguments = {command.begin() + 1, command.end()},
                   .program = command.front(),
                   .output_fd = writer.get()});
  writer.reset();
  const std::int64_t deadline_ns = now_ns() + patience_ns;
  std::string text;
  if (!read_to_end(reader.get(), deadline_ns, text)) return std::nullopt;
  return process.wait(deadline_ns) == 0 ? std::optional(text) : std::nullopt;
} catch (const std::system_error&) {
  return std::nullopt;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != name.npos) return may_be_started(name) ? name : "";
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (may_be_started(candidate)) return candidate;
  }
  return "";
}

}  // namespace waitbench
