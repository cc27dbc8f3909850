#include "harness/commands/commands.hpp"

int main(int argc, char** argv) {
  const std::vector<waitbench::Participant> participants = waitbench::all_participants();
  return waitbench::run_command_line(argc, argv, participants);
}
