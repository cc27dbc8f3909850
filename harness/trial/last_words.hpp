// The last line that a program printed, which is most often why it ended.
#pragma once

#include <string>
#include <string_view>

namespace waitbench {

class LastWords {
 public:
  // Takes in what can be read without waiting.
  void read_from(int fd);
  void add(std::string_view text);

  // "; its last words: ...", with the last line that has any, as printable ASCII; empty if there is
  // none.
  std::string clause() const;

 private:
  std::string tail_;
};

}  // namespace waitbench
