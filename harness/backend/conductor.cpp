#include "harness/backend/conductor.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "impls/lib/socket.hpp"

namespace waitbench {

Conductor::Conductor(const Address& backend) : socket_(open_socket(backend, 0)) {
  if (!socket_ || connect_socket(socket_.get(), backend) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot reach the backend");
}

void Conductor::watch(std::uint16_t trial, std::size_t in_flight, std::size_t parked) {
  send({.ask = wire::Ask::watch, .trial = trial, .id = in_flight, .delay_ns = parked});
}

void Conductor::open(std::uint16_t trial, std::uint64_t queries) {
  send({.ask = wire::Ask::open, .trial = trial, .id = queries});
}

void Conductor::release(std::uint16_t trial) {
  send({.ask = wire::Ask::release, .trial = trial});
}

void Conductor::request_statistics(std::uint16_t trial) {
  send({.ask = wire::Ask::statistics, .trial = trial});
}

void Conductor::send(const wire::Request& request) {
  if (::send(socket_.get(), &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
    throw std::system_error(errno, std::generic_category(), "the backend is gone");
}

std::optional<wire::Report> Conductor::next_report() {
  std::byte* at = reinterpret_cast<std::byte*>(&partial_) + received_;
  const ssize_t got = ::recv(socket_.get(), at, sizeof partial_ - received_, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got <= 0) throw std::runtime_error("the backend is gone");
  received_ += static_cast<std::size_t>(got);
  if (received_ < sizeof partial_) return std::nullopt;
  received_ = 0;
  if (partial_.magic != wire::report_magic) throw std::runtime_error("the backend speaks nonsense");
  return partial_;
}

}  // namespace waitbench
