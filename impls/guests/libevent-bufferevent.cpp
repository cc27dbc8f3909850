// Callbacks on libevent's bufferevents: epoll waits, libevent reads and writes into buffers of its
// own, and calls back when as much has arrived as was asked for. A switch costs a function call;
// the buffers cost a copy and their chains.
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "lib/order.hpp"

namespace {

struct Conversation {
  std::vector<char> request;
  std::vector<char> reply;
  event_base* base;

  static void on_read(bufferevent* stream, void* whose) {
    auto& self = *static_cast<Conversation*>(whose);
    evbuffer* const arrived = bufferevent_get_input(stream);
    while (evbuffer_get_length(arrived) >= self.reply.size()) {
      bufferevent_read(stream, self.reply.data(), self.reply.size());
      Order::chain(self.request, self.reply);
      bufferevent_write(stream, self.request.data(), self.request.size());
    }
  }

  static void on_event(bufferevent*, short, void* whose) {
    event_base_loopbreak(static_cast<Conversation*>(whose)->base);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Order order(argc, argv);
  event_base* const base = event_base_new();
  std::vector<Conversation> conversations(
      order.connections, {order.request, std::vector<char>(order.reply_bytes), base});
  for (Conversation& conversation : conversations) {
    const int socket = order.connect();
    evutil_make_socket_nonblocking(socket);
    bufferevent* const stream = bufferevent_socket_new(base, socket, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, Conversation::on_read, nullptr, Conversation::on_event,
                      &conversation);
    bufferevent_setwatermark(stream, EV_READ, order.reply_bytes, 0);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    bufferevent_write(stream, conversation.request.data(), conversation.request.size());
  }
  event_base_dispatch(base);
}
