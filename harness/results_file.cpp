#include "harness/results_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

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
    if (written < 0) refuse(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

ResultsFile::ResultsFile(std::filesystem::path path, nlohmann::json context)
    : path_(std::move(path)) {
  content_ = {{"schema_version", results_schema_version},
              {"context", std::move(context)},
              {"benchmarks", nlohmann::json::array()}};
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
  ::unlink(beside(path_).c_str());
}

void ResultsFile::add(std::span<const Row> rows) {
  for (const Row& row : rows) content_["benchmarks"].push_back(to_entry(row));
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

}  // namespace waitbench
