#include "harness/trial/guest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "harness/os/command_output.hpp"
#include "harness/trial/guest_process.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

constexpr std::string_view required_fields[] = {"name", "summary", "style",  "engine",
                                                "kind", "source",  "command"};
constexpr std::string_view optional_fields[] = {
    "over", "packages", "build", "version", "transports", "most_in_flight", "warm_up_queries"};

bool has(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void check_fields(const json& fields) {
  if (!fields.is_object()) throw std::invalid_argument("it is no JSON object");
  for (const auto& [name, value] : fields.items())
    if (!has(required_fields, name) && !has(optional_fields, name))
      throw std::invalid_argument(fmt::format("unknown field '{}'; there are {}, {}", name,
                                              fmt::join(required_fields, ", "),
                                              fmt::join(optional_fields, ", ")));
  for (const std::string_view name : required_fields)
    if (!fields.contains(name))
      throw std::invalid_argument(fmt::format("the field '{}' is missing", name));
}

template <class T>
T read_field(const json& fields, const char* name, T otherwise) try {
  return fields.value(name, std::move(otherwise));
} catch (const json::exception&) {
  constexpr const char* wanted = std::is_same_v<T, std::string> ? "a text"
                                 : std::is_same_v<T, Words>     ? "a list of texts"
                                                                : "a number of 0 or more";
  throw std::invalid_argument(fmt::format("the field '{}' is not {}", name, wanted));
}

std::string read_text(const json& fields, const char* name) {
  return read_field(fields, name, std::string());
}

std::uint64_t read_number(const json& fields, const char* name, std::uint64_t otherwise) {
  if (fields.contains(name) && !fields[name].is_number_unsigned())
    throw std::invalid_argument(fmt::format("the field '{}' is not a number of 0 or more", name));
  return read_field(fields, name, otherwise);
}

std::vector<Transport> read_transports(const json& fields) {
  std::vector<Transport> transports;
  for (const std::string& name : read_field(fields, "transports", Words{"tcp", "unix"})) {
    const auto found = std::ranges::find(transport_names, name, &Choice<Transport>::name);
    if (found == std::end(transport_names))
      throw std::invalid_argument(
          fmt::format("the field 'transports' has '{}'; there are tcp and unix", name));
    transports.push_back(found->value);
  }
  return transports;
}

void replace_all(std::string& text, std::string_view place, const std::string& with) {
  for (std::size_t at = text.find(place); at != text.npos; at = text.find(place, at + with.size()))
    text.replace(at, place.size(), with);
}

// The command of that field, with what stands for files filled in.
Words read_command(const json& fields, const char* name, const Guest& guest,
                   const fs::path& folder) {
  Words command = read_field(fields, name, Words{});
  for (std::string& word : command) {
    replace_all(word, "{source}", guest.source);
    replace_all(word, "{folder}", folder);
    replace_all(word, "{program}", built_program(guest.name));
  }
  return command;
}

// A command as it can be started: its first word as a path. Empty when there is no such program.
Words resolved(Words command) {
  if (command.empty()) return {};
  command.front() = find_program(command.front());
  return command.front().empty() ? Words{} : command;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Eligibility look_for_programs(const Guest& guest) {
  const std::string packages = fmt::format("{}", fmt::join(guest.packages, ", "));
  if (!guest.build.empty() && !fs::exists(built_program(guest.name)))
    return {fmt::format("it is not built, which ./bench --guests does (Debian: {})", packages)};
  if (resolved(guest.command).empty())
    return {fmt::format("{} is not installed (Debian: {})", guest.command.front(), packages)};
  return {};
}

}  // namespace

class GuestFindings {
 public:
  struct Findings {
    std::string version{};
    std::string sha256{};
    Eligibility is_allowed_here{};
  };

  const Findings& of(const Guest& guest) {
    std::call_once(once_, [&] { found_ = examine(guest); });
    return found_;
  }

 private:
  // The version is asked for to see whether all is there that the guest uses: a language may be
  // installed and a library of it not.
  static Findings examine(const Guest& guest) {
    Findings found{.is_allowed_here = look_for_programs(guest)};
    if (const auto sum = output_of(resolved({"sha256sum", guest.source})))
      found.sha256 = sum->substr(0, sum->find(' '));
    if (!found.is_allowed_here || guest.version_command.empty()) return found;
    if (const auto version = output_of(resolved(guest.version_command)))
      found.version = first_line(*version);
    else
      found.is_allowed_here = {fmt::format("{} is not installed (Debian: {})", guest.engine,
                                           fmt::join(guest.packages, ", "))};
    return found;
  }

  std::once_flag once_;
  Findings found_;
};

namespace {

Guest guest_of(const json& fields, const fs::path& folder) {
  check_fields(fields);
  Guest guest{.name = read_text(fields, "name"),
              .summary = read_text(fields, "summary"),
              .style = read_text(fields, "style"),
              .engine = read_text(fields, "engine"),
              .kind = read_text(fields, "kind"),
              .over = read_text(fields, "over"),
              .source = folder / read_text(fields, "source"),
              .packages = read_field(fields, "packages", Words{}),
              .transports = read_transports(fields),
              .most_in_flight = read_number(fields, "most_in_flight", most_connections),
              .warm_up_queries = read_number(fields, "warm_up_queries", 0),
              .findings = std::make_shared<GuestFindings>()};
  if (!has(guest_kinds, guest.kind))
    throw std::invalid_argument(
        fmt::format("the kind '{}' is none of {}", guest.kind, fmt::join(guest_kinds, ", ")));
  guest.build = read_command(fields, "build", guest, folder);
  guest.command = read_command(fields, "command", guest, folder);
  guest.version_command = read_command(fields, "version", guest, folder);
  if (guest.command.empty()) throw std::invalid_argument("the field 'command' is empty");
  if (!fs::exists(guest.source))
    throw std::invalid_argument(fmt::format("there is no {}", guest.source.string()));
  return guest;
}

Eligibility can_run(const Guest& guest, const Cell& cell) {
  const Settings usual = settings_of({});
  const Settings settings = settings_of(cell);
  if (workload_named(cell.workload).guest_query == nullptr)
    return {fmt::format("the workload {} has no queries for guests", cell.workload)};
  if (cell.connections != Connections::kept) return {"it keeps its connections, as all guests do"};
  if (cell.is_open_loop()) return {"it knows no schedule: it asks again when it is answered"};
  if (cell.fan_out > 1) return {"it asks one query at a time on each connection"};
  if (cell.limit > 0 || cell.lock != LockUse::none)
    return {"its clients do not wait for each other"};
  if (cell.idle > 0) return {"it has no idle connections"};
  if (cell.block_us > 0) return {"it makes no call that blocks"};
  if (cell.deadline_us > 0) return {"it cancels no query"};
  if (cell.work_us > 0) return {"it does no work of its own for its replies"};
  if (settings.depth != usual.depth || settings.loops != usual.loops)
    return {"it has no helper calls and no loops that could be set"};
  if (std::ranges::find(guest.transports, cell.transport) == guest.transports.end())
    return {"it does not know sockets of that kind by the names that they have here"};
  if (cell.in_flight > guest.most_in_flight)
    return {fmt::format("it has at most {} in flight", guest.most_in_flight)};
  return {};
}

std::size_t all_in_flight(std::size_t conversations, const Settings&) {
  return conversations;
}

TrialCommand command_of(const Guest& guest, const TrialOrder& order) {
  TrialCommand command = run_by_this_program(order);
  command.end_signal = SIGTERM;  // it ends what the guest has started
  command.arguments.emplace_back("--");
  for (std::string& word : resolved(guest.command)) command.arguments.push_back(std::move(word));
  return command;
}

Participant participant_of(std::shared_ptr<const Guest> guest) {
  return {.name = guest->name,
          .role = Role::guest,
          .style = guest->style,
          .engine = guest->engine,
          .summary = guest->summary,
          .in_flight_limit = all_in_flight,
          .can_run = [guest](const Cell& cell) { return can_run(*guest, cell); },
          .is_allowed_here = [guest] { return guest->findings->of(*guest).is_allowed_here; },
          .command = [guest](const TrialOrder& order) { return command_of(*guest, order); },
          .guest = guest};
}

}  // namespace

Guest read_guest(const fs::path& file) try {
  std::ifstream in(file);
  if (!in) throw std::invalid_argument("it cannot be read");
  Guest guest = guest_of(json::parse(in), fs::absolute(file).parent_path());
  if (guest.name != file.stem())
    throw std::invalid_argument(fmt::format(
        "it has the name '{}', and is to be called {}.json then", guest.name, guest.name));
  return guest;
} catch (const json::parse_error& error) {
  throw std::invalid_argument(fmt::format("{}: no JSON: {}", file.string(), error.what()));
} catch (const std::invalid_argument& error) {
  throw std::invalid_argument(fmt::format("{}: {}", file.string(), error.what()));
}

std::vector<Participant> guests_in(const fs::path& folder, std::span<const Participant> others) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  if (error) throw std::invalid_argument(fmt::format("{}: {}", folder.string(), error.message()));
  if (files.empty())
    throw std::invalid_argument(
        fmt::format("{}: there is no NAME.json of a guest", folder.string()));
  std::ranges::sort(files);
  std::vector<Participant> guests;
  for (const fs::path& file : files) {
    auto guest = std::make_shared<const Guest>(read_guest(file));
    if (find_participant(others, guest->name) != nullptr)
      throw std::invalid_argument(
          fmt::format("{}: another participant is called {}; give the guest a name of its own",
                      file.string(), guest->name));
    guests.push_back(participant_of(std::move(guest)));
  }
  return guests;
}

// Relative to the program, so that an installed tree can be moved. A build directory has them
// beside the program, too (see cmake/guests.cmake).
fs::path shipped_guests() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  const fs::path installed = (folder / WAITBENCH_GUESTS_DIR).lexically_normal();
  return fs::exists(installed) ? installed : folder / "share" / "waitbench" / "guests";
}

fs::path built_program(const std::string& name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / "guests" / name;
}

json identity_of(const Guest& guest) {
  const auto text = [](const std::string& value) {
    return value.empty() ? json(nullptr) : json(value);
  };
  const auto& found = guest.findings->of(guest);
  return {{"kind", guest.kind},
          {"version", text(found.version)},
          {"sha256", text(found.sha256)},
          {"over", text(guest.over)}};
}

}  // namespace waitbench
