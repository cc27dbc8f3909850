// What numbers on the command line may be: CLI11's ranges let two things through that are in none.
#pragma once

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

namespace waitbench {

// From `least` to `most`, and not NaN, which is neither less nor more than anything.
template <class T>
CLI::Validator range(T least, T most) {
  const auto refuse_nan = [](const std::string& word) {
    return std::isnan(std::strtod(word.c_str(), nullptr)) ? word + " is not a number"
                                                          : std::string();
  };
  return CLI::Range(least, most) & CLI::Validator(refuse_nan, "");
}

// Any whole number, but none that is negative, which would become a large one.
inline CLI::Validator no_sign() {
  return CLI::Validator(
      [](const std::string& word) {
        return word.starts_with('-') ? word + " is negative: give 0 or more" : std::string();
      },
      "");
}

}  // namespace waitbench
