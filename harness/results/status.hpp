// What became of an entry of a results file.
#pragma once

#include <string_view>

namespace waitbench {

enum class Status { ok, failed, skipped };

constexpr std::string_view status_name(Status status) {
  return status == Status::ok ? "ok" : status == Status::failed ? "failed" : "skipped";
}

}  // namespace waitbench
