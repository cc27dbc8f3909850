#include "harness/machine/build_info.hpp"

#include <gnu/libc-version.h>

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

#include "waitbench_build.hpp"
#include "waitbench_source.hpp"

#if __has_include(<uv/version.h>)
#include <uv/version.h>
#endif

namespace waitbench {
namespace {

using nlohmann::json;

// What the build does not know is empty there, and null in a results file.
json known(std::string_view text) {
  return text.empty() ? json(nullptr) : json(text);
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
  return {{"version", known(build::version)},
          {"commit", in_repository ? json(source_commit) : json(nullptr)},
          {"dirty", in_repository ? json(source_dirty) : json(nullptr)}};
}

json describe_build() {
  return {{"compiler", known(build::compiler)},
          {"flags", known(build::flags)},
          {"type", known(build::type)}};
}

json describe_libraries() {
  return {{"glibc", known(::gnu_get_libc_version())},
          {"libuv", libuv_version()},
          {"liburing", known(build::liburing_version)},
          {"boost", known(build::boost_version)},
          {"google_benchmark", known(build::google_benchmark_version)}};
}

}  // namespace waitbench
