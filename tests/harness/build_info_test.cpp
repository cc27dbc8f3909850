// What the program knows about its own build.
#include "harness/machine/build_info.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <string>

namespace waitbench {
namespace {

using nlohmann::json;

bool is_null_or_text(const json& value) {
  return value.is_null() || (value.is_string() && !value.get<std::string>().empty());
}

TEST(BuildInfo, has_text_or_null_under_every_key) {
  for (const char* key : {"compiler", "flags", "type"})
    EXPECT_TRUE(is_null_or_text(describe_build().at(key))) << key;
  for (const char* key : {"glibc", "libuv", "liburing", "boost", "google_benchmark"})
    EXPECT_TRUE(is_null_or_text(describe_libraries().at(key))) << key;
}

TEST(BuildInfo, knows_whether_the_source_is_dirty_exactly_if_it_knows_the_commit) {
  const json source = describe_source();
  EXPECT_TRUE(is_null_or_text(source.at("version")));
  EXPECT_TRUE(is_null_or_text(source.at("commit")));
  EXPECT_EQ(source.at("commit").is_null(), source.at("dirty").is_null());
  EXPECT_TRUE(source.at("dirty").is_null() || source.at("dirty").is_boolean());
}

TEST(BuildInfo, reads_the_version_of_the_c_library_that_runs) {
  EXPECT_TRUE(describe_libraries().at("glibc").is_string());
}

}  // namespace
}  // namespace waitbench
