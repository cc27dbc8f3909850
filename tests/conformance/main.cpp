// The conformance tests, and those that measure, are each a waitbench of their own: backends and
// trials are started as sub-commands of the running program, so this one has them too, with the
// negative controls among the participants and one workload more than the real program.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "harness/backend/serve.hpp"
#include "harness/os/startup.hpp"
#include "harness/trial/guest_process.hpp"
#include "harness/trial/trial.hpp"
#include "harness/workloads/delay/workload.hpp"
#include "harness/workloads/http/workload.hpp"
#include "harness/workloads/nginx/workload.hpp"
#include "harness/workloads/postgres/workload.hpp"
#include "tests/conformance/controls.hpp"
#include "tests/workloads/echo/echo.hpp"

namespace {

constexpr const waitbench::Workload* workloads[] = {
    &waitbench::delay_workload, &waitbench::echo_workload,     &waitbench::http_workload,
    &waitbench::nginx_workload, &waitbench::postgres_workload,
};

// `serve` as the harness calls it: backend/launch.cpp.
bool is_serve(const std::vector<std::string_view>& words) {
  return words.size() == 7 && words[0] == "serve" && words[1] == "--workload" &&
         words[3] == "--ready-fd" && words[5] == "--unix";
}

}  // namespace

// Takes the words as the harness puts them. The program's own command line has all the commands
// behind it, which no sanitizer has to be built for.
int main(int argc, char** argv) {
  waitbench::reset_inherited_state();
  waitbench::use_workloads(workloads);
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() == 2 && words[0] == "trial")
    return waitbench::run_trial(waitbench::order_from(argv[2]),
                                waitbench::participants_with_controls());
  if (words.size() > 3 && words[0] == "trial" && words[2] == "--")
    return waitbench::run_guest(waitbench::order_from(argv[2]), {argv + 4, argv + argc});
  if (is_serve(words))
    return waitbench::backend::serve(
        {.workload = argv[3], .unix_name = argv[7], .ready_fd = std::atoi(argv[5])});
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
