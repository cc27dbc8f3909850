// Boost.Fiber with Asio: the program of each fiber is written as if it blocked, and the fiber's own
// stack remembers where it was. Asio's reactor (epoll) waits: an operation's handler keeps a
// promise, for which the fiber waits in the scheduler of Boost.Fiber. A switch costs what a
// callback costs, the scheduler's queue and its lock, and a switch of stacks.
#include <boost/asio.hpp>
#include <boost/fiber/all.hpp>
#include <cstdlib>

#include "lib/order.hpp"

namespace asio = boost::asio;
namespace fibers = boost::fibers;
using Socket = asio::generic::stream_protocol::socket;

// Starts an operation, and waits in this fiber for its end.
template <class Start>
void await(Start start) {
  fibers::promise<void> ended;
  fibers::future<void> end = ended.get_future();
  start([&ended](boost::system::error_code error, std::size_t) {
    if (error)
      ended.set_exception(std::make_exception_ptr(boost::system::system_error(error)));
    else
      ended.set_value();
  });
  end.get();
}

void converse(asio::io_context& context, const Order& order) try {
  Socket socket(context);
  socket.connect({&order.address, order.address_size});
  std::vector<char> request = order.request;
  std::vector<char> reply(order.reply_bytes);
  while (true) {
    await([&](auto handler) { asio::async_write(socket, asio::buffer(request), handler); });
    await([&](auto handler) { asio::async_read(socket, asio::buffer(reply), handler); });
    Order::chain(request, reply);
  }
} catch (const boost::system::system_error&) {
  context.stop();
}

int main(int argc, char** argv) {
  const Order order(argc, argv);
  asio::io_context context(1);
  const auto work =
      asio::make_work_guard(context);  // it goes on also while no operation is under way
  std::vector<fibers::fiber> all;
  for (std::size_t i = 0; i < order.connections; ++i)
    all.emplace_back([&] { converse(context, order); });
  // The loop runs what is ready, and lets the fibers go on that this has woken.
  while (!context.stopped()) {
    boost::this_fiber::yield();
    context.run_one();
    while (context.poll_one() > 0) continue;
  }
  std::_Exit(0);  // the other fibers still wait, and would for ever
}
