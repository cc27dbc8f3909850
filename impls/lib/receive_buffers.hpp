// Buffers that io_uring may receive into, handed to it in advance.
//
// A receive that stays open is not given a buffer for each message. It takes the next buffer of a
// ring that kernel and program share, and the completion says which one; once its bytes have been
// read the buffer is given back. The bytes that a connection has received and no step has read yet
// are a queue through the buffers themselves, so it needs no further memory. There are enough
// buffers for what one wait brings, half a MiB for all connections together; when they run out, the
// kernel says so and the bytes stay in the socket.
#pragma once

#include <liburing.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <system_error>

namespace waitbench {

class ReceiveBuffers {
 public:
  static constexpr std::uint16_t group = 0;  // by which an operation names them
  static constexpr std::uint16_t count = 256;
  static constexpr std::size_t bytes_each = 2 << 10;

  // The buffers of one connection, oldest first.
  class Queue {
   public:
    bool empty() const { return first_ == count; }

   private:
    friend class ReceiveBuffers;
    std::uint16_t first_ = count;
    std::uint16_t last_ = count;  // unless empty
  };

  // Touched at once: a page fault later would be charged to the model that is being measured.
  ReceiveBuffers() {
    void* const memory = mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "cannot map the buffers");
    memory_ = new (memory) Memory;
    io_uring_buf_ring_init(ring());
    for (std::uint16_t id = 0; id < count; ++id) give_back(id);
  }
  ReceiveBuffers(const ReceiveBuffers&) = delete;
  ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;
  ~ReceiveBuffers() { munmap(memory_, sizeof(Memory)); }

  // 0 or -errno. They must live on until the kernel has let go of `user`.
  int offer_to(io_uring& user) {
    io_uring_buf_reg offer{};
    offer.ring_addr = reinterpret_cast<std::uintptr_t>(memory_);
    offer.ring_entries = count;
    offer.bgid = group;
    return io_uring_register_buf_ring(&user, &offer, 0);
  }

  // The kernel has put so many bytes into buffer `id` for the connection.
  void append(Queue& queue, std::uint16_t id, std::size_t bytes) {
    unread_[id] = {.begin = 0, .end = static_cast<std::uint16_t>(bytes), .next = count};
    (queue.empty() ? queue.first_ : unread_[queue.last_].next) = id;
    queue.last_ = id;
  }

  // Moves at most `size` bytes, and those of one buffer at most, to `to`. The queue
  // must not be empty.
  std::size_t take(Queue& queue, std::byte* to, std::size_t size) {
    Unread& unread = unread_[queue.first_];
    const std::size_t bytes = std::min<std::size_t>(size, unread.end - unread.begin);
    std::memcpy(to, memory_->bytes[queue.first_].data() + unread.begin, bytes);
    unread.begin += static_cast<std::uint16_t>(bytes);
    if (unread.begin == unread.end) drop_first(queue);
    return bytes;
  }

  void drop_all(Queue& queue) {
    while (!queue.empty()) drop_first(queue);
  }

 private:
  struct Unread {
    std::uint16_t begin, end;  // of the bytes in a buffer that are not read yet
    std::uint16_t next;        // buffer of the same connection; `count`: there is none
  };
  // The kernel wants the ring to begin a page.
  struct Memory {
    std::array<io_uring_buf, count> ring;
    std::array<std::array<std::byte, bytes_each>, count> bytes;
  };

  io_uring_buf_ring* ring() { return reinterpret_cast<io_uring_buf_ring*>(memory_); }

  void drop_first(Queue& queue) {
    const std::uint16_t id = queue.first_;
    queue.first_ = unread_[id].next;
    give_back(id);
  }

  void give_back(std::uint16_t id) {
    io_uring_buf_ring_add(ring(), memory_->bytes[id].data(), bytes_each, id,
                          io_uring_buf_ring_mask(count), 0);
    io_uring_buf_ring_advance(ring(), 1);
  }

  Memory* memory_;
  std::array<Unread, count> unread_;
};

}  // namespace waitbench
