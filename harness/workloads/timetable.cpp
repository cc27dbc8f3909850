#include "harness/workloads/timetable.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace waitbench {
namespace {

constexpr std::uint64_t timetable_magic = 0x31454c4241544d54;  // "TMTABLE1"

}  // namespace

Timetable Timetable::create(std::size_t arrivals, std::size_t clients) {
  Timetable table(
      SharedMemory::create("waitbench-timetable", sizeof(Page) + arrivals * sizeof(std::int64_t)));
  new (table.page_) Page{.magic = timetable_magic,
                         .capacity = arrivals,
                         .arrivals = 0,
                         .begins_ns = 0,
                         .ends_ns = 0,
                         .exhausted_ns = 0,
                         .clients = static_cast<std::uint32_t>(clients),
                         .rests = 0,
                         .fewest = 0,
                         .is_closed_loop = false,
                         .turn = 0,
                         .held_ns = 0,
                         .next = 0,
                         .resting = 0,
                         .waiting = 0};
  return table;
}

Timetable Timetable::attach(int fd) {
  Timetable table(SharedMemory::attach(fd));
  const std::size_t bytes = table.memory_.size();
  if (bytes < sizeof(Page) || table.page_->magic != timetable_magic ||
      bytes != sizeof(Page) + table.page_->capacity * sizeof(std::int64_t))
    throw std::runtime_error("the descriptor given is not a timetable");
  return table;
}

Timetable::Timetable(SharedMemory memory)
    : memory_(std::move(memory)),
      page_(reinterpret_cast<Page*>(memory_.data())),
      offsets_ns_(reinterpret_cast<std::int64_t*>(page_ + 1)) {}

void Timetable::post(std::span<const std::int64_t> offsets_ns, std::int64_t begins_ns,
                     std::int64_t ends_ns) {
  if (offsets_ns.size() > page_->capacity)
    throw std::length_error("more arrivals than the timetable has room for");
  std::ranges::copy(offsets_ns, offsets_ns_);
  page_->arrivals = offsets_ns.size();
  page_->begins_ns = begins_ns;
  page_->ends_ns = ends_ns;
  page_->next.store(0, std::memory_order_release);
}

void Timetable::post_tickets(std::uint64_t queries) {
  page_->is_closed_loop = true;
  page_->arrivals = queries;
  page_->next.store(0, std::memory_order_release);
}

}  // namespace waitbench
