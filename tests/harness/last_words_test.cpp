#include "harness/trial/last_words.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace waitbench {
namespace {

std::string clause_of(std::string_view text) {
  LastWords words;
  words.add(text);
  return words.clause();
}

TEST(LastWords, AreTheLastLineThatHasAny) {
  EXPECT_EQ(clause_of(""), "");
  EXPECT_EQ(clause_of("\n \n"), "");
  EXPECT_EQ(clause_of("one"), "; its last words: one");
  EXPECT_EQ(clause_of("one\ntwo words\n\n"), "; its last words: two words");
}

TEST(LastWords, ArePrintableAndNotLong) {
  EXPECT_EQ(clause_of("a\x1b[31mb\xff"), "; its last words: a?[31mb");
  EXPECT_LT(clause_of(std::string(10'000, 'x')).size(), 200U);
}

TEST(LastWords, AreReadWithoutWaiting) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  LastWords words;
  words.read_from(ends[0]);
  EXPECT_EQ(words.clause(), "");
  ASSERT_EQ(write(ends[1], "said", 4), 4);
  words.read_from(ends[0]);
  EXPECT_EQ(words.clause(), "; its last words: said");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace waitbench
