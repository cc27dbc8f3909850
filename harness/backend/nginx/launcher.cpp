#include "harness/backend/nginx/launcher.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "harness/backend/nginx/configuration.hpp"
#include "harness/backend/private_server.hpp"
#include "harness/backend/server.hpp"
#include "harness/machine/limits.hpp"
#include "harness/machine/placement.hpp"
#include "harness/workloads/http/protocol.hpp"
#include "harness/workloads/nginx/endpoint.hpp"
#include "harness/workloads/nginx/server.hpp"
#include "harness/workloads/payload.hpp"
#include "impls/lib/socket.hpp"

namespace waitbench {
namespace {

namespace fs = std::filesystem;

// Debian's lies where only the superuser's PATH leads. Empty when there is none.
std::string find_program() {
  for (const char* const path : {"/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"})
    if (access(path, X_OK) == 0) return path;
  return "";
}

void write_file(const fs::path& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  if (!file.flush())
    throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

void write_notes(const fs::path& folder) {
  fs::create_directory(folder);
  std::array<char, nginx::note_bytes> content{};
  for (std::uint32_t number = 1; number <= nginx::notes; ++number) {
    fill_payload(number, 0, std::as_writable_bytes(std::span(content)));
    write_file(folder / std::to_string(number), {content.data(), content.size()});
  }
}

// Our own server, which withholds the replies that trials rest in. It serves until it is destroyed.
class GateServer {
 public:
  GateServer()
      : server_(http_protocol, {.unix_name = fmt::format("waitbench-{}", getpid())}),
        thread_([this] { server_.run(); }) {}
  GateServer(const GateServer&) = delete;
  GateServer& operator=(const GateServer&) = delete;
  ~GateServer() {
    server_.request_stop();
    thread_.join();
  }

  std::uint16_t port() const { return server_.tcp_port(); }

 private:
  backend::Server server_;
  std::thread thread_;
};

// Each connection of a client may have one with the gate behind it.
std::size_t connections_of_worker() {
  constexpr std::size_t own_descriptors = 64;  // and what else nginx has open
  return std::min(machine_limits().descriptors,
                  2 * nginx::most_connections + nginx::notes + own_descriptors);
}

class PrivateNginx {
 public:
  PrivateNginx() {
    check_path();
    write_notes(folder_.path() / nginx::notes_folder);
    write_file(folder_.path() / "nginx.conf",
               nginx::text_of({.workers = available_cpus().size(),
                               .worker_connections = connections_of_worker(),
                               .port = port_,
                               .socket = socket(),
                               .gate_port = gate_.port()}));
    server_.start(find_program(),
                  {"-p", folder_.path().string(), "-e", "stderr", "-c", "nginx.conf"}, user_,
                  [this] { return listens(); });
  }

  std::string tcp() const { return nginx::endpoint_over_tcp(port_, gate_.port()); }
  std::string unix() const { return nginx::endpoint_over_unix(socket(), gate_.port()); }
  void await_end() { server_.await_end(); }

 private:
  // nginx takes what follows a $ for the name of a variable, and knows no way to write one itself.
  void check_path() const {
    const std::string path = socket();
    if (path.size() >= sizeof(sockaddr_un::sun_path) || path.find('$') != path.npos)
      throw std::runtime_error(
          fmt::format("nginx cannot serve at {}: set TMPDIR to a folder with a shorter path, and "
                      "without $ in it",
                      path));
  }

  std::string socket() const { return (folder_.path() / "socket").string(); }

  bool listens() const {
    const Address address = nginx::parse_endpoint(unix()).server;
    const Descriptor probe = open_socket(address, SOCK_NONBLOCK);
    return probe && connect_socket(probe.get(), address) == 0;
  }

  EndSignals signals_;
  std::optional<UserId> user_ = unprivileged_user("www-data");
  TemporaryFolder folder_{"nginx", user_};
  std::uint16_t port_ = free_port();
  GateServer gate_;
  // Workers of a master that is killed live on; one that is asked to end at once ends them first.
  PrivateServer server_{signals_, folder_.path() / "log", SIGTERM};
};

}  // namespace

Eligibility nginx_is_installed() {
  if (!find_program().empty()) return {};
  return {"there is no nginx here: install Debian's package nginx"};
}

int serve_nginx(const backend::ServeOptions& options) {
  return serve_privately(options, [] {
    if (const Eligibility here = nginx_is_installed(); !here) throw std::runtime_error(here.reason);
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    return std::make_unique<PrivateNginx>();
  });
}

}  // namespace waitbench
