// The commands that are carried out by the Python package `plots`, from results files alone.

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "harness/commands/commands.hpp"

// Where the Python package `plots` lies: beside an installed waitbench, or in the source tree.
#ifndef WAITBENCH_SOURCE_DIR
#error "the build defines WAITBENCH_SOURCE_DIR and WAITBENCH_PYTHON_DIR"
#endif

namespace waitbench {
namespace {

namespace fs = std::filesystem;

fs::path python_path() {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const fs::path installed = program.parent_path() / WAITBENCH_PYTHON_DIR;
  return (fs::exists(installed / "plots") ? installed : fs::path(WAITBENCH_SOURCE_DIR))
      .lexically_normal();
}

const char* python() {
  return fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
}

// Starts `plots` from the folder that the first argument names. That folder comes first on Python's
// path, and the current one (an empty entry) is not on it: a json.py there is the user's own.
// PYTHONPATH could do neither for a folder with a colon in its name.
constexpr const char* start_plots =
    "import sys; sys.path = [sys.argv.pop(1), *filter(None, sys.path)]; "
    "import runpy; runpy.run_module('plots', run_name='__main__', alter_sys=True)";

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
  std::vector<std::string> command = {python(), "-c", start_plots, path, name};
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  throw UsageError(std::string("cannot start python3: ") + std::strerror(errno));
}

}  // namespace waitbench
