// How long what is planned will still take. The plan's own guess weighs one piece of work against
// another; what has been measured corrects it: in general by its pace, and for good where the same
// work was done before. Times are given in seconds of any clock that does not jump.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <utility>

namespace waitbench {

class TimeLeft {
 public:
  // Pieces of work that take equally long: such as a cohort of a cell, in each invocation.
  using Kind = std::pair<std::size_t, std::size_t>;

  // How a piece is measured: guesses of one method may all be wrong in the same way, whatever
  // becomes of the others.
  enum class Method { timed, events, instructions };

  // There is one more piece of this kind to do.
  void expect(Kind kind, double guessed_s, Method method = Method::timed);

  // The next piece is of this kind, and has so many rounds, or an unknown number (0).
  void begin(Kind kind, std::size_t rounds, double now_s);
  void end_round(double now_s);
  void end(double now_s);

  double left_s(double now_s) const;

 private:
  static constexpr std::size_t methods = 3;
  using Paces = std::array<double, methods>;  // what pieces take over what was guessed

  struct Work {
    double guessed_s = 0;
    Method method = Method::timed;
    double taken_s = 0;  // by those that are done
    double done = 0;
    double to_come = 0;
  };

  // The piece that is under way.
  struct Current {
    Kind kind;
    std::size_t rounds = 0;
    std::size_t ended = 0;  // rounds
    double start_s = 0;
    double first_end_s = 0, last_end_s = 0;  // of a round
  };

  bool shows_its_pace() const;
  double left_of_current_s(double now_s) const;
  double expected_s(const Work& work, const Paces& paces) const;
  Paces paces(double now_s) const;

  std::map<Kind, Work> work_;
  Current current_;
  bool is_under_way_ = false;
};

}  // namespace waitbench
