// Memory that the harness and the processes of a trial share. It has no name, so nothing stays
// behind when its last user is killed; who is to have it inherits its descriptor.
#pragma once

#include <cstddef>

#include "impls/lib/descriptor.hpp"

namespace waitbench {

class SharedMemory {
 public:
  // `bytes` of zeros. `name` is for /proc only. Throws std::system_error when they cannot be had.
  static SharedMemory create(const char* name, std::size_t bytes);

  // What lies behind a descriptor, of which this becomes the owner. Throws std::system_error when
  // it cannot be mapped.
  static SharedMemory attach(int fd);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&&) = delete;
  ~SharedMemory();

  int fd() const { return file_.get(); }
  std::byte* data() const { return data_; }
  std::size_t size() const { return bytes_; }

 private:
  SharedMemory(Descriptor file, std::size_t bytes);

  Descriptor file_;
  std::size_t bytes_ = 0;
  std::byte* data_ = nullptr;
};

}  // namespace waitbench
