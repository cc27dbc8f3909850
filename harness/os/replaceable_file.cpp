#include "harness/os/replaceable_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;

std::string message_of(int error) {
  return std::generic_category().message(error);
}

// A file without a name (O_TMPFILE) would leave nothing behind when its writer is killed, but
// cannot take the place of one that is there. So the draft has a name, always the same, and the
// next process that writes to the same place removes what a killed one has left.
fs::path beside(const fs::path& path) {
  fs::path draft = path;
  return draft += ".partial";
}

fs::path follow_links(fs::path path) {
  constexpr int most_links = 40;  // as many as the kernel follows
  for (int followed = 0; followed < most_links; ++followed) {
    std::error_code error;
    const fs::path target = fs::read_symlink(path, error);
    if (error) return path;  // it is no link, or not there
    path = path.parent_path() / target;
  }
  throw std::invalid_argument(message_of(ELOOP));
}

// A file may be mounted over another one, as containers do it. Nothing can be moved there.
bool is_mount_point(const fs::path& path) {
  struct statx file {};
  return statx(AT_FDCWD, path.c_str(), 0, 0, &file) == 0 &&
         (file.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Descriptor create_draft(const fs::path& draft, mode_t mode) {
  if (unlink(draft.c_str()) != 0 && errno != ENOENT) return {};
  return Descriptor(open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
}

// `file` was created without rights for others, so where the file system knows no modes, or the
// owner cannot be kept, it has fewer rights than `before`, and never more.
void keep_attributes(int file, const struct stat& before) {
  constexpr uid_t unchanged = static_cast<uid_t>(-1);
  mode_t mode = before.st_mode & 07777;
  const bool has_group = fchown(file, before.st_uid, before.st_gid) == 0 ||
                         fchown(file, unchanged, before.st_gid) == 0;
  if (!has_group) mode &= ~static_cast<mode_t>(S_IRWXG);  // they are of another group
  [[maybe_unused]] const int done = fchmod(file, mode);
}

// The error that ended it, or 0.
int write_and_sync(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;  // Ctrl-C keeps what was measured
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(fd) == 0 ? 0 : errno;  // so that closing it has no news
}

int replace_file(const fs::path& target, const fs::path& draft, std::string_view content) {
  struct stat before {};
  const bool is_there = stat(target.c_str(), &before) == 0;
  if (!is_there && errno != ENOENT) return errno;
  const Descriptor file = create_draft(draft, is_there ? 0600 : 0666);
  if (!file) return errno;
  if (is_there) keep_attributes(file.get(), before);
  if (const int error = write_and_sync(file.get(), content); error != 0) return error;
  return rename(draft.c_str(), target.c_str()) == 0 ? 0 : errno;
}

}  // namespace

ReplaceableFile::ReplaceableFile(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (status.type() == fs::file_type::none) throw std::invalid_argument(error.message());
  if ((fs::exists(status) && !fs::is_regular_file(status)) || !path_.has_filename())
    throw std::invalid_argument("not a regular file");
  target_ = follow_links(path_);
  if (fs::exists(status)) {
    if (faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0)
      throw std::invalid_argument(message_of(errno));
    if (is_mount_point(target_))
      throw std::invalid_argument("something is mounted there, so it cannot be replaced");
  }
  const fs::path draft = beside(target_);
  if (!create_draft(draft, 0600) || unlink(draft.c_str()) != 0)
    throw std::invalid_argument(message_of(errno));
}

void ReplaceableFile::replace(std::string_view content) const {
  const fs::path draft = beside(target_);
  const int error = replace_file(target_, draft, content);
  if (error == 0) return;
  unlink(draft.c_str());  // it may not be there
  throw std::system_error(error, std::generic_category(), "cannot write " + path_.string());
}

}  // namespace waitbench
