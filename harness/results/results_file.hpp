// A results file while it grows: rewritten whole after every invocation, so that at any moment it
// is either absent or valid. Where its path is "-", it is written once, at the end.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "harness/os/replaceable_file.hpp"

namespace waitbench {

inline constexpr int results_schema_version = 2;
inline constexpr const char* standard_output = "-";  // in place of a path

class ResultsFile {
 public:
  // With the entries that it has already, if any. Throws std::invalid_argument, with what is wrong,
  // when the file could not be written there later.
  ResultsFile(const std::filesystem::path& path, nlohmann::json context,
              nlohmann::json entries = nlohmann::json::array());

  void add(nlohmann::json entry);        // as results/README.md describes it
  void replace(nlohmann::json entries);  // all entries
  std::string name() const;              // for people
  bool any_failed() const;
  std::size_t size() const { return content_["benchmarks"].size(); }
  nlohmann::json& context() { return content_["context"]; }
  const nlohmann::json& entries() const { return content_.at("benchmarks"); }

  // For the first time, before anything is measured. Throws std::invalid_argument, with what is
  // wrong, when the file cannot be written.
  void begin() const;
  // For the time being, and for the last time. Throw std::system_error; what was written before is
  // then still there.
  void write() const;
  void finish() const;

 private:
  std::string text() const;

  std::optional<ReplaceableFile> file_;  // none: standard output
  nlohmann::json content_;
};

// The content of a results file as it was written. Throws std::invalid_argument, with what is
// wrong, for what is not there, or is none.
nlohmann::json read_results(const std::filesystem::path& path);

}  // namespace waitbench
