// A results file while it grows: rewritten whole after every invocation, beside its final place and
// then moved there, so that at any moment it is either absent or valid.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace waitbench {

inline constexpr int results_schema_version = 2;

class ResultsFile {
 public:
  // With the entries that it has already, if any. Throws std::invalid_argument, with what is wrong,
  // when the file could not be written there later.
  ResultsFile(std::filesystem::path path, nlohmann::json context,
              nlohmann::json entries = nlohmann::json::array());

  void add(nlohmann::json entry);        // as results/README.md describes it
  void replace(nlohmann::json entries);  // all that there are
  const std::filesystem::path& path() const { return path_; }
  bool any_failed() const;
  std::size_t size() const { return content_["benchmarks"].size(); }
  nlohmann::json& context() { return content_["context"]; }

  // Throws std::system_error; what was written before is then still there.
  void write() const;

 private:
  std::filesystem::path path_;
  nlohmann::json content_;
};

// The content of a results file as it was written. Throws std::invalid_argument, with what is
// wrong, for what is not there, or is none.
nlohmann::json read_results(const std::filesystem::path& path);

}  // namespace waitbench
