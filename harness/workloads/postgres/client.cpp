#include "harness/workloads/postgres/client.hpp"

#include <fmt/format.h>

#include <charconv>

#include "harness/workloads/drawn_delay.hpp"
#include "harness/workloads/postgres/database.hpp"
#include "impls/lib/clock.hpp"

namespace waitbench {

PostgresClient::PostgresClient(const ClientConfig& config, Ledger& ledger, std::uint32_t number)
    : QueryClient(config, ledger, number), random_(config.seed + number) {
  for (std::size_t i = 0; i < texts_.size(); ++i) question_.values[i] = texts_[i].data();
}

const PostgresClient::Question& PostgresClient::ask() {
  begin_query();
  question_.rests = rests();
  if (rests()) {
    question_.parameters = 2;
    write_number(0, trial());
    write_number(1, postgres::lock_of(config().timetable->turn()));
    config().timetable->begin_rest(now_ns());
    return question_;
  }
  row_ = 1 + static_cast<std::uint32_t>(random_.next() % postgres::rows);
  question_.parameters = 1;
  write_number(0, row_);
  if (!has_delay()) return question_;
  question_.parameters = 2;
  constexpr auto most_ns = static_cast<std::uint64_t>(10 * longest_delay_us * ns_per_us);
  const std::uint64_t delay_ns = draw_delay_ns(random_, config().cell.delay_shape,
                                               config().cell.delay_us * ns_per_us, most_ns);
  std::array<char, 24>& text = texts_[1];
  *fmt::format_to_n(text.data(), text.size() - 1, "{}", static_cast<double>(delay_ns) / ns_per_s)
       .out = '\0';
  return question_;
}

bool PostgresClient::take(std::string_view note) {
  if (rests()) {
    config().timetable->end_rest();
  } else if (!postgres::is_note_of(row_, note, config().check_every_byte)) {
    fail(fmt::format("query {}: the server answered with another note than that of row {}", id(),
                     row_));
    return false;
  }
  end_query({});
  return true;
}

void PostgresClient::write_number(std::size_t parameter, std::uint32_t number) {
  std::array<char, 24>& text = texts_[parameter];
  *std::to_chars(text.data(), text.data() + text.size() - 1, number).ptr = '\0';
}

}  // namespace waitbench
