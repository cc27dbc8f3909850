#include "harness/backend/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "harness/backend/endpoint.hpp"
#include "harness/backend/gate_client.hpp"
#include "harness/backend/real_servers.hpp"
#include "harness/backend/serve.hpp"
#include "harness/os/interrupt.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {
namespace {

bool is_unix_endpoint(const std::string& endpoint) {
  if (const RealServer* const server = real_server_at(endpoint))
    return server->transport_of(endpoint) == Transport::unix;
  return backend::parse_endpoint(endpoint).is_unix();
}

// The first line that arrives on the descriptor, without its end; empty when none comes.
std::string read_line(int fd, std::int64_t deadline_ns) {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    const std::int64_t rest_ms = (deadline_ns - now_ns()) / ns_per_ms;
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready =
        poll(&readable, 1, static_cast<int>(std::clamp<std::int64_t>(rest_ms, 0, 60'000)));
    if (interrupted()) throw Interrupted{};
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return "";
    char text[256];
    const ssize_t size = ::read(fd, text, sizeof text);
    if (size <= 0) return "";
    line.append(text, static_cast<std::size_t>(size));
  }
  return line.substr(0, line.find('\n'));
}

std::string workload_of_real_server(const RealServer& server, const std::string& endpoint,
                                    std::int64_t deadline_ns) try {
  server.connect(Backend(endpoint), deadline_ns - now_ns());
  return std::string(server.workload);
} catch (const std::exception& error) {
  throw std::invalid_argument(fmt::format("{}: {}", endpoint, error.what()));
}

}  // namespace

Backend::Backend(std::string_view workload, const std::vector<int>& cpus,
                 std::int64_t deadline_ns) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const Descriptor reader(ends[0]);
  Descriptor writer(ends[1]);
  static std::atomic<unsigned> started = 0;
  const std::string name = fmt::format("waitbench-{}-{}", getpid(), ++started);
  process_ = Process({.arguments = {"serve", "--workload", std::string(workload), "--ready-fd",
                                    std::to_string(writer.get()), "--unix", name},
                      .cpus = cpus,
                      .inherited = {writer.get()},
                      .end_signal = real_server_of(workload) ? SIGTERM : SIGKILL});
  writer.reset();
  const std::string line = read_line(reader.get(), deadline_ns);
  if (line.starts_with(backend::not_ready))
    throw std::runtime_error("the backend did not get ready: " +
                             line.substr(backend::not_ready.size()));
  const std::size_t space = line.find(' ');
  if (space == std::string::npos) {
    const auto status = process_.wait(now_ns() + 100 * ns_per_ms);
    throw std::runtime_error(fmt::format(
        "the backend did not get ready: it {}",
        status ? describe_exit(*status) : std::string("said nothing before the deadline")));
  }
  tcp_ = line.substr(0, space);
  unix_ = line.substr(space + 1);
}

Backend::Backend(const std::string& endpoint) {
  (is_unix_endpoint(endpoint) ? unix_ : tcp_) = endpoint;
}

std::optional<int> Backend::ended(std::int64_t deadline_ns) {
  return process_.pid() == 0 ? std::nullopt : process_.wait(deadline_ns);
}

std::string workload_of_backend(const std::string& endpoint, std::int64_t deadline_ns) {
  if (const RealServer* const server = real_server_at(endpoint))
    return workload_of_real_server(*server, endpoint, deadline_ns);
  const Address address = backend::parse_endpoint(endpoint);
  std::string found = "what listens there is no waitbench backend";
  try {
    GateClient gate_client(address, deadline_ns - now_ns());
    const control::Report report = gate_client.statistics(0);
    return std::string(control::workload_of(report));
  } catch (const OtherVersion& error) {
    throw std::invalid_argument(fmt::format("{}: {}", endpoint, error.what()));
  } catch (const std::system_error& error) {
    found = error.what();
  } catch (const std::runtime_error&) {  // it closes the connection, or speaks something else
  }
  throw std::invalid_argument(fmt::format(
      "{}: {}; start one there with: waitbench serve --tcp HOST:PORT", endpoint, found));
}

// On one machine the end of a connection is seen before what is sent on another one afterwards.
Eligibility eligible_backend(const std::string& endpoint, const Cell& cell) {
  const RealServer* const server = real_server_of(cell.workload);
  if (endpoint.empty()) return server ? server->is_installed() : Eligibility{};
  if (is_unix_endpoint(endpoint) != (cell.transport == Transport::unix))
    return {"the backend at " + endpoint + " is not reached over this transport"};
  if (cell.deadline_us > 0 && !backend::is_local(backend::parse_endpoint(endpoint)))
    return {"a query may reach the backend at " + endpoint +
            " before the end of the connection of the one that was cancelled"};
  return {};
}

}  // namespace waitbench
