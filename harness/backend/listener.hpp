// A listening socket, TCP or Unix, that does not block.
#pragma once

#include "impls/lib/address.hpp"
#include "impls/lib/descriptor.hpp"

namespace waitbench::backend {

class Listener {
 public:
  // Throws std::system_error with one line that names the address.
  explicit Listener(const Address& address);

  int fd() const { return socket_.get(); }
  const Address& address() const { return address_; }  // with the port that the kernel chose

  // The next connection, not blocking; empty when there is none (errno says why).
  Descriptor accept() const;

 private:
  Descriptor socket_;
  Address address_;
};

}  // namespace waitbench::backend
