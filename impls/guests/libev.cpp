// Callbacks on libev: epoll waits, and a watcher calls back when its socket can be read. What is
// read and written is up to the program, so a switch costs a function call and a look at libev's
// table of watchers.
#include <ev++.h>
#include <fcntl.h>

#include <memory>

#include "lib/order.hpp"

class Conversation {
 public:
  explicit Conversation(const Order& order)
      : socket_(order.connect()), request_(order.request), reply_(order.reply_bytes) {
    fcntl(socket_, F_SETFL, O_NONBLOCK);
    watcher_.set<Conversation, &Conversation::on_readable>(this);
    watcher_.start(socket_, ev::READ);
    ask();
  }

 private:
  void ask() {
    if (send(socket_, request_.data(), request_.size(), MSG_NOSIGNAL) < 0) stop();
  }

  void on_readable(ev::io&, int) {
    const ssize_t got = recv(socket_, reply_.data() + received_, reply_.size() - received_, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return stop();
    received_ += static_cast<std::size_t>(got);
    if (received_ < reply_.size()) return;
    received_ = 0;
    Order::chain(request_, reply_);
    ask();
  }

  static void stop() { ev::get_default_loop().break_loop(ev::ALL); }

  int socket_;
  std::vector<char> request_;
  std::vector<char> reply_;
  std::size_t received_ = 0;
  ev::io watcher_;
};

int main(int argc, char** argv) {
  const Order order(argc, argv);
  std::vector<std::unique_ptr<Conversation>> conversations;
  for (std::size_t i = 0; i < order.connections; ++i)
    conversations.push_back(std::make_unique<Conversation>(order));
  ev::get_default_loop().run();
}
