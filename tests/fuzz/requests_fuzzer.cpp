// libFuzzer against the backend: ./test --fuzz. By hand, for as long as one likes:
//   build/fuzz/tests/requests_fuzzer NEW_CORPUS tests/fuzz/requests
#include <cstdlib>
#include <exception>
#include <iostream>

#include "tests/fuzz/backend_under_fire.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static waitbench::backend::BackendUnderFire backend;
  try {
    backend.send(std::as_bytes(std::span(data, size)));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    std::abort();  // by which libFuzzer knows, and keeps the input
  }
  return 0;
}
