// A process and its descendants, as /proc shows them: a model may be a tree of processes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

namespace waitbench {

// The process, its children, their children and so on, as they are now. Only the id itself when
// there is no such process. Throws std::system_error when a process that is there cannot be read.
std::vector<pid_t> process_tree(pid_t root);

// The children of a process. Throws as process_tree() does.
std::vector<pid_t> children_of(pid_t pid);

// How many sockets a process and its descendants have open, beside their standard streams; one that
// several of them have counts once. 0 when there is no such process. Throws as process_tree() does.
std::size_t count_sockets(pid_t root);

// Calls `visit` with the id of each thread that the process has, and the text of its
// /proc/PID/task/TID/status. Throws as process_tree() does.
void for_each_thread(pid_t pid, const std::function<void(pid_t, std::string_view)>& visit);

}  // namespace waitbench
