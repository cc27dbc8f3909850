// Callbacks on libevent's events: epoll waits, and libevent calls back when a socket can be read.
// What is read and written is up to the program, so a switch costs a function call and a look at
// libevent's queue of active events.
#include <event2/event.h>

#include "lib/order.hpp"

namespace {

struct Conversation {
  int socket;
  std::vector<char> request;
  std::vector<char> reply;
  event_base* base;
  std::size_t received = 0;

  void ask() {
    if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) event_base_loopbreak(base);
  }

  static void on_readable(evutil_socket_t, short, void* whose) {
    auto& self = *static_cast<Conversation*>(whose);
    const ssize_t got =
        recv(self.socket, self.reply.data() + self.received, self.reply.size() - self.received, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      event_base_loopbreak(self.base);
      return;
    }
    self.received += static_cast<std::size_t>(got);
    if (self.received < self.reply.size()) return;
    self.received = 0;
    Order::chain(self.request, self.reply);
    self.ask();
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Order order(argc, argv);
  event_base* const base = event_base_new();
  std::vector<Conversation> conversations;
  for (std::size_t i = 0; i < order.connections; ++i)
    conversations.push_back(
        {order.connect(), order.request, std::vector<char>(order.reply_bytes), base});
  for (Conversation& conversation : conversations) {
    evutil_make_socket_nonblocking(conversation.socket);
    event_add(event_new(base, conversation.socket, EV_READ | EV_PERSIST, Conversation::on_readable,
                        &conversation),
              nullptr);
    conversation.ask();
  }
  event_base_dispatch(base);
}
