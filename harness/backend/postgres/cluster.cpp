#include "harness/backend/postgres/cluster.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "harness/backend/private_server.hpp"
#include "harness/workloads/postgres/database.hpp"
#include "harness/workloads/postgres/endpoint.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;

// Debian has each version's programs in a folder of its own. Empty when there is no server.
fs::path find_programs() {
  std::vector<fs::path> folders;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none))
    folders.push_back(entry.path() / "bin");
  std::ranges::sort(folders, std::ranges::greater());
  for (const fs::path& folder : folders)
    if (fs::exists(folder / "initdb") && fs::exists(folder / "postgres")) return folder;
  return {};
}

// A server leaves the small segment behind by which it knows that its cluster is in use.
class SharedMemoryOf {
 public:
  explicit SharedMemoryOf(fs::path data) : data_(std::move(data)) {}
  SharedMemoryOf(const SharedMemoryOf&) = delete;
  SharedMemoryOf& operator=(const SharedMemoryOf&) = delete;
  ~SharedMemoryOf() {
    constexpr int line_of_it = 7;
    std::ifstream file(data_ / "postmaster.pid");
    std::string line;
    for (int i = 0; i < line_of_it; ++i)
      if (!std::getline(file, line)) return;
    std::istringstream numbers(line);
    long key = 0;
    int id = 0;
    if (numbers >> key >> id) shmctl(id, IPC_RMID, nullptr);
  }

 private:
  fs::path data_;
};

class Cluster {
 public:
  // PostgreSQL refuses to run with the superuser's rights.
  Cluster() : user_(unprivileged_user("postgres")), folder_("postgres", user_) {
    const fs::path programs = find_programs();
    server_.run((programs / "initdb").string(),
                {"-D", data().string(), "-U", postgres::role, "-A", "trust", "-E", "UTF8",
                 "--locale", "C", "--no-sync", "--no-instructions"},
                user_);
    server_.start((programs / "postgres").string(), settings(), user_,
                  [this] { return PQping(unix().c_str()) == PQPING_OK; });
  }

  std::string tcp() const { return postgres::endpoint_over_tcp(port_); }
  std::string unix() const { return postgres::endpoint_over_unix(folder_.path().string(), port_); }
  void await_end() { server_.await_end(); }

 private:
  // What is written need not survive the machine, and nothing may run that no client asked for.
  std::vector<std::string> settings() const {
    std::vector<std::string> arguments = {"-D", data().string(),      "-k", folder_.path().string(),
                                          "-p", std::to_string(port_)};
    const std::string connections = fmt::format("max_connections={}", postgres::most_connections);
    for (const char* const setting :
         {"listen_addresses=127.0.0.1", "fsync=off", "synchronous_commit=off",
          "full_page_writes=off", "autovacuum=off", "checkpoint_timeout=1d", "wal_level=minimal",
          "max_wal_senders=0", "deadlock_timeout=2147483647", "dynamic_shared_memory_type=mmap",
          "log_min_messages=fatal", connections.c_str()}) {
      arguments.emplace_back("-c");
      arguments.emplace_back(setting);
    }
    return arguments;
  }

  fs::path data() const { return folder_.path() / "data"; }

  EndSignals signals_;
  std::optional<UserId> user_;
  TemporaryFolder folder_;
  std::uint16_t port_ = free_port();
  SharedMemoryOf shared_memory_{data()};
  PrivateServer server_{signals_, folder_.path() / "log"};
};

}  // namespace

Eligibility postgres_is_installed() {
  if (!find_programs().empty()) return {};
  return {"there is no PostgreSQL server here: install Debian's package postgresql-15"};
}

int serve_postgres(const backend::ServeOptions& options) {
  return serve_privately(options, [] {
    if (const Eligibility here = postgres_is_installed(); !here)
      throw std::runtime_error(here.reason);
    return std::make_unique<Cluster>();
  });
}

}  // namespace waitbench
