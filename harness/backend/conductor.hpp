// The harness's end of the gate: tells the backend which trials to hold and when to open, and hears
// from it when they are held again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "harness/workloads/delay/wire.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

class Conductor {
 public:
  // Connects. Throws std::system_error when nobody listens there.
  explicit Conductor(const Address& backend);

  int fd() const { return socket_.get(); }

  // Each tells the backend what its name says (wire.hpp); std::system_error when it is gone.
  void watch(std::uint16_t trial, std::size_t in_flight, std::size_t parked);
  void open(std::uint16_t trial, std::uint64_t queries);
  void release(std::uint16_t trial);
  void request_statistics(std::uint16_t trial);

  // The next report if one has arrived whole; never blocks. Throws std::runtime_error when the
  // backend is gone or speaks nonsense.
  std::optional<wire::Report> next_report();

 private:
  void send(const wire::Request& request);

  Descriptor socket_;
  wire::Report partial_;
  std::size_t received_ = 0;
};

}  // namespace waitbench
