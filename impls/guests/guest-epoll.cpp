// The guests' own reference: callbacks on a bare epoll instance. The kernel tells which sockets can
// be read, and an array of structs remembers where each conversation was. A switch costs a function
// call; its limit is one thread. It does what the model callback-epoll does, without the seam, the
// clock and the ledger: so what being measured from inside costs is the ratio of the two.
#include <fcntl.h>
#include <sys/epoll.h>

#include <array>
#include <cstdlib>

#include "lib/order.hpp"

namespace {

struct Conversation {
  int socket;
  std::vector<char> request;
  std::vector<char> reply;
  std::size_t received = 0;

  // The connection takes 32 bytes whole: nothing else is on its way to the server.
  void ask() {
    if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::exit(0);
  }

  void on_readable() {
    const ssize_t got =
        recv(socket, reply.data() + received, reply.size() - received, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) std::exit(0);
    received += static_cast<std::size_t>(got);
    if (received < reply.size()) return;
    received = 0;
    Order::chain(request, reply);
    ask();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Order order(argc, argv);
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Conversation> conversations;
  for (std::size_t i = 0; i < order.connections; ++i)
    conversations.push_back({order.connect(), order.request, std::vector<char>(order.reply_bytes)});
  for (Conversation& conversation : conversations) {
    epoll_event readable{.events = EPOLLIN, .data = {.ptr = &conversation}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, conversation.socket, &readable) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    conversation.ask();
  }
  std::array<epoll_event, 256> events;
  while (true) {
    const int ready = epoll_wait(epoll, events.data(), events.size(), -1);
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    for (int i = 0; i < ready; ++i) static_cast<Conversation*>(events[i].data.ptr)->on_readable();
  }
}
