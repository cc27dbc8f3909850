// What the postgres workload finds in a database: a table of notes for each trial, by whose index
// the server counts the trial's queries; and the locks on which its clients rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace waitbench::postgres {

inline constexpr const char* schema = "waitbench";     // nothing outside it is changed
inline constexpr std::size_t most_connections = 1100;  // of a server of our own
inline constexpr std::uint32_t rows = 10'000;          // of a table

// `waitbench.trial_7`
std::string table_of(std::uint16_t trial);

// What the sessions of a trial's clients are called: `waitbench trial 7`.
std::string session_name(std::uint16_t trial);
// And those of its idle connections: `waitbench idle 7`.
std::string idle_session_name(std::uint16_t trial);

// The statements that make the table and fill it; and the one that removes it.
std::string create_table(std::uint16_t trial);
std::string drop_table(std::uint16_t trial);

// What a client asks. $1: the row; $2: seconds for which the server waits before it answers.
std::string select_note(std::uint16_t trial);
std::string select_note_later(std::uint16_t trial);

// Blocks while another session holds the exclusive lock. $1: the trial; $2: the lock_of() a turn.
inline constexpr const char* rest = "SELECT pg_advisory_xact_lock_shared($1::int4, $2::int4)";

// The two locks of a trial alternate, so that the next turn's is taken before this one's is given
// up.
constexpr std::uint32_t lock_of(std::uint32_t turn) {
  return turn % 2;
}

// The note in a row: its number times an odd constant, in ten digits, over and over. `row` is from
// 1 to `rows`.
inline constexpr std::size_t note_digits = 10;
inline constexpr std::size_t note_repeats = 6;
inline constexpr std::size_t note_bytes = note_digits * note_repeats;

// Whether that is the row's note: all of it, or only its first and its last digits.
bool is_note_of(std::uint32_t row, std::string_view note, bool check_every_byte);

}  // namespace waitbench::postgres
