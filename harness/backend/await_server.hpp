// How the harness waits for a server that it asks itself: never for ever, since one that was
// stopped does not say so.
#pragma once

#include <cstdint>

namespace waitbench {

// How long a server may take for an answer, and until when, if it was asked now.
class Patience {
 public:
  explicit Patience(std::int64_t patience_ns);

  // Waits until the socket is ready for `events`, as of poll(). Throws std::runtime_error, "the
  // backend did not answer ...", when that takes longer; std::system_error; Interrupted.
  void await(int socket, short events) const;

 private:
  std::int64_t patience_ns_;
  std::int64_t deadline_ns_;
};

}  // namespace waitbench
