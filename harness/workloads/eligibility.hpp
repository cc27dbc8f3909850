// May it take part? The one answer to this question, whatever the reason for a refusal: the
// participant cannot do what the cell asks for, the machine lacks something, or the backend cannot
// be reached.
#pragma once

#include <string>

namespace waitbench {

struct Eligibility {
  std::string reason{};  // why not, as a clause; empty when it may take part

  explicit operator bool() const { return reason.empty(); }
};

}  // namespace waitbench
