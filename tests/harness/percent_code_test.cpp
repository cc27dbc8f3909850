#include "harness/workloads/percent_code.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace waitbench {
namespace {

TEST(PercentCode, KeepsAnyBytes) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const std::string text = percent_encoded(bytes);
  EXPECT_EQ(text.find_first_of(" ?\n&"), text.npos);
  EXPECT_EQ(percent_decoded(text), bytes);
  EXPECT_EQ(percent_encoded("/tmp/a b%"), "/tmp/a%20b%25");
}

TEST(PercentCode, RefusesWhatIsNone) {
  for (const char* const text : {"%", "%4", "%zz", "%4z", "a%-1"})
    EXPECT_THROW(percent_decoded(text), std::invalid_argument) << text;
}

}  // namespace
}  // namespace waitbench
