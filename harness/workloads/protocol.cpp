#include "harness/workloads/protocol.hpp"

namespace waitbench {

std::string_view describe(Offence offence) {
  switch (offence) {
    case Offence::none: break;
    case Offence::no_request: return "it sent what is no request";
    case Offence::many_at_once: return "it asked for more than 1,024 replies at once";
    case Offence::mixed_trials: return "it asked for two trials on one connection";
    case Offence::unread_reply:
      return "it asked again without having read to the end of the reply before, whose last 8 "
             "bytes belong into its next request";
    case Offence::asked_again: return "it asked again before it was answered";
  }
  return "";
}

}  // namespace waitbench
