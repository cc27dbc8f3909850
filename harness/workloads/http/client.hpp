// One simulated client of the http workload: what it asks, and how it checks a reply. Boost.Beast
// parses the replies, piece by piece as they come. A client of another workload over HTTP derives
// from it, and asks for something else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

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

 protected:
  // What a reply has to carry.
  struct Payload {
    std::uint64_t id = 0;
    std::uint32_t bytes = 0;
  };

  // The query that was entered asks for this; returns the bytes to be sent.
  std::span<std::byte> ask(const http::Request& request);
  std::span<std::byte> ask_for_path(std::string_view path, const Payload& expected);

  std::uint64_t draw_delay_ns();

 private:
  struct Parser;  // which includes Beast

  std::span<std::byte> expect(const Payload& payload, std::string_view request);
  Progress parse();
  bool check_payload(std::span<const std::byte> piece);
  bool finish();

  Random random_;
  http::RequestText request_{};
  std::unique_ptr<Parser> parser_;
  Payload expected_;
  std::uint64_t payload_bytes_ = 0;  // of the reply at hand, as far as they have come
  std::size_t unparsed_ = 0;         // bytes in the buffer
};

}  // namespace waitbench
