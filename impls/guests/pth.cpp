// GNU Pth: threads in user space, written as if they blocked. A thread's own stack remembers where
// it was; Pth's scheduler waits, with select(), for all that its threads wait for. A switch costs a
// switch of stacks and a walk through the waiting threads, and select() allows 1,023 descriptors.
#include <pth.h>
#include <signal.h>

#include <cstdlib>

#include "lib/order.hpp"

namespace {

struct Conversation {
  int socket;
  std::vector<char> request;
  std::vector<char> reply;

  static void* converse(void* whose) {
    auto& self = *static_cast<Conversation*>(whose);
    while (pth_write(self.socket, self.request.data(), self.request.size()) > 0 && self.read())
      Order::chain(self.request, self.reply);
    std::_Exit(0);
  }

  bool read() {
    std::size_t received = 0;
    while (received < reply.size()) {
      const ssize_t got = pth_read(socket, reply.data() + received, reply.size() - received);
      if (got <= 0) return false;
      received += static_cast<std::size_t>(got);
    }
    return true;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Order order(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  pth_init();
  std::vector<Conversation> conversations;
  for (std::size_t i = 0; i < order.connections; ++i)
    conversations.push_back({order.connect(), order.request, std::vector<char>(order.reply_bytes)});
  pth_t last = nullptr;
  for (Conversation& conversation : conversations)
    last = pth_spawn(PTH_ATTR_DEFAULT, Conversation::converse, &conversation);
  pth_join(last, nullptr);
}
