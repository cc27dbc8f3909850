// The conformance tests, and those that measure, are each a waitbench of their own: backends and
// trials are started as sub-commands of the running program, so this one has them too, with the
// negative controls among those who may enter.
#include <gtest/gtest.h>

#include <string_view>

#include "harness/commands/commands.hpp"
#include "tests/conformance/controls.hpp"

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "trial" || command == "serve") {
    const std::vector<waitbench::Entrant> entrants = waitbench::entrants_with_controls();
    return waitbench::run_command_line(argc, argv, entrants);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
