// Names, as a user selects them: with a regular expression that matches anywhere, as grep does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace waitbench {

using NameTest = std::function<bool(std::string_view)>;

// Whether a name matches. Throws UsageError, with the option's name, for no regular expression.
NameTest matches(std::string_view option, const std::string& expression);

// The same of --benchmark_filter, as Google Benchmark reads it: with a '-' before the expression,
// whether the name does not match.
NameTest passes_filter(const std::string& filter);

}  // namespace waitbench
