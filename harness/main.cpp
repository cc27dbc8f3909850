#include "harness/commands/commands.hpp"

int main(int argc, char** argv) {
  const std::vector<waitbench::Entrant> entrants = waitbench::all_entrants();
  return waitbench::run_command_line(argc, argv, entrants);
}
