// The short form of requests_fuzzer.cpp: the same mutations of the same seeds every time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "harness/os/random.hpp"
#include "tests/fuzz/backend_under_fire.hpp"

namespace waitbench::backend {
namespace {

using Bytes = std::vector<std::byte>;

std::vector<Bytes> seeds() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(REQUEST_SEEDS))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Bytes> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto bytes = std::as_bytes(std::span(text));
    seeds.emplace_back(bytes.begin(), bytes.end());
  }
  return seeds;
}

// One of the ways in which a fuzzer makes something new of something known.
void mutate(Bytes& bytes, Random& random, const std::vector<Bytes>& seeds) {
  const std::size_t at = random.next() % (bytes.size() + 1);
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.next() % 4) {
    case 0:
      if (place != bytes.end()) *place = static_cast<std::byte>(random.next());
      break;
    case 1: bytes.insert(place, static_cast<std::byte>(random.next())); break;
    case 2: bytes.resize(at); break;
    case 3: {
      const Bytes& other = seeds[random.next() % seeds.size()];
      if (!other.empty()) bytes.insert(place, other.begin() + 1, other.end());
      break;
    }
  }
}

TEST(BackendUnderFire, AnswersOthersAndForgetsWhatItOwesWhateverItIsSent) {
  constexpr int mutations = 2000;
  const std::vector<Bytes> known = seeds();
  ASSERT_FALSE(known.empty());
  BackendUnderFire backend;
  Random random(1);
  for (int i = 0; i < mutations; ++i) {
    Bytes bytes = known[random.next() % known.size()];
    for (std::uint64_t left = random.next() % 6; left > 0; --left) mutate(bytes, random, known);
    ASSERT_NO_THROW(backend.send(bytes)) << "mutation " << i;
  }
}

}  // namespace
}  // namespace waitbench::backend
