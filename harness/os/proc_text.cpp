// See proc_text.hpp.
#include "harness/os/proc_text.hpp"

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>

namespace waitbench {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view skip_any(std::string_view text, std::string_view characters) {
  const std::size_t begin = text.find_first_not_of(characters);
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::string_view trim(std::string_view text) {
  text = skip_any(text, white_space);
  return text.substr(0, text.find_last_not_of(white_space) + 1);
}

// Takes the first line off `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

// Takes a number off the beginning of `text`.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  const std::string_view rest = skip_any(text, white_space);
  Number number{};
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return std::nullopt;
  text = rest.substr(static_cast<std::size_t>(end - rest.data()));
  return number;
}

bool lists(std::string_view names, std::string_view wanted) {
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    if (names.substr(0, comma) == wanted) return true;
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return false;
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad()) return std::nullopt;
  return std::string(trim(content.view()));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return take_number<std::int64_t>(text);
}

std::optional<double> parse_real(std::string_view text) {
  return take_number<double>(text);
}

std::optional<std::string> field(std::string_view text, std::string_view key) {
  constexpr std::string_view separators = " \t:=";
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    if (line.empty() || separators.find(line.front()) == std::string_view::npos) continue;
    line = trim(skip_any(line, separators));
    if (line.size() >= 2 && line.front() == '"' && line.back() == '"')
      line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return std::nullopt;
}

std::optional<CpuTimes> parse_cpu_times(std::string_view text, double ticks_per_s) {
  enum Column { user, nice, system, idle, iowait, irq, softirq, steal, columns };
  std::optional<std::string> line = field(text, "cpu");
  if (!line || ticks_per_s <= 0) return std::nullopt;
  std::array<double, columns> seconds{};
  std::string_view rest = *line;
  for (double& column : seconds) {
    const auto ticks = take_number<std::int64_t>(rest);
    if (!ticks) return std::nullopt;
    column = static_cast<double>(*ticks) / ticks_per_s;
  }
  // The columns that follow, of guests, are part of `user` and `nice` already.
  return CpuTimes{
      .busy_s = seconds[user] + seconds[nice] + seconds[system] + seconds[irq] + seconds[softirq],
      .idle_s = seconds[idle] + seconds[iowait],
      .steal_s = seconds[steal]};
}

std::optional<double> parse_cpu_quota(std::string_view text) {
  const auto quota_us = take_number<std::int64_t>(text);
  if (!quota_us || *quota_us < 0) return std::nullopt;
  const auto period_us = take_number<std::int64_t>(text);
  if (!period_us || *period_us <= 0) return std::nullopt;
  return static_cast<double>(*quota_us) / static_cast<double>(*period_us);
}

Cgroups parse_cgroups(std::string_view text, std::string_view controller) {
  // A line is "<number>:<controllers>:<path>". Version 2 has number 0 and no controllers, and
  // rules only what no hierarchy of version 1 does.
  std::optional<std::string> own;
  bool version_1 = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const bool rules = lists(controllers, controller);
    if (!rules && (version_1 || !line.starts_with("0::"))) continue;
    own = line.substr(second + 1);
    version_1 = rules;
  }
  if (!own || !own->starts_with('/')) return {};

  const std::string root =
      std::string("/sys/fs/cgroup") + (version_1 ? "/" + std::string(controller) : "");
  Cgroups groups{.version_1 = version_1, .directories = {}};
  for (std::string path = *own; path.size() > 1; path.resize(path.rfind('/')))
    groups.directories.push_back(root + path);
  groups.directories.push_back(root);
  return groups;
}

std::optional<std::int64_t> parse_port_range(std::string_view text) {
  const auto first = take_number<std::int64_t>(text);
  const auto last = take_number<std::int64_t>(text);
  if (!first || !last || *last < *first) return std::nullopt;
  return *last - *first + 1;
}

std::optional<bool> parse_kernel_option(std::string_view config, std::string_view option) {
  if (const auto value = field(config, option)) return *value == "y";
  if (field(config, "# " + std::string(option)) == "is not set") return false;
  return std::nullopt;
}

}  // namespace waitbench
