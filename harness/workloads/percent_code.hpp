// Any bytes as a part of an endpoint's text: whatever is no letter, digit or one of /-._~ becomes
// %XX.
#pragma once

#include <string>
#include <string_view>

namespace waitbench {

std::string percent_encoded(std::string_view bytes);

// Throws std::invalid_argument where a % is not followed by two hexadecimal digits.
std::string percent_decoded(std::string_view text);

}  // namespace waitbench
