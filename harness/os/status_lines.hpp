// A few lines on standard error that say how something goes, and are redrawn in place.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace waitbench {

class StatusLines {
 public:
  // Whether standard error is a terminal on which lines can be redrawn. Without, nothing is drawn
  // or cleared. They have no colours, so NO_COLOR changes nothing.
  bool can_redraw() const { return can_redraw_; }

  // That a line may fill, now: a terminal can be made wider or narrower.
  std::size_t columns() const;

  // In place of what was drawn before. What is longer than a line is cut. Best effort: it is
  // dropped while the terminal takes nothing, as when its user has stopped it.
  void draw(const std::vector<std::string>& lines) const noexcept;

  void clear() const noexcept;

 private:
  bool can_redraw_ = stderr_can_redraw();

  static bool stderr_can_redraw();
};

}  // namespace waitbench
