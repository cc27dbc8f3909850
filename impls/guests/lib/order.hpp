// What a guest in C++ was told to do: its last argument, as impls/guests/README.md describes it.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

// The address is one of TCP or of a Unix socket in the abstract namespace.
struct Order {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::size_t connections = 0;
  std::vector<char> request;
  std::size_t reply_bytes = 0;

  Order(int argc, char** argv) {
    const auto words = nlohmann::json::parse(argv[argc - 1]);
    connections = words["connections"];
    reply_bytes = words["reply_bytes"];
    const std::string hex = words["request"];
    for (std::size_t i = 0; i < hex.size(); i += 2)
      request.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    if (words.contains("unix"))
      set_unix(words["unix"]);
    else
      set_tcp(words["host"], words["port"]);
  }

  // A connected socket, which blocks. Throws std::system_error.
  int connect() const {
    const int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), address_size) != 0)
      throw std::system_error(errno, std::generic_category(), "connect");
    return fd;
  }

  // The next request carries the end of the reply.
  static void chain(std::vector<char>& request, const std::vector<char>& reply) {
    std::copy(reply.end() - 8, reply.end(), request.begin() + 8);
  }

 private:
  void set_tcp(const std::string& host, int port) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host.c_str(), &in.sin_addr);
    std::memcpy(&address, &in, address_size = sizeof in);
  }

  void set_unix(const std::string& name) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    name.copy(un.sun_path + 1, sizeof un.sun_path - 1);
    address_size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    std::memcpy(&address, &un, address_size);
  }
};
