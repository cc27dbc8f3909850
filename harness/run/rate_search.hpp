// The search for the highest rate that a model sustains: which rate to try next, given what the
// trials so far have shown. It has no clock and starts nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>

namespace waitbench {

// It takes steps of a factor until the answer lies between two rates, and then halves their
// distance on a logarithmic scale. The p99 of a trial varies, and a single unlucky or lucky one
// would lead the search astray: so the two rates that it ends with are tried again, until two of at
// most three trials agree. If a retry reverses the verdict, that rate is discarded as an end, and
// the search continues from the neighbouring one.
class RateSearch {
 public:
  static constexpr double resolution = 1.05;  // how far the two rates may be apart at the end
  static constexpr std::size_t trials_to_agree = 2;
  static constexpr std::size_t most_trials_of_rate = 2 * trials_to_agree - 1;
  static constexpr std::size_t most_trials = 24;  // 12 at most where all of them agree

  // Looks between the two rates, in queries per second.
  RateSearch(double lowest_qps, double highest_qps);

  // What to try next. Empty when the search is over.
  std::optional<double> next_qps() const;

  void note(double rate_qps, bool sustained);

  std::optional<double> sustained_qps() const;  // the highest that most of its trials sustained
  std::optional<double> refused_qps() const;    // the lowest that most did not, or as many as did
  std::size_t trials() const { return trials_; }
  std::size_t trials_at(double rate_qps) const;

  // Whether two trials agree on each of the two rates. Not so when the trials were used up before.
  bool is_settled() const { return !wanted_qps(); }

 private:
  struct Votes {
    std::size_t sustained = 0;
    std::size_t refused = 0;

    bool are_tied() const { return sustained == refused; }
    bool agree() const { return std::max(sustained, refused) >= trials_to_agree; }
  };

  std::optional<double> wanted_qps() const;  // what to try next, if there are trials left
  std::optional<double> tied_qps() const;
  std::optional<double> untried_qps() const;
  std::optional<double> doubtful_qps() const;

  double lowest_qps_;
  double highest_qps_;
  std::map<double, Votes> votes_;  // by rate: what most sustained lies below what most did not
  std::size_t trials_ = 0;
};

}  // namespace waitbench
