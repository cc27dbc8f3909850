// See build_info.hpp. Definitions: WAITBENCH_VERSION, WAITBENCH_COMPILER, WAITBENCH_FLAGS,
// WAITBENCH_BUILD_TYPE, and WAITBENCH_<LIBRARY>_VERSION for the libraries whose headers hide
// theirs.
#include "harness/machine/build_info.hpp"

#include <gnu/libc-version.h>

#include <nlohmann/json.hpp>

#include <string>

#include "waitbench_source.hpp"

#if __has_include(<uv/version.h>)
#include <uv/version.h>
#endif

#ifndef WAITBENCH_VERSION
#define WAITBENCH_VERSION nullptr
#endif
#ifndef WAITBENCH_COMPILER
#define WAITBENCH_COMPILER nullptr
#endif
#ifndef WAITBENCH_FLAGS
#define WAITBENCH_FLAGS nullptr
#endif
#ifndef WAITBENCH_BUILD_TYPE
#define WAITBENCH_BUILD_TYPE nullptr
#endif
#ifndef WAITBENCH_LIBURING_VERSION
#define WAITBENCH_LIBURING_VERSION nullptr
#endif
#ifndef WAITBENCH_BOOST_VERSION
#define WAITBENCH_BOOST_VERSION nullptr
#endif
#ifndef WAITBENCH_BENCHMARK_VERSION
#define WAITBENCH_BENCHMARK_VERSION nullptr
#endif

namespace waitbench {
namespace {

using nlohmann::json;

// An empty definition is as good as none.
json known(const char* text) {
  return text != nullptr && *text != '\0' ? json(text) : json(nullptr);
}

json libuv_version() {
#ifdef UV_VERSION_MAJOR
  return std::to_string(UV_VERSION_MAJOR) + "." + std::to_string(UV_VERSION_MINOR) + "." +
         std::to_string(UV_VERSION_PATCH);
#else
  return nullptr;
#endif
}

}  // namespace

json describe_source() {
  const bool in_repository = !source_commit.empty();
  return {{"version", known(WAITBENCH_VERSION)},
          {"commit", in_repository ? json(source_commit) : json(nullptr)},
          {"dirty", in_repository ? json(source_dirty) : json(nullptr)}};
}

json describe_build() {
  return {{"compiler", known(WAITBENCH_COMPILER)},
          {"flags", known(WAITBENCH_FLAGS)},
          {"type", known(WAITBENCH_BUILD_TYPE)}};
}

json describe_libraries() {
  return {{"glibc", known(::gnu_get_libc_version())},
          {"libuv", libuv_version()},
          {"liburing", known(WAITBENCH_LIBURING_VERSION)},
          {"boost", known(WAITBENCH_BOOST_VERSION)},
          {"google_benchmark", known(WAITBENCH_BENCHMARK_VERSION)}};
}

}  // namespace waitbench
