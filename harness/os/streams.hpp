// What a command prints. Output is what the user asked for: when it cannot be written, the command
// has failed. Progress and diagnostics are best effort: they may be lost, but nothing else with
// them. Neither goes through the buffers of the C library, so no error is left to be found later.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <utility>

namespace waitbench {

// Standard output could not be written.
struct OutputFailed : std::system_error {
  explicit OutputFailed(int error)
      : std::system_error(error, std::generic_category(), "cannot write to standard output") {}

  // Whether the reader has gone, as in `waitbench list | head -1`.
  bool reader_is_gone() const { return code() == std::errc::broken_pipe; }
};

// Throws OutputFailed.
void write_to_stdout(std::string_view text);

// Some file systems report only when a file is closed that it could not be written. Throws
// OutputFailed.
void finish_stdout();

// A full disk, a closed pipe and a terminal that is gone are all the same to it.
void write_to_stderr(std::string_view text) noexcept;

// Whether some more can be written to it without a wait: a pipe may be full, a terminal stopped.
bool stderr_is_ready() noexcept;

template <class... Values>
void print_to_stdout(fmt::format_string<Values...> format, Values&&... values) {
  write_to_stdout(fmt::format(format, std::forward<Values>(values)...));
}

template <class... Values>
void print_to_stderr(fmt::format_string<Values...> format, Values&&... values) noexcept {
  try {
    write_to_stderr(fmt::format(format, std::forward<Values>(values)...));
  } catch (...) {  // no memory for a message
  }
}

// Ends the process as SIGPIPE does one that has not asked otherwise: a shell knows it by the status
// of other commands that write into a closed pipe.
[[noreturn]] void end_by_broken_pipe();

}  // namespace waitbench
