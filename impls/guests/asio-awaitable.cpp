// C++20 coroutines on Asio: an operation is awaited, and the coroutine's frame remembers where it
// was. Asio's reactor (epoll) waits. A switch costs what a callback costs, and the resumption of a
// frame.
#include <asio.hpp>

#include "lib/order.hpp"

using Socket = asio::generic::stream_protocol::socket;

asio::awaitable<void> converse(Socket socket, const Order& order) {
  std::vector<char> request = order.request;
  std::vector<char> reply(order.reply_bytes);
  while (true) {
    co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
    co_await asio::async_read(socket, asio::buffer(reply), asio::use_awaitable);
    Order::chain(request, reply);
  }
}

int main(int argc, char** argv) {
  const Order order(argc, argv);
  asio::io_context context(1);
  for (std::size_t i = 0; i < order.connections; ++i) {
    Socket socket(context);
    socket.connect({&order.address, order.address_size});
    asio::co_spawn(context, converse(std::move(socket), order),
                   [&context](std::exception_ptr) { context.stop(); });
  }
  context.run();
}
