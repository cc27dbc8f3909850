// A client of any workload that is asked through QueryConversation: what it sends, and what becomes
// of the replies that a test makes up.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "harness/workloads/query_client.hpp"

namespace waitbench {

template <class Client>
class ClientBench {
 public:
  // `more`: what the client is made with besides.
  template <class... More>
  explicit ClientBench(const ClientConfig& config, const More&... more)
      : config_(config), client_(config_, ledger_, 0, more...) {
    client_.greet();
  }

  std::string ask() {
    client_.take_next();
    const std::span<const std::byte> bytes = client_.ask();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  // The next query goes through another connection, which is new.
  void connect_anew() { client_.greet(); }

  // Lets the reply arrive in pieces of that size, and says what became of it.
  QueryClient::Progress deliver(std::string_view reply, std::size_t piece = 1 << 20) {
    auto progress = QueryClient::Progress::incomplete;
    while (!reply.empty() && progress == QueryClient::Progress::incomplete) {
      const std::span<std::byte> space = client_.buffer_space();
      const std::size_t bytes = std::min({piece, space.size(), reply.size()});
      if (bytes == 0) break;
      std::memcpy(space.data(), reply.data(), bytes);
      reply.remove_prefix(bytes);
      progress = client_.take(bytes);
    }
    return progress;
  }

  Ledger& ledger() { return ledger_; }
  const LedgerRecord& last_record() { return ledger_.record(ledger_.next_id() - 1); }

 private:
  ClientConfig config_;
  Ledger ledger_ = Ledger::create(64);
  Client client_;
};

}  // namespace waitbench
