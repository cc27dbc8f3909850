#include "harness/os/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace waitbench {
namespace {

[[noreturn]] void refuse(int error) {
  throw std::system_error(error, std::generic_category(), "shared memory");
}

}  // namespace

SharedMemory SharedMemory::create(const char* name, std::size_t bytes) {
  Descriptor file(memfd_create(name, MFD_CLOEXEC));
  if (!file) refuse(errno);
  // Allocated now, since running out of memory later would be a SIGBUS in the midst of a trial.
  if (const int error = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)); error != 0)
    refuse(error);
  return SharedMemory(std::move(file), bytes);
}

SharedMemory SharedMemory::attach(int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0) refuse(errno);
  return SharedMemory(Descriptor(fd), static_cast<std::size_t>(file.st_size));
}

// Populated, so that no page fault falls into a timed turn.
SharedMemory::SharedMemory(Descriptor file, std::size_t bytes)
    : file_(std::move(file)), bytes_(bytes) {
  void* at =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file_.get(), 0);
  if (at == MAP_FAILED) refuse(errno);
  data_ = static_cast<std::byte*>(at);
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : file_(std::move(other.file_)),
      bytes_(other.bytes_),
      data_(std::exchange(other.data_, nullptr)) {}

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

}  // namespace waitbench
