#include "harness/workloads/ledger.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace waitbench {
namespace {

constexpr std::uint64_t ledger_magic = 0x3152454744454c57;  // "WLEDGER1"

}  // namespace

Ledger Ledger::create(std::size_t queries) {
  const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(queries, 64));
  Ledger ledger(
      SharedMemory::create("waitbench-ledger", sizeof(Page) + capacity * sizeof(LedgerRecord)));
  new (ledger.page_) Page{.magic = ledger_magic,
                          .capacity = capacity,
                          .stopping = false,
                          .failure = unfailed,
                          .last_through = 0,
                          .reason = {},
                          .next_id = 1};
  return ledger;
}

Ledger Ledger::attach(int fd) {
  Ledger ledger(SharedMemory::attach(fd));
  const std::size_t bytes = ledger.memory_.size();
  if (bytes < sizeof(Page) || ledger.page_->magic != ledger_magic ||
      bytes != sizeof(Page) + ledger.page_->capacity * sizeof(LedgerRecord))
    throw std::runtime_error("the descriptor given is not a ledger");
  return ledger;
}

Ledger::Ledger(SharedMemory memory)
    : memory_(std::move(memory)),
      page_(reinterpret_cast<Page*>(memory_.data())),
      records_(reinterpret_cast<LedgerRecord*>(page_ + 1)) {}

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
