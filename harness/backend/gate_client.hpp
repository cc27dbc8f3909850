// The harness's end of the control protocol: it gives the backend orders about trials, and receives
// its reports.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>

#include "harness/backend/conductor.hpp"
#include "harness/backend/control.hpp"
#include "harness/backend/report_check.hpp"
#include "harness/os/deadline.hpp"
#include "harness/results/histogram.hpp"
#include "impls/lib/address.hpp"
#include "impls/lib/clock.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench {

// The backend speaks another version of the control protocol.
struct OtherVersion : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Every function throws std::runtime_error when the backend is gone, does not acknowledge an order
// in time, does not keep to the protocol, or reports what cannot be true; what() then begins with
// "the backend".
class GateClient : public Conductor {
 public:
  // Connects, within some seconds. Throws std::system_error when nobody listens there. An order
  // must be acknowledged within `patience_ns`.
  explicit GateClient(const Address& backend, std::int64_t patience_ns = 10 * ns_per_s);

  int fd() const override { return socket_.get(); }

  // Each gives the order of its name (control.hpp). Of these, the first three return when the
  // backend has acknowledged the order. The others do not wait: next_report() receives
  // acknowledgements.
  void watch(std::uint16_t trial, const Expected& expected) override;
  void release(std::uint16_t trial) override;
  void hang_up(std::uint16_t trial) override;
  void open(std::uint16_t trial, std::uint64_t queries) override;
  void run(std::uint16_t trial, std::uint64_t late_rests) override;
  void dismiss(std::uint16_t trial) override;

  // The next report of an event, if one has arrived whole; never blocks. To be asked every few
  // milliseconds while one is waited for, since it also finds an acknowledgement to be overdue.
  std::optional<control::Report> next_report() override;

  // How long the cycles of the trial's last turn took, where watch() asked the backend to time
  // them. Events are lost as with statistics().
  Histogram cycles_ns(std::uint16_t trial) override;

  // What the backend sees of a trial now. Events that it reports before are lost, as they are while
  // watch() and release() wait.
  control::Report statistics(std::uint16_t trial) override;

  // What the backend says of its machine and itself: a JSON object, as text that nobody has
  // checked. It takes some time to look. Events are lost as with statistics().
  std::string describe();

  // Whether the backend's clock is that of this machine, by its last report of a turn.
  bool shares_our_clock() const override { return shares_our_clock_; }

 private:
  struct Unacknowledged {
    control::Order order;
    Deadline deadline;
  };

  void send(control::Order order);
  void await_acknowledgement();
  bool receive();
  void check_head() const;
  void check_overdue();
  void acknowledge();
  void take_cycles(const control::CyclesPiece& piece);
  void take_text(const control::TextPiece& piece);
  bool was_asked_for(control::OrderKind kind, std::uint32_t sequence) const;

  Descriptor socket_;
  std::int64_t patience_ns_;
  control::Report report_;  // as much of it as has arrived
  std::size_t received_ = 0;
  std::uint32_t sequence_ = 0;
  std::deque<Unacknowledged> unacknowledged_;
  ReportCheck check_;
  Histogram cycles_ns_;                // as much of it as has arrived
  std::string description_;            // the same
  std::int64_t asked_to_open_ns_ = 0;  // by our clock
  bool shares_our_clock_ = false;
};

// Whether the turn was opened by our own clock: between our order to open it and the arrival of the
// report.
bool is_in_our_time(const control::Report& report, std::int64_t asked_to_open_ns,
                    std::int64_t arrived_ns);

// The report with its times by our own clock, which a backend on this machine has, too. The clock
// of another machine is set by our order, so that its times are too late by as long as the order
// travelled.
control::Report in_our_time(control::Report report, std::int64_t asked_to_open_ns,
                            std::int64_t arrived_ns);

}  // namespace waitbench
