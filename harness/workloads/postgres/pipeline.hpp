// The clients that share one connection by pipelining: each has one query under way at a time, and
// the next client's is sent before the answers of those before have come. The server carries them
// out one by one, and answers in their order.
//
// A rest blocks all that stands behind it. So the client that finds no ticket rests for all of
// them: until its rest is answered, nothing more is sent on the connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "harness/workloads/postgres/client.hpp"

namespace waitbench {

class Pipeline {
 public:
  // Of the connection of that number among those of the trial.
  Pipeline(const ClientConfig& config, Ledger& ledger, std::size_t connection);

  // The trial is to end, and nothing is under way.
  bool is_over() const { return is_empty() && clients_.front().finished(); }
  bool is_empty() const { return under_way_ == 0; }

  // Whether the next client may send its query now.
  bool may_ask() const {
    return under_way_ < clients_.size() && !rests_ && !clients_.front().finished();
  }
  const PostgresClient::Question& ask();

  // Takes the answer to the query that has been under way for longest, as PostgresClient does.
  bool take(std::string_view note);

  // The trial has failed. That query's client says so.
  void lose(std::string_view why) { clients_[first_].lose(why); }
  void lose(std::string_view what, int outcome) { clients_[first_].lose(what, outcome); }

 private:
  std::deque<PostgresClient> clients_;  // which do not move
  std::size_t first_ = 0;               // whose query has been under way for longest
  std::size_t under_way_ = 0;
  bool rests_ = false;  // the last of the queries under way is a rest
};

}  // namespace waitbench
