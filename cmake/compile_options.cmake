# How all of waitbench is compiled: the target waitbench_options, to which every other one links.

# These flags are part of every number, so they name no machine, and every results file records them
# (see build_info.cmake). Functions are 64-byte aligned so that unrelated edits do not shift hot code
# across cache lines. -g1 makes line tables for profilers, and changes no instruction.
set(WAITBENCH_MEASURED_FLAGS -O2 -g1 -DNDEBUG -falign-functions=64
  CACHE STRING "compiler flags of all builds but Debug; they are recorded with every result")

add_library(waitbench_options INTERFACE)
target_compile_options(waitbench_options INTERFACE
  -Wall -Wextra "$<$<NOT:$<CONFIG:Debug>>:${WAITBENCH_MEASURED_FLAGS}>")

# When the compiler looks for memory of its own that it can use again, by default so often that this
# takes a tenth of its time. It has no effect on what is compiled.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  add_compile_options(--param=ggc-min-heapsize=300000)  # KiB
endif()

# A compiler cache is used where there is one, unless the caller has chosen a launcher.
option(WAITBENCH_CCACHE "compile with ccache if it is installed" ON)
find_program(ccache_program ccache)
mark_as_advanced(ccache_program)
if(WAITBENCH_CCACHE AND ccache_program AND PROJECT_IS_TOP_LEVEL
    AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  # What these two ignore (macros in precompiled headers, __DATE__) is not used here.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros ${ccache_program})
endif()
