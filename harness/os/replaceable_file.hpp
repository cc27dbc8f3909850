// A file that is rewritten as a whole: beside its place, and then moved there, so that at any
// moment it has its old content or its new one.
#pragma once

#include <filesystem>
#include <string_view>

namespace waitbench {

class ReplaceableFile {
 public:
  // A symbolic link is followed. Throws std::invalid_argument, with what is wrong, when the file
  // could not be replaced later; neither it nor its directory has changed then.
  explicit ReplaceableFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }  // as it was given

  // The mode of the file is kept, and its owner where this process may give files to others. Throws
  // std::system_error; the old content is then still there.
  void replace(std::string_view content) const;

 private:
  std::filesystem::path path_;
  std::filesystem::path target_;  // what the path leads to
};

}  // namespace waitbench
