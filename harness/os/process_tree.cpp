#include "harness/os/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>

#include "impls/lib/descriptor.hpp"

namespace waitbench {
namespace {

// What cannot be read of a process or a thread because it has ended is not there. Any other failure
// would make a count too small in silence.
void check_ended(const char* what) {
  if (errno != ENOENT && errno != ESRCH)
    throw std::system_error(errno, std::generic_category(), what);
}

// The content of a file, as much of it as fits into `buffer`. A read of /proc may end at any page:
// only an empty one means the end.
std::string_view read_into(std::string& buffer, int file) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t more = ::read(file, buffer.data() + size, buffer.size() - size);
    if (more < 0) check_ended("cannot read a file of /proc");
    if (more <= 0) break;
    size += static_cast<std::size_t>(more);
  }
  return std::string_view(buffer).substr(0, size);
}

// Calls `visit` with the id of each thread of the process and the text of its file `name`, as much
// of it as fits into `buffer`.
template <class Visitor>
void read_of_each_thread(pid_t pid, const char* name, std::string& buffer, Visitor visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> threads(
      opendir(fmt::format("/proc/{}/task", pid).c_str()), closedir);
  if (!threads) return check_ended("cannot list the threads of a process");
  while (const dirent* entry = readdir(threads.get())) {
    if (entry->d_name[0] == '.') continue;
    const std::string path = fmt::format("{}/{}", entry->d_name, name);
    const Descriptor file(openat(dirfd(threads.get()), path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
      check_ended("cannot open a file of /proc");
      continue;
    }
    const std::string_view text = read_into(buffer, file.get());
    if (!text.empty()) visit(static_cast<pid_t>(std::stol(entry->d_name)), text);
  }
}

void append_children(std::string_view text, std::vector<pid_t>& pids) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (pid_t pid; at < end; ++at) {  // numbers, each with a space behind it
    const auto [behind, error] = std::from_chars(at, end, pid);
    if (error != std::errc()) return;
    pids.push_back(pid);
    at = behind;
  }
}

// Each by the name that the kernel gives it.
void add_sockets(pid_t pid, std::set<std::string>& sockets) {
  const std::unique_ptr<DIR, int (*)(DIR*)> descriptors(
      opendir(fmt::format("/proc/{}/fd", pid).c_str()), closedir);
  if (!descriptors) check_ended("cannot list the descriptors of a process");
  while (const dirent* entry = descriptors ? readdir(descriptors.get()) : nullptr) {
    int number = 0;
    const std::string_view name = entry->d_name;
    std::from_chars(name.data(), name.data() + name.size(), number);
    if (number <= STDERR_FILENO) continue;
    char target[64];
    const ssize_t length =
        readlinkat(dirfd(descriptors.get()), entry->d_name, target, sizeof target);
    if (length < 0) check_ended("cannot read a descriptor of a process");
    const std::string_view what(target, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    if (what.starts_with("socket:")) sockets.emplace(what);
  }
}

}  // namespace

std::vector<pid_t> process_tree(pid_t root) {
  static const bool lists_children = access("/proc/thread-self/children", R_OK) == 0;
  if (!lists_children)
    throw std::runtime_error("the kernel does not list child processes (CONFIG_PROC_CHILDREN)");
  std::string buffer(64 << 10, '\0');  // room for the ids of some 8,000 children of a thread
  std::vector<pid_t> pids = {root};
  for (std::size_t i = 0; i < pids.size(); ++i)
    read_of_each_thread(pids[i], "children", buffer,
                        [&pids](pid_t, std::string_view text) { append_children(text, pids); });
  return pids;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::string buffer(64 << 10, '\0');
  std::vector<pid_t> pids;
  read_of_each_thread(pid, "children", buffer,
                      [&pids](pid_t, std::string_view text) { append_children(text, pids); });
  return pids;
}

std::size_t count_sockets(pid_t root) {
  std::set<std::string> sockets;
  for (const pid_t pid : process_tree(root)) add_sockets(pid, sockets);
  return sockets.size();
}

void for_each_thread(pid_t pid, const std::function<void(pid_t, std::string_view)>& visit) {
  std::string buffer(4096, '\0');
  read_of_each_thread(pid, "status", buffer, visit);
}

}  // namespace waitbench
