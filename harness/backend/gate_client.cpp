#include "harness/backend/gate_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "impls/lib/clock.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {

GateClient::GateClient(const Address& backend) : socket_(open_socket(backend, 0)) {
  constexpr timeval patience{.tv_sec = 5, .tv_usec = 0};  // a host that is not there never refuses
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (!socket_ || connect_socket(socket_.get(), backend) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot reach the backend");
}

void GateClient::watch(std::uint16_t trial, std::size_t in_flight, std::size_t parked) {
  send({.ask = wire::Ask::watch, .trial = trial, .id = in_flight, .delay_ns = parked});
}

void GateClient::open(std::uint16_t trial, std::uint64_t queries) {
  asked_to_open_ns_ = now_ns();
  send({.ask = wire::Ask::open, .trial = trial, .id = queries});
}

void GateClient::run(std::uint16_t trial, std::int64_t rests_ns) {
  send({.ask = wire::Ask::run, .trial = trial, .delay_ns = static_cast<std::uint64_t>(rests_ns)});
}

void GateClient::release(std::uint16_t trial) {
  send({.ask = wire::Ask::release, .trial = trial});
}

void GateClient::send(const wire::Request& request) {
  if (::send(socket_.get(), &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
    throw std::system_error(errno, std::generic_category(), "the backend is gone");
}

std::optional<wire::Report> GateClient::next_report() {
  std::byte* at = reinterpret_cast<std::byte*>(&partial_) + received_;
  const ssize_t got = ::recv(socket_.get(), at, sizeof partial_ - received_, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got <= 0) throw std::runtime_error("the backend is gone");
  received_ += static_cast<std::size_t>(got);
  if (received_ < sizeof partial_) return std::nullopt;
  received_ = 0;
  if (partial_.magic != wire::report_magic) throw std::runtime_error("the backend speaks nonsense");
  return in_our_time(partial_, asked_to_open_ns_, now_ns());
}

std::optional<wire::Report> GateClient::ask_statistics(std::uint16_t trial,
                                                       std::int64_t deadline_ns) {
  send({.ask = wire::Ask::statistics, .trial = trial});
  while (now_ns() < deadline_ns) {
    const std::int64_t rest_ms = (deadline_ns - now_ns()) / ns_per_ms + 1;
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    poll(&readable, 1, static_cast<int>(std::min<std::int64_t>(rest_ms, 1000)));
    const auto report = next_report();
    if (report && report->tell == wire::Tell::statistics && report->trial == trial) return report;
  }
  return std::nullopt;
}

wire::Report in_our_time(wire::Report report, std::int64_t asked_to_open_ns,
                         std::int64_t heard_ns) {
  const bool is_ours = asked_to_open_ns <= report.opened_ns && report.opened_ns <= heard_ns;
  if (report.opened_ns == 0 || is_ours) return report;
  const std::int64_t ahead_ns = report.opened_ns - asked_to_open_ns;
  for (std::int64_t* time_ns : {&report.opened_ns, &report.exhausted_ns, &report.held_ns})
    if (*time_ns != 0) *time_ns -= ahead_ns;
  return report;
}

}  // namespace waitbench
