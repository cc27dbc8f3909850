// Generators for the tests of semantics, each written twice: here and in generator_semantics.py,
// under the same name. A config drives both, step by step, and both say what happens in the same
// words, one line for each.
#pragma once

#include <map>
#include <ostream>
#include <stdexcept>
#include <string>

#include "impls/lib/generator.hpp"

namespace waitbench {

using Numbers = Generator<int, int, int>;

// Some exception that has nothing to do with generators.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a generator's body may use: a place to say something, and the generator being driven.
struct Stage {
  std::ostream& out;
  Numbers* driven = nullptr;
};

std::map<std::string, Numbers (*)(Stage&)> generators_alone();
std::map<std::string, Numbers (*)(Stage&)> generators_that_delegate();

// Says something when its scope is left: Python's `finally`.
class Finally {
 public:
  Finally(Stage& stage, std::string text) : stage_(stage), text_(std::move(text)) {}
  Finally(const Finally&) = delete;
  Finally& operator=(const Finally&) = delete;
  ~Finally() { stage_.out << text_ << '\n'; }

 private:
  Stage& stage_;
  std::string text_;
};

}  // namespace waitbench
