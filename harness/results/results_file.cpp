#include "harness/results/results_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

// A file without a name (O_TMPFILE) would leave nothing behind when its writer is killed, but
// cannot take the place of one that is there. So the draft has a name, always the same, and whoever
// writes to the same place next clears it away.
std::filesystem::path beside(const std::filesystem::path& path) {
  std::filesystem::path draft = path;
  return draft += ".partial";
}

[[noreturn]] void refuse(const std::filesystem::path& path, int error) {
  throw std::system_error(error, std::generic_category(), "cannot write " + path.string());
}

void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;  // Ctrl-C keeps what was measured
    if (written < 0) refuse(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

ResultsFile::ResultsFile(std::filesystem::path path, nlohmann::json context, nlohmann::json entries)
    : path_(std::move(path)) {
  content_ = {{"schema_version", results_schema_version},
              {"context", std::move(context)},
              {"benchmarks", std::move(entries)}};
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  const bool is_something_else =
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
  if (is_something_else || !path_.has_filename())
    throw std::invalid_argument(fmt::format(
        "--out {}: not a regular file; name a file that may be written", path_.string()));
  const Descriptor draft(::open(beside(path_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  if (!draft)
    throw std::invalid_argument(fmt::format("--out {}: {}; name a file that may be written",
                                            path_.string(),
                                            std::generic_category().message(errno)));
  ::unlink(beside(path_).c_str());  // which one that was killed while it wrote may have left
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

void ResultsFile::write() const {
  const std::filesystem::path draft = beside(path_);
  try {
    const Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!file) refuse(path_, errno);
    // One line for each entry: a file that people can read and compare.
    std::string text =
        fmt::format("{{\n\"schema_version\": {},\n\"context\": {},\n\"benchmarks\": [",
                    results_schema_version, content_["context"].dump(1));
    const char* separator = "\n";
    for (const nlohmann::json& entry : content_["benchmarks"]) {
      text += separator + entry.dump();
      separator = ",\n";
    }
    text += "\n]\n}\n";
    write_all(file.get(), text, path_);
    if (fsync(file.get()) != 0) refuse(path_, errno);
    if (::rename(draft.c_str(), path_.c_str()) != 0) refuse(path_, errno);
  } catch (...) {
    ::unlink(draft.c_str());
    throw;
  }
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
