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

class GateClient {
 public:
  // Connects, within some seconds. Throws std::system_error when nobody listens there.
  explicit GateClient(const Address& backend);

  int fd() const { return socket_.get(); }

  // Each tells the backend what its name says (wire.hpp); std::system_error when it is gone.
  void watch(std::uint16_t trial, std::size_t in_flight, std::size_t parked);
  void open(std::uint16_t trial, std::uint64_t queries);
  void run(std::uint16_t trial, std::int64_t rests_ns);
  void release(std::uint16_t trial);

  // The next report if one has arrived whole; never blocks. Throws std::runtime_error when the
  // backend is gone or speaks nonsense.
  std::optional<wire::Report> next_report();

  // What the backend sees of a trial now; nullopt when it does not say by the deadline
  // (CLOCK_MONOTONIC). Other reports that arrive meanwhile are lost. Throws as the others do.
  std::optional<wire::Report> ask_statistics(std::uint16_t trial, std::int64_t deadline_ns);

 private:
  void send(const wire::Request& request);

  Descriptor socket_;
  wire::Report partial_;
  std::size_t received_ = 0;
  std::int64_t asked_to_open_ns_ = 0;  // by our clock
};

// The report with its times by our own clock. A backend on this machine has the same: then the gate
// was opened between our asking for it and our hearing of it. The clock of another machine is set
// by our asking, so that its times are too late by as long as the order travelled.
wire::Report in_our_time(wire::Report report, std::int64_t asked_to_open_ns, std::int64_t heard_ns);

}  // namespace waitbench
