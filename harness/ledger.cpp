#include "harness/ledger.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace waitbench {
namespace {

constexpr std::uint64_t ledger_magic = 0x3152454744454c57;  // "WLEDGER1"

[[noreturn]] void refuse(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Ledger Ledger::create(std::size_t queries) {
  const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(queries, 64));
  const std::size_t bytes = sizeof(Page) + capacity * sizeof(LedgerRecord);
  Descriptor memory(memfd_create("waitbench-ledger", MFD_CLOEXEC));
  if (!memory) refuse("ledger");
  // Allocated now, since running out of memory later would be a SIGBUS in the midst of a trial.
  if ((errno = posix_fallocate(memory.get(), 0, static_cast<off_t>(bytes))) != 0) refuse("ledger");
  Ledger ledger(std::move(memory), bytes);
  new (ledger.page_) Page{.magic = ledger_magic,
                          .capacity = capacity,
                          .stopping = false,
                          .failure = unfailed,
                          .reason = {},
                          .next_id = 1};
  return ledger;
}

Ledger Ledger::attach(int fd) {
  struct stat file;
  if (fstat(fd, &file) != 0) refuse("ledger");
  const auto bytes = static_cast<std::size_t>(file.st_size);
  if (bytes < sizeof(Page)) throw std::runtime_error("the descriptor given is not a ledger");
  Ledger ledger(Descriptor(fd), bytes);
  if (ledger.page_->magic != ledger_magic ||
      bytes != sizeof(Page) + ledger.page_->capacity * sizeof(LedgerRecord))
    throw std::runtime_error("the descriptor given is not a ledger");
  return ledger;
}

// Populated, so that no page fault of the ledger's falls into a timed turn.
Ledger::Ledger(Descriptor memory, std::size_t bytes) : memory_(std::move(memory)), bytes_(bytes) {
  void* at =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, memory_.get(), 0);
  if (at == MAP_FAILED) refuse("ledger");
  page_ = static_cast<Page*>(at);
  records_ = reinterpret_cast<LedgerRecord*>(page_ + 1);
}

Ledger::Ledger(Ledger&& other) noexcept
    : memory_(std::move(other.memory_)),
      bytes_(other.bytes_),
      page_(std::exchange(other.page_, nullptr)),
      records_(other.records_) {}

Ledger::~Ledger() {
  if (page_ != nullptr) munmap(page_, bytes_);
}

void Ledger::fail(std::string_view reason) {
  std::uint32_t expected = unfailed;
  if (!page_->failure.compare_exchange_strong(expected, writing)) return;
  const std::size_t length = std::min(reason.size(), sizeof(page_->reason) - 1);
  std::memcpy(page_->reason, reason.data(), length);
  page_->reason[length] = '\0';
  page_->failure.store(written, std::memory_order_release);
}

std::string Ledger::failure() const {
  return page_->failure.load(std::memory_order_acquire) == written ? page_->reason : "";
}

}  // namespace waitbench
