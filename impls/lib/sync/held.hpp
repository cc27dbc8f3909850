// Releases a lock, or a permit of a semaphore, at the end of a scope, however that is left:
//
//   const Held<Lock> held(&lock);  // which our task has acquired
#pragma once

#include <memory>

namespace waitbench {

struct Releasing {
  template <class Primitive>
  void operator()(Primitive* held) const {
    held->release();
  }
};

template <class Primitive>
using Held = std::unique_ptr<Primitive, Releasing>;

}  // namespace waitbench
