# Writes the header waitbench_source.hpp: which commit is being built, and whether tracked files
# differ from it. Run at every build, since configuring happens too seldom to know:
#   cmake -DOUT=<header to write> -DSRC=<directory of the source> -P source_revision.cmake
# The file is touched only when its content changes, so that nothing is rebuilt in vain. Without
# git, or outside a repository (a source archive), the commit is empty, which stands for unknown.

if(NOT OUT OR NOT SRC)
  message(FATAL_ERROR "source_revision.cmake needs -DOUT=<header> and -DSRC=<source directory>")
endif()

set(commit "")
set(dirty false)

function(run_git out_variable)
  # No optional locks: a build must not disturb a git command that runs at the same time.
  execute_process(
    COMMAND git --no-optional-locks -C "${SRC}" ${ARGN}
    OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE result ERROR_QUIET)
  if(NOT result EQUAL 0)
    set(output "unknown")
  endif()
  set(${out_variable} "${output}" PARENT_SCOPE)
endfunction()

# An archive unpacked inside some other repository must not take that one's commit for its own:
# SRC has to be the top of its repository, where the prefix is empty.
run_git(prefix rev-parse --show-prefix)
if(prefix STREQUAL "")
  run_git(head rev-parse --verify --quiet HEAD)
  if(NOT head STREQUAL "unknown")
    set(commit "${head}")
    run_git(changes status --porcelain --untracked-files=no)
    if(NOT changes STREQUAL "")
      set(dirty true)
    endif()
  endif()
endif()

file(CONFIGURE OUTPUT "${OUT}" @ONLY CONTENT [[
// Written by cmake/source_revision.cmake at every build.
#pragma once

#include <string_view>

namespace waitbench {

inline constexpr std::string_view source_commit = "@commit@";
inline constexpr bool source_dirty = @dirty@;

}  // namespace waitbench
]])
