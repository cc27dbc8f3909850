// The backend as a program of its own: what `waitbench serve` does, and what the harness starts
// beside its trials.
#pragma once

#include <string>
#include <string_view>

namespace waitbench::backend {

struct ServeOptions {
  std::string workload = "delay";   // the name of one of workloads()
  std::string tcp = "127.0.0.1:0";  // HOST:PORT; port 0: any that is free
  std::string unix_name{};          // abstract; empty: waitbench-<pid>
  int ready_fd = -1;  // -1: print on stdout where it serves. Else: write its two endpoints there,
                      // "TCP UNIX\n", close it, and die with the thread that started this process.
};

// How the line begins that says why a server will not get ready.
inline constexpr std::string_view not_ready = "! ";

// Says where a server serves, as the options ask for. Throws std::system_error.
void report_ready(const std::string& tcp, const std::string& unix, int ready_fd);

// Serves a workload until SIGINT or SIGTERM comes. Returns the exit code; any but 0 comes
// with one line on stderr. It is exit_usage when it cannot listen as it is told to, and exit_failed
// when it fails later.
int serve(const ServeOptions& options);

}  // namespace waitbench::backend
