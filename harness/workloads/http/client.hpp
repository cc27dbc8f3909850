// One simulated client of the http workload: what it asks, and how it checks a reply. Boost.Beast
// parses the replies, piece by piece as they come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "harness/os/random.hpp"
#include "harness/workloads/http/message.hpp"
#include "harness/workloads/query_client.hpp"

namespace waitbench {

class HttpClient : public QueryClient {
 public:
  HttpClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number);
  HttpClient(HttpClient&&) noexcept;
  ~HttpClient();

  // As query_conversation.hpp asks for.
  std::span<std::byte> ask();
  std::span<std::byte> buffer_space();
  Progress take(std::size_t bytes);

 private:
  struct Parser;  // which includes Beast

  Progress parse();
  Progress check_header();
  bool check_payload(std::span<const std::byte> piece);
  bool finish();

  Random random_;
  http::RequestText request_{};
  std::unique_ptr<Parser> parser_;
  std::uint64_t payload_bytes_ = 0;  // of the reply at hand, as far as they have come
  std::size_t unparsed_ = 0;         // bytes in the buffer
};

}  // namespace waitbench
