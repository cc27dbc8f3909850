// Child processes, made by fork: each runs a function in its copy of the program and ends with it.
// None outlives its parent, nor its owner here.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

namespace waitbench {

class Children {
 public:
  Children() = default;
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children();  // ends those that still run

  // Starts one that runs `body`, and ends. `what` it is, is said if it ends in any other way.
  // Throws std::system_error when the machine refuses.
  void start(const std::function<void()>& body, const char* what = "a child process");

  // Waits until all have ended. Throws std::runtime_error as soon as one does so in any other way
  // than by coming to the end of its function.
  void wait_for_all();

 private:
  struct Child {
    pid_t pid;
    const char* what;
  };

  std::vector<Child> running_;
};

}  // namespace waitbench
