// A results file while it grows: rewritten whole after every invocation, beside its final place and
// then moved there, so that at any moment it is either absent or valid.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "harness/row.hpp"

namespace waitbench {

inline constexpr int results_schema_version = 1;

class ResultsFile {
 public:
  // Throws std::invalid_argument, with what is wrong, when the file could not be written there
  // later.
  ResultsFile(std::filesystem::path path, nlohmann::json context);

  void add(std::span<const Row> rows);
  std::size_t size() const { return content_["benchmarks"].size(); }
  nlohmann::json& context() { return content_["context"]; }

  // Throws std::system_error; what was written before is then still there.
  void write() const;

 private:
  std::filesystem::path path_;
  nlohmann::json content_;
};

}  // namespace waitbench
