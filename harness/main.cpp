#include <exception>

#include "harness/commands/commands.hpp"
#include "harness/os/startup.hpp"
#include "harness/os/streams.hpp"

int main(int argc, char** argv) {
  try {
    waitbench::reset_inherited_state();
  } catch (const std::exception& error) {
    waitbench::print_to_stderr("waitbench: {}\n", error.what());
    return waitbench::exit_failed;
  }
  const std::vector<waitbench::Participant> participants = waitbench::all_participants();
  return waitbench::run_command_line(argc, argv, participants);
}
