// What a generator does at each step, case by case, beside what CPython's does.
//
// generator_semantics.txt holds the cases: a headline with a name, a generator and the steps to
// take with it, and then what is printed meanwhile. The generators are in generators_alone.cpp and
// generators_that_delegate.cpp, and once more in generator_semantics.py.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/impls/generator_cases.hpp"

namespace waitbench {
namespace {

constexpr const char* python = "/usr/bin/python3";

struct Case {
  std::string name;
  std::string generator;
  std::string steps;
  std::string printed;
};

void PrintTo(const Case& that, std::ostream* out) {
  *out << that.generator << ": " << that.steps;
}

std::vector<Case> read_cases() {
  std::ifstream file(WAITBENCH_GENERATOR_SEMANTICS ".txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("# ")) {
      std::istringstream headline(line.substr(2));
      Case& added = cases.emplace_back();
      std::getline(headline, added.name, ':');
      headline >> added.generator >> std::ws;
      std::getline(headline, added.steps);
    } else if (!line.empty()) {
      cases.back().printed += line + '\n';
    }
  }
  return cases;
}

Numbers make_generator(const std::string& name, Stage& stage) {
  auto generators = generators_alone();
  generators.merge(generators_that_delegate());
  return generators.at(name)(stage);
}

std::string yielded_or_returned(Numbers& generator, const int* value) {
  if (value != nullptr) return "yields " + std::to_string(*value);
  return "returns " + std::to_string(generator.result());
}

std::string take(Numbers& generator, const std::string& step) {
  if (step == "next") return yielded_or_returned(generator, generator.next());
  if (step.starts_with("send:"))
    return yielded_or_returned(generator, generator.send(std::stoi(step.substr(5))));
  if (step == "throw:Fault")
    return yielded_or_returned(generator, generator.throw_in(Fault("thrown in")));
  if (step == "throw:GeneratorExit")
    return yielded_or_returned(generator, generator.throw_in(GeneratorExit{}));
  if (step != "close") throw std::invalid_argument("no such step: " + step);
  generator.close();
  return "done";
}

std::string outcome(Numbers& generator, const std::string& step) {
  try {
    return take(generator, step);
  } catch (const Fault& fault) {
    return std::string("raises ") + fault.what();
  } catch (const GeneratorExit&) {
    return "raises GeneratorExit";
  } catch (const GeneratorMisuse& misuse) {
    return std::string("refused: ") + misuse.what();
  }
}

std::string printed_here(const Case& that) {
  std::ostringstream out;
  Stage stage{out};
  {
    Numbers generator = make_generator(that.generator, stage);
    stage.driven = &generator;
    std::istringstream steps(that.steps);
    for (std::string step; steps >> step;) {
      const std::string what = outcome(generator, step);
      out << step << ' ' << what << '\n';
    }
    out << "drop\n";
  }
  return out.str();
}

std::string printed_by_python(const Case& that) {
  const std::string command = std::string(python) + " -B '" WAITBENCH_GENERATOR_SEMANTICS ".py' " +
                              that.generator + ' ' + that.steps + " 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw std::runtime_error("cannot run " + command);
  std::string printed;
  for (std::array<char, 4096> part; std::fgets(part.data(), part.size(), pipe.get()) != nullptr;)
    printed += part.data();
  return printed;
}

class GeneratorSemantics : public testing::TestWithParam<Case> {};

TEST_P(GeneratorSemantics, AreAsWrittenDown) {
  EXPECT_EQ(printed_here(GetParam()), GetParam().printed);
}

INSTANTIATE_TEST_SUITE_P(Of, GeneratorSemantics, testing::ValuesIn(read_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(GeneratorSemanticsWrittenDown, AreThoseOfCPython) {
  if (access(python, X_OK) != 0) GTEST_SKIP() << "there is no " << python << " to compare with";
  for (const Case& each : read_cases())
    EXPECT_EQ(printed_by_python(each), each.printed) << each.name;
}

}  // namespace
}  // namespace waitbench
