// Callbacks on Asio: each operation is given a function that is called at its end. Asio's reactor
// (epoll) waits; an object on the heap, kept alive by the operation under way, remembers. A switch
// costs an allocation that Asio reuses, and a call through its queue of handlers.
#include <asio.hpp>
#include <memory>

#include "lib/order.hpp"

using Socket = asio::generic::stream_protocol::socket;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(asio::io_context& context, const Order& order)
      : socket_(context), request_(order.request), reply_(order.reply_bytes) {
    socket_.connect({&order.address, order.address_size});
  }

  void ask() {
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this()](std::error_code error, std::size_t) {
                        if (error) return self->stop();
                        self->read();
                      });
  }

 private:
  void read() {
    asio::async_read(socket_, asio::buffer(reply_),
                     [self = shared_from_this()](std::error_code error, std::size_t) {
                       if (error) return self->stop();
                       Order::chain(self->request_, self->reply_);
                       self->ask();
                     });
  }

  void stop() { static_cast<asio::io_context&>(socket_.get_executor().context()).stop(); }

  Socket socket_;
  std::vector<char> request_;
  std::vector<char> reply_;
};

int main(int argc, char** argv) {
  const Order order(argc, argv);
  asio::io_context context(1);
  for (std::size_t i = 0; i < order.connections; ++i)
    std::make_shared<Session>(context, order)->ask();
  context.run();
}
