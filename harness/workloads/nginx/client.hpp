// One simulated client of the nginx workload: HTTP/1.1 with a real server.
//
//   client -> nginx    GET /notes/19 for a note, a file that nginx has;
//                      GET /delay?... (http/message.hpp) where replies are delayed, or
//                      GET /rest?... to rest: these it passes on to our own server behind it
//   nginx  -> client   200 OK with what was asked for; a rest is answered at the next turn
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "harness/os/random.hpp"
#include "harness/workloads/http/client.hpp"

namespace waitbench {

class NginxClient : public HttpClient {
 public:
  NginxClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number);

  // As query_conversation.hpp asks for.
  std::span<std::byte> ask();

 private:
  std::span<std::byte> ask_for_note();

  Random random_;
};

}  // namespace waitbench
