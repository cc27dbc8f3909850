// Stackful coroutines on Asio: an operation that is given a yield context returns when it has
// ended, and the coroutine's own stack remembers where it was. Asio's reactor (epoll) waits. A
// switch costs what a callback costs, and a switch of stacks by Boost.Context.
#include <boost/asio.hpp>
#include <boost/asio/spawn.hpp>

#include "lib/order.hpp"

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

void converse(asio::io_context& context, const Order& order, asio::yield_context yield) try {
  Socket socket(context);
  socket.connect({&order.address, order.address_size});
  std::vector<char> request = order.request;
  std::vector<char> reply(order.reply_bytes);
  while (true) {
    asio::async_write(socket, asio::buffer(request), yield);
    asio::async_read(socket, asio::buffer(reply), yield);
    Order::chain(request, reply);
  }
} catch (const boost::system::system_error&) {
  context.stop();
}

int main(int argc, char** argv) {
  const Order order(argc, argv);
  asio::io_context context(1);
  for (std::size_t i = 0; i < order.connections; ++i)
    asio::spawn(context,
                [&](asio::yield_context yield) { converse(context, order, std::move(yield)); });
  context.run();
}
