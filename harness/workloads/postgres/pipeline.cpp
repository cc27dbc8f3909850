#include "harness/workloads/postgres/pipeline.hpp"

#include <utility>

namespace waitbench {

Pipeline::Pipeline(const ClientConfig& config, Ledger& ledger, std::size_t connection) {
  const std::size_t depth = config.cell.pipeline;
  for (std::size_t i = 0; i < depth; ++i)
    clients_.emplace_back(config, ledger, static_cast<std::uint32_t>(connection * depth + i));
}

const PostgresClient::Question& Pipeline::ask() {
  PostgresClient& client = clients_[(first_ + under_way_) % clients_.size()];
  ++under_way_;
  client.take_next();  // which is due at once, as always in a closed loop
  const PostgresClient::Question& question = client.ask();
  rests_ = question.rests;
  return question;
}

bool Pipeline::take(std::string_view note) {
  if (!clients_[first_].take(note)) return false;
  first_ = (first_ + 1) % clients_.size();
  --under_way_;
  // The rest is over. The others have waited for its end, too.
  if (is_empty() && std::exchange(rests_, false))
    for (PostgresClient& client : clients_) client.pause();
  return true;
}

}  // namespace waitbench
