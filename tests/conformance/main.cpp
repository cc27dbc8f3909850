// The conformance tests, and those that measure, are each a waitbench of their own: backends and
// trials are started as sub-commands of the running program, so this one has them too, with the
// negative controls among those who may enter.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "harness/backend/serve.hpp"
#include "harness/os/startup.hpp"
#include "harness/trial/trial.hpp"
#include "harness/workloads/delay/protocol.hpp"
#include "tests/conformance/controls.hpp"

// Takes the words as the harness puts them (backend/launch.cpp, stage.cpp). The program's own
// command line has all the commands behind it, which no sanitizer has to be built for.
int main(int argc, char** argv) {
  waitbench::reset_inherited_state();
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "trial")
    return waitbench::run_trial(waitbench::order_from(argv[2]),
                                waitbench::entrants_with_controls());
  if (words.size() == 5 && words[0] == "serve" && words[1] == "--ready-fd" &&
      words[3] == "--unix") {
    constexpr const waitbench::Protocol* protocols[] = {&waitbench::delay_protocol};
    return waitbench::backend::serve({.unix_name = argv[5], .ready_fd = std::atoi(argv[3])},
                                     protocols);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
