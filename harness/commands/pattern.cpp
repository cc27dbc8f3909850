#include "harness/commands/pattern.hpp"

#include <fmt/format.h>

#include <regex>

#include "harness/commands/commands.hpp"

namespace waitbench {

NameTest matches(std::string_view option, const std::string& expression) try {
  return [wanted = std::regex(expression)](std::string_view name) {
    return std::regex_search(name.begin(), name.end(), wanted);
  };
} catch (const std::regex_error& error) {
  throw UsageError(
      fmt::format("{}: '{}' is not a regular expression: {}; give one such as 'epoll$'", option,
                  expression, error.what()));
}

NameTest passes_filter(const std::string& filter) {
  constexpr std::string_view option = "--benchmark_filter";
  if (!filter.starts_with('-')) return matches(option, filter);
  return std::not_fn(matches(option, filter.substr(1)));
}

}  // namespace waitbench
