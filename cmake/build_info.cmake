# What every results file says of the build that made it: two headers for build_info.cpp.

set(generated_dir ${PROJECT_BINARY_DIR}/generated)

# The commit can change without a new configuration, so it is read at every build.
add_custom_target(source_revision
  BYPRODUCTS ${generated_dir}/waitbench_source.hpp
  COMMAND ${CMAKE_COMMAND} -DOUT=${generated_dir}/waitbench_source.hpp -DSRC=${PROJECT_SOURCE_DIR}
          -P ${PROJECT_SOURCE_DIR}/cmake/source_revision.cmake)

# The flags are read from the target, so that what is recorded is what the compiler is given.
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
list(APPEND flags $<TARGET_PROPERTY:waitbench_options,INTERFACE_COMPILE_OPTIONS>)
file(GENERATE OUTPUT ${generated_dir}/waitbench_build.hpp CONTENT
"// Written by CMake when it configures. What is not known is empty.
#pragma once

#include <string_view>

namespace waitbench::build {

inline constexpr std::string_view version = \"${PROJECT_VERSION}\";
inline constexpr std::string_view compiler =
    \"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\";
inline constexpr std::string_view flags = R\"($<JOIN:${flags}, >)\";
inline constexpr std::string_view type = \"$<CONFIG>\";
inline constexpr std::string_view liburing_version = \"${liburing_VERSION}\";
inline constexpr std::string_view boost_version = \"${BOOST_CONTEXT_VERSION}\";
inline constexpr std::string_view google_benchmark_version = \"${benchmark_VERSION}\";

}  // namespace waitbench::build
")
