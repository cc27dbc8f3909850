// A backend that is not there: its replies are made up in the trial's own process.
//
// It is reached by its address, which is the backend itself, so conversations need not know that
// nobody else is involved.
#pragma once

#include <cstdint>

#include "harness/workloads/delay/made_up_reply.hpp"
#include "harness/workloads/ledger.hpp"
#include "impls/lib/address.hpp"

namespace waitbench {

class ScriptedBackend : public Address {
 public:
  // The trial is to end once `queries` of its queries were answered; those that are in flight then
  // are answered too.
  ScriptedBackend(Ledger& ledger, std::uint64_t queries) : ledger_(ledger), left_(queries) {}

  // The backend to which a conversation wants to be connected.
  static const ScriptedBackend& at(const Step& connect) {
    return static_cast<const ScriptedBackend&>(connect.address());
  }

  // Puts the reply where it is to be read, and gives its length.
  Outcome answer(const wire::Request& request, const Step& read) const {
    if (left_ > 0 && --left_ == 0) ledger_.request_stop();
    return make_up_reply(request, read);
  }

 private:
  Ledger& ledger_;
  mutable std::uint64_t left_;  // conversations know an address as something that does not change
};

}  // namespace waitbench
