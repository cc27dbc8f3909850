#include "harness/switch/memory.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include "harness/proc_text.hpp"

namespace waitbench::micro {
namespace {

// The sum of the fields of a file in the form of /proc/meminfo, which counts in KiB.
double sum_of(const std::string& path, std::initializer_list<std::string_view> keys) {
  const std::string text = read_text(path).value_or("");
  double bytes = 0;
  for (const std::string_view key : keys)
    bytes += 1024.0 * static_cast<double>(parse_integer(field(text, key).value_or("")).value_or(0));
  return bytes;
}

}  // namespace

double memory_in_use_bytes(std::span<const pid_t> children) {
  double bytes = sum_of("/proc/self/smaps_rollup", {"Rss"}) +
                 sum_of("/proc/meminfo", {"KernelStack", "PageTables", "SUnreclaim"});
  for (const pid_t child : children)
    bytes += sum_of("/proc/" + std::to_string(child) + "/smaps_rollup",
                    {"Private_Clean", "Private_Dirty"});
  return bytes;
}

}  // namespace waitbench::micro
