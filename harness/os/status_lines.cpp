#include "harness/os/status_lines.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "harness/os/streams.hpp"

namespace waitbench {
namespace {

constexpr std::string_view erase_below = "\r\033[J";  // from the start of the cursor's line

}  // namespace

bool StatusLines::stderr_can_redraw() {
  const char* const kind = std::getenv("TERM");
  const std::string_view term = kind == nullptr ? "" : kind;
  return isatty(STDERR_FILENO) == 1 && !term.empty() && term != "dumb";
}

// A character in the last column would move some terminals on to the next line.
std::size_t StatusLines::columns() const {
  constexpr std::size_t usual = 80;
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (is_known ? size.ws_col : usual) - 1;
}

void StatusLines::draw(const std::vector<std::string>& lines) const noexcept {
  if (!can_redraw_) return;
  try {
    const std::size_t most = columns();
    std::string text(erase_below);
    for (std::size_t i = 0; i < lines.size(); ++i)
      text += (i > 0 ? "\n" : "") + lines[i].substr(0, most);
    text += "\r";  // and back to the first of them
    if (lines.size() > 1) text += "\033[" + std::to_string(lines.size() - 1) + "A";
    if (stderr_is_ready()) write_to_stderr(text);
  } catch (...) {  // no memory for it
  }
}

void StatusLines::clear() const noexcept {
  if (can_redraw_ && stderr_is_ready()) write_to_stderr(erase_below);
}

}  // namespace waitbench
