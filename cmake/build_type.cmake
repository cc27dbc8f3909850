# Release is the build type of who asks for none. Included before project(), which would settle the
# defaults otherwise.

if(NOT CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR)
  return()  # A project that contains this one decides.
endif()

get_property(has_several_types GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT CMAKE_BUILD_TYPE AND NOT has_several_types)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo or MinSizeRel" FORCE)
endif()

# Which files are compiled together is in harness/CMakeLists.txt.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "compile the files of a room that are not timed as one")

# The flags that make a number are in compile_options.cmake. CMake's own -O3 would only stand before
# them in every results file.
set(CMAKE_CXX_FLAGS_RELEASE "" CACHE STRING "flags beside those of WAITBENCH_MEASURED_FLAGS")
