// One simulated client of the delay query: what it asks, and how it checks a reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "harness/os/random.hpp"
#include "harness/workloads/query_client.hpp"

namespace waitbench {

class DelayClient : public QueryClient {
 public:
  DelayClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number);

  // Enters the query that was taken in the ledger, and returns the bytes to send. They stand where
  // the reply will.
  std::span<std::byte> ask();

  // Before the query is sent: for how long its reply is to be delayed, and that it is to be delayed
  // by no more than that.
  std::int64_t delay_ns() const;
  void limit_delay(std::int64_t most_ns);

  // Where the reply's next bytes belong. It is a word longer than the rest of the reply, so that a
  // read which takes the whole reply does not fill it: an exact fit would mean "there may be more".
  std::span<std::byte> buffer_space();

  // Takes `bytes` more of the reply, which stand in buffer_space(). Once the reply is complete, the
  // query is stamped and entered; when it is not what was asked for, the trial has failed.
  Progress take(std::size_t bytes);

 private:
  std::size_t reply_bytes() const;   // header and payload
  std::size_t buffer_bytes() const;  // of which longer replies take the payload piece by piece
  Progress check_header();
  bool check_payload(std::uint64_t offset, std::span<const std::byte> bytes) const;
  void finish();

  Random random_;
  std::unique_ptr<std::byte[]> buffer_;  // of the request, and after it of the reply
  std::uint32_t received_ = 0;           // bytes of the reply at hand
};

}  // namespace waitbench
