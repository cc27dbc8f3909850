#include "harness/results/results_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "harness/os/streams.hpp"

namespace waitbench {
namespace {

ReplaceableFile checked_file(const std::filesystem::path& path) try {
  return ReplaceableFile(path);
} catch (const std::invalid_argument& error) {
  throw std::invalid_argument(
      fmt::format("--out {}: {}; name a file that may be written, or - for standard output",
                  path.string(), error.what()));
}

// The words of a command line may be bytes of any kind, such as the name of a file.
std::string to_text(const nlohmann::json& value, int indent = -1) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

ResultsFile::ResultsFile(const std::filesystem::path& path, nlohmann::json context,
                         nlohmann::json entries) {
  if (path != standard_output) file_ = checked_file(path);
  content_ = {{"schema_version", results_schema_version},
              {"context", std::move(context)},
              {"benchmarks", std::move(entries)}};
}

std::string ResultsFile::name() const {
  return file_ ? file_->path().string() : "standard output";
}

void ResultsFile::add(nlohmann::json entry) {
  content_["benchmarks"].push_back(std::move(entry));
}

void ResultsFile::replace(nlohmann::json entries) {
  content_["benchmarks"] = std::move(entries);
}

bool ResultsFile::any_failed() const {
  return std::ranges::any_of(content_["benchmarks"],
                             [](const auto& entry) { return entry["status"] == "failed"; });
}

void ResultsFile::begin() const try { write(); } catch (const std::system_error& error) {
  throw std::invalid_argument(error.what());
}

void ResultsFile::write() const {
  if (file_) file_->replace(text());
}

void ResultsFile::finish() const {
  if (file_)
    write();
  else
    write_to_stdout(text());
}

// One line for each entry: a file that people can read and compare.
std::string ResultsFile::text() const {
  std::string text = fmt::format("{{\n\"schema_version\": {},\n\"context\": {},\n\"benchmarks\": [",
                                 results_schema_version, to_text(content_["context"], 1));
  const char* separator = "\n";
  for (const nlohmann::json& entry : content_["benchmarks"]) {
    text += separator + to_text(entry);
    separator = ",\n";
  }
  text += "\n]\n}\n";
  return text;
}

namespace {

// Version 1 called handwritten counterparts native: the role, and the beginning of their names.
void convert_from_version_1(nlohmann::json& content) {
  constexpr std::string_view old = "native-";
  content["schema_version"] = results_schema_version;
  for (nlohmann::json& entry : content["benchmarks"]) {
    if (!entry.is_object() || entry.value("role", nlohmann::json()) != "native") continue;
    entry["role"] = "handwritten";
    for (const char* field : {"model", "name", "run_name"}) {
      const auto found = entry.find(field);
      if (found == entry.end() || !found->is_string()) continue;
      std::string name = *found;
      const std::size_t at = name.find(old);
      if (at != name.npos) *found = name.replace(at, old.size(), "handwritten-");
    }
  }
}

}  // namespace

nlohmann::json read_results(const std::filesystem::path& path) {
  const auto refuse_input = [](const std::string& why) {
    throw std::invalid_argument(fmt::format("{}; give the results file of a waitbench run", why));
  };
  // A directory can be opened, and fails at the first byte with words of the library's own.
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) refuse_input("it is a directory");
  std::ifstream file(path);
  if (!file) refuse_input(std::generic_category().message(errno));
  nlohmann::json content = nlohmann::json::parse(file, nullptr, false);
  if (!content.is_object() || !content.contains("schema_version")) refuse_input("no results file");
  const bool is_old = content["schema_version"] == 1;
  if (!is_old && content["schema_version"] != results_schema_version)
    refuse_input(fmt::format("its schema_version is not {}", results_schema_version));
  const auto has = [&content](const char* key, auto is_right) {
    return content.contains(key) && (content[key].*is_right)();
  };
  using nlohmann::json;
  if (!has("context", &json::is_object) || !has("benchmarks", &json::is_array))
    refuse_input("it lacks context or benchmarks");
  if (is_old) convert_from_version_1(content);
  return content;
}

}  // namespace waitbench
