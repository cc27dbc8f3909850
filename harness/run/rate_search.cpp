#include "harness/run/rate_search.hpp"

#include <cmath>

namespace waitbench {
namespace {

constexpr double first_qps = 4000;
constexpr double stride = 4;

// Three digits are finer than the search, and better to read.
double rounded(double rate_qps) {
  const double unit = std::pow(10, std::floor(std::log10(rate_qps)) - 2);
  return std::round(rate_qps / unit) * unit;
}

}  // namespace

RateSearch::RateSearch(double lowest_qps, double highest_qps)
    : lowest_qps_(lowest_qps), highest_qps_(highest_qps) {}

std::optional<double> RateSearch::sustained_qps() const {
  std::optional<double> highest;
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.sustained > votes.refused) highest = rate_qps;
  return highest;
}

std::optional<double> RateSearch::refused_qps() const {
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.sustained <= votes.refused) return rate_qps;
  return std::nullopt;
}

std::size_t RateSearch::trials_at(double rate_qps) const {
  const auto found = votes_.find(rate_qps);
  return found == votes_.end() ? 0 : found->second.sustained + found->second.refused;
}

std::optional<double> RateSearch::next_qps() const {
  return trials_ < most_trials ? wanted_qps() : std::nullopt;
}

std::optional<double> RateSearch::wanted_qps() const {
  if (const std::optional<double> tied = tied_qps()) return tied;
  if (const std::optional<double> untried = untried_qps()) return untried;
  return doubtful_qps();
}

std::optional<double> RateSearch::tied_qps() const {
  for (const auto& [rate_qps, votes] : votes_)
    if (votes.are_tied()) return rate_qps;
  return std::nullopt;
}

// Empty when the two rates are close enough, or one is at the end of the range.
std::optional<double> RateSearch::untried_qps() const {
  const std::optional<double> sustained = sustained_qps();
  const std::optional<double> refused = refused_qps();
  if (sustained && refused) {
    if (*refused <= resolution * *sustained) return std::nullopt;
    return rounded(std::sqrt(*sustained * *refused));
  }
  if (sustained) {
    if (*sustained >= highest_qps_) return std::nullopt;
    return std::min(stride * *sustained, highest_qps_);
  }
  if (refused) {
    if (*refused <= lowest_qps_) return std::nullopt;
    return std::max(*refused / stride, lowest_qps_);
  }
  return std::clamp(first_qps, lowest_qps_, highest_qps_);
}

// An end of the search that too few trials agree on.
std::optional<double> RateSearch::doubtful_qps() const {
  for (const std::optional<double>& end : {sustained_qps(), refused_qps()})
    if (end && !votes_.at(*end).agree()) return end;
  return std::nullopt;
}

void RateSearch::note(double rate_qps, bool sustained) {
  ++trials_;
  Votes& votes = votes_[rate_qps];
  ++(sustained ? votes.sustained : votes.refused);
}

}  // namespace waitbench
