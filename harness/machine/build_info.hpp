// What was built, from which source, with what: the part of a results file's context that was
// settled before the program started. CMake writes most of it into headers that only build_info.cpp
// reads (see cmake/build_info.cmake); what is not known is null.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace waitbench {

// {"version": "0.1.0", "commit": "<hash>", "dirty": false}; commit and dirty are null for a build
// from outside a git repository.
nlohmann::json describe_source();

// {"compiler": "g++ 12.2.0", "flags": "-O2 ...", "type": "Release"}
nlohmann::json describe_build();

// {"libuv": "1.44.2", ...}: what may show in a measurement, so not what only parses or prints.
nlohmann::json describe_libraries();

}  // namespace waitbench
