#include "harness/workloads/idle_conversation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace waitbench {

IdleConversation::IdleConversation(Ledger& ledger, const Address& backend,
                                   std::span<const std::byte> request)
    : ledger_(ledger), backend_(backend), request_bytes_(std::min(request.size(), most_bytes)) {
  std::ranges::copy(request.first(request_bytes_), bytes_.begin());
}

Step IdleConversation::resume(Outcome moved) {
  if (moved < 0 && doing_ != Doing::hanging_up) {
    ledger_.fail(fmt::format("an idle connection was lost: {}", std::strerror(-moved)));
    doing_ = Doing::hanging_up;
    return Step::close();
  }
  switch (doing_) {
    case Doing::nothing: doing_ = Doing::connecting; return Step::connect(backend_);
    case Doing::connecting:
      doing_ = Doing::asking;
      return Step::write(bytes_.data(), request_bytes_);
    case Doing::asking: doing_ = Doing::idle; return Step::read(bytes_.data(), bytes_.size());
    case Doing::idle: doing_ = Doing::hanging_up; return Step::close();
    case Doing::hanging_up: break;
  }
  return Step::done();
}

}  // namespace waitbench
