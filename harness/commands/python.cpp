// The commands that are carried out in Python: those of the package `plots`, from results files
// alone; and `fleet`, which starts this program on other machines.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "harness/commands/commands.hpp"
#include "harness/os/process.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;

// The folder that holds the Python packages: relative to the program, so that an installed
// tree can be moved. A build directory has it beside the program (see cmake/python_package.cmake).
fs::path python_path() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path installed = (folder / WAITBENCH_PYTHON_DIR).lexically_normal();
  return fs::exists(installed / "plots") ? installed : folder / "share" / "waitbench";
}

// Whether this Python can be started and has the modules that `plots` needs.
bool has_modules(std::string python, std::string requirements) {
  posix_spawn_file_actions_t silence;
  posix_spawn_file_actions_init(&silence);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&silence, stream, "/dev/null", O_WRONLY, 0);
  char* const arguments[] = {python.data(), requirements.data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, python.c_str(), &silence, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&silence);
  if (error != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return status == 0;
}

// The Python that the environment names, or the build; else the first that has the modules. If none
// has them, the last one is started all the same, and prints which it lacks.
std::string choose_python(const fs::path& folder) {
  if (const char* named = std::getenv("WAITBENCH_PYTHON"); named != nullptr && *named != '\0')
    return named;
  if (*WAITBENCH_PYTHON != '\0') return WAITBENCH_PYTHON;
  constexpr const char* first = "python3";
  constexpr const char* of_the_system = "/usr/bin/python3";
  const bool first_will_do = has_modules(first, folder / "plots" / "requirements.py");
  return first_will_do || !fs::exists(of_the_system) ? first : of_the_system;
}

// Starts a package, the second argument, from the folder that the first one names. That folder
// comes first on Python's path, and the current one (an empty entry) is not on it: a json.py there
// is the user's own. PYTHONPATH could do neither for a folder with a colon in its name.
constexpr const char* start_package =
    "import sys; sys.path = [sys.argv.pop(1), *filter(None, sys.path)]; "
    "import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)";

// The folders of PYTHONPATH that do not depend on the current one: an empty entry stands for it, a
// relative one lies in it.
std::string absolute_entries(const std::string& python_path) {
  std::string kept;
  std::istringstream entries(python_path);
  for (std::string entry; std::getline(entries, entry, ':');)
    if (entry.starts_with('/')) kept += (kept.empty() ? "" : ":") + entry;
  return kept;
}

}  // namespace

// This process becomes the Python program, so its messages and its exit code are ours.
int become_python(const std::string& name, const std::vector<std::string>& words) {
  const fs::path path = python_path();
  if (!fs::exists(path / "plots"))
    throw UsageError("the Python package 'plots' is not beside this program; run cmake --install");
  if (const char* before = std::getenv("PYTHONPATH"))
    setenv("PYTHONPATH", absolute_entries(before).c_str(), 1);
  setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
  setenv("WAITBENCH_PROGRAM", fs::read_symlink(this_program).c_str(), 1);
  const bool is_package = name == "fleet";
  std::vector<std::string> command = {choose_python(path), "-c", start_package, path};
  if (is_package)
    command.push_back(name);
  else
    command.insert(command.end(), {"plots", name});
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  throw UsageError("cannot start " + command.front() + ": " + std::strerror(errno) +
                   "; install Python 3, or name one in WAITBENCH_PYTHON");
}

}  // namespace waitbench
