// Seeded random numbers that come out the same on every machine and with every standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <utility>

namespace waitbench {

// splitmix64 (Steele, Lea, Flood 2014): 64 bits of state, one addition and three mixes per number.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // In (0, 1].
  double unit() { return (static_cast<double>(next() >> 11) + 1.0) * 0x1p-53; }
  double exponential(double mean) { return -mean * std::log(unit()); }

  // Fisher and Yates: every order is equally likely.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t left = items.size(); left > 1; --left)
      std::swap(items[left - 1], items[next() % left]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace waitbench
