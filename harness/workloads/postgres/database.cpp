#include "harness/workloads/postgres/database.hpp"

#include <fmt/format.h>

#include <array>

namespace waitbench::postgres {
namespace {

constexpr std::uint64_t note_factor = 2'654'435'761;
constexpr std::uint64_t note_modulus = 1ULL << 32;

}  // namespace

std::string table_of(std::uint16_t trial) {
  return fmt::format("{}.trial_{}", schema, trial);
}

std::string session_name(std::uint16_t trial) {
  return fmt::format("waitbench trial {}", trial);
}

std::string idle_session_name(std::uint16_t trial) {
  return fmt::format("waitbench idle {}", trial);
}

std::string create_table(std::uint16_t trial) {
  const std::string table = table_of(trial);
  return fmt::format(
      "CREATE UNLOGGED TABLE {0} AS SELECT id, repeat(lpad((id::int8 * {1} % {2})::text, {3}, '0'),"
      " {4}) AS note FROM generate_series(1, {5}) AS id; "
      "ALTER TABLE {0} ADD PRIMARY KEY (id); ANALYZE {0}",
      table, note_factor, note_modulus, note_digits, note_repeats, rows);
}

std::string drop_table(std::uint16_t trial) {
  return fmt::format("DROP TABLE IF EXISTS {}", table_of(trial));
}

std::string select_note(std::uint16_t trial) {
  return fmt::format("SELECT note FROM {} WHERE id = $1::int4", table_of(trial));
}

std::string select_note_later(std::uint16_t trial) {
  return fmt::format("SELECT note FROM {}, pg_sleep($2::float8) WHERE id = $1::int4",
                     table_of(trial));
}

bool is_note_of(std::uint32_t row, std::string_view note, bool check_every_byte) {
  if (note.size() != note_bytes) return false;
  std::array<char, note_digits> digits{};
  std::uint64_t left = row * note_factor % note_modulus;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, left /= 10)
    *digit = static_cast<char>('0' + left % 10);
  const std::string_view expected(digits.data(), digits.size());
  if (!check_every_byte) return note.starts_with(expected) && note.ends_with(expected);
  for (std::size_t at = 0; at < note_bytes; at += note_digits)
    if (note.substr(at, note_digits) != expected) return false;
  return true;
}

}  // namespace waitbench::postgres
