// Callbacks on GLib's main loop: poll() waits, and the loop calls back when a socket can be read.
// For each turn of the loop GLib goes through all of its sources, so a switch costs a function call
// and its share of a walk that grows with the number of connections.
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>

#include "lib/order.hpp"

namespace {

struct Conversation {
  int socket;
  std::vector<char> request;
  std::vector<char> reply;
  GMainLoop* loop;
  std::size_t received = 0;

  void ask() {
    if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) g_main_loop_quit(loop);
  }

  static gboolean on_readable(gint, GIOCondition, gpointer whose) {
    auto& self = *static_cast<Conversation*>(whose);
    const ssize_t got =
        recv(self.socket, self.reply.data() + self.received, self.reply.size() - self.received, 0);
    if (got < 0 && errno == EAGAIN) return G_SOURCE_CONTINUE;
    if (got <= 0) {
      g_main_loop_quit(self.loop);
      return G_SOURCE_REMOVE;
    }
    self.received += static_cast<std::size_t>(got);
    if (self.received < self.reply.size()) return G_SOURCE_CONTINUE;
    self.received = 0;
    Order::chain(self.request, self.reply);
    self.ask();
    return G_SOURCE_CONTINUE;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Order order(argc, argv);
  GMainLoop* const loop = g_main_loop_new(nullptr, FALSE);
  std::vector<Conversation> conversations;
  for (std::size_t i = 0; i < order.connections; ++i)
    conversations.push_back(
        {order.connect(), order.request, std::vector<char>(order.reply_bytes), loop});
  for (Conversation& conversation : conversations) {
    fcntl(conversation.socket, F_SETFL, O_NONBLOCK);
    g_unix_fd_add(conversation.socket, G_IO_IN, Conversation::on_readable, &conversation);
    conversation.ask();
  }
  g_main_loop_run(loop);
}
