// A guest: a program of any kind that takes part by the contract of impls/guests/README.md. What is
// known of it is in a file NAME.json beside the program; nothing else has to be registered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "harness/trial/participant.hpp"
#include "harness/workloads/cell.hpp"

namespace waitbench {

// What only other programs can tell of a guest: they are asked once, by whoever wants to know
// first.
class GuestFindings;

// As its file has it, with the places in its commands filled in.
struct Guest {
  std::string name;
  std::string summary;
  std::string style;   // such as callback, coroutine, fiber, thread
  std::string engine;  // what waits: the library or the runtime
  std::string kind;    // one of guest_kinds
  std::string over;    // the participant that does by hand what this one has a library for; or ""
  std::filesystem::path source;
  std::vector<std::string> packages{};         // Debian packages that it needs
  std::vector<std::string> build{};            // makes its program; empty: nothing has to be made
  std::vector<std::string> command{};          // to which the order is added
  std::vector<std::string> version_command{};  // prints the version of what it uses
  std::vector<Transport> transports = {Transport::tcp, Transport::unix};
  std::size_t most_in_flight = std::numeric_limits<std::size_t>::max();
  std::uint64_t warm_up_queries = 0;  // beyond the usual ones
  std::shared_ptr<GuestFindings> findings{};
};

inline constexpr std::string_view guest_kinds[] = {"handwritten", "library", "language runtime"};

// Reads NAME.json. Throws std::invalid_argument, with the file, what is wrong and what would be
// right.
Guest read_guest(const std::filesystem::path& file);

// The guests of a folder, by name. Throws std::invalid_argument as read_guest() does, or when there
// are none, or when one has the name of `others`.
std::vector<Participant> guests_in(const std::filesystem::path& folder,
                                   std::span<const Participant> others);

// The folder of the guests that this program comes with.
std::filesystem::path shipped_guests();

// Where a guest's build step puts its program.
std::filesystem::path built_program(const std::string& name);

// What results say of the guest: kind, version, sha256 of its source, and the participant that it
// is to be compared with; null where that cannot be told.
nlohmann::json identity_of(const Guest& guest);

}  // namespace waitbench
