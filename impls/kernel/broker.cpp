#include "impls/kernel/broker.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "impls/lib/children.hpp"

namespace waitbench {
namespace {

using Reason = std::array<char, 200>;  // cut short, and ended by zeros

}  // namespace

// Whoever has asked may have ended; then its end is what the run fails of.
void answer(const BrokerQueue::Item& task, bool was_last) {
  write_message(task.descriptor.get(), BrokerAnswer{.task = task.message, .was_last = was_last});
}

std::optional<BrokerAnswer> ask_by_own_pipe(const BrokerTask& task,
                                            const BrokerQueue::PutEnd& queue) {
  Pipe pipe = make_pipe();
  if (!queue.put(task, pipe.writes.get())) return std::nullopt;
  pipe.writes.reset();  // or the broker's end would not be the end of the pipe
  return read_message<BrokerAnswer>(pipe.reads.get());
}

void Broker::run() {
  constexpr const char* broker = "the broker";
  constexpr const char* front_end = "a front end";
  BrokerQueue::Ends queue = BrokerQueue::make();
  Children processes;
  const auto serve_tasks = [&] {
    queue.put_end.close();
    std::signal(SIGPIPE, SIG_IGN);  // of a front end that has ended
    serve(queue.take_end);
  };
  processes.start(telling_why(broker, serve_tasks), broker);
  queue.take_end.close();
  for (std::size_t i = 0; i < conversations_.size(); ++i) {
    const auto ask_queries = [&] { ask_until_over(static_cast<std::uint32_t>(i), queue.put_end); };
    processes.start(telling_why(front_end, ask_queries), front_end);
  }
  queue.put_end.close();
  try {
    processes.wait_for_all();
  } catch (const std::runtime_error&) {
    if (fcntl(reasons_.reads.get(), F_SETFL, O_NONBLOCK) == 0)
      if (const auto reason = read_message<Reason>(reasons_.reads.get()))
        throw std::runtime_error(reason->data());
    throw;
  }
}

// Without an answer it ends in silence: the broker has ended, and its end is what the run fails of.
void Broker::ask_until_over(std::uint32_t conversation, const BrokerQueue::PutEnd& queue) {
  for (BrokerTask task{.conversation = conversation, .number = 0};; ++task.number) {
    const std::optional<BrokerAnswer> got = ask(task, queue);
    if (!got) return;
    if (got->task != task)
      throw std::runtime_error("it was given the answer to another query than its own");
    if (got->was_last) return;
  }
}

std::function<void()> Broker::telling_why(const char* who, std::function<void()> body) {
  return [this, who, body = std::move(body)] {
    who_ = who;
    try {
      body();
    } catch (const std::exception& error) {
      end_process(error);
    }
  };
}

void Broker::end_process(const std::exception& why) const {
  const std::string text = std::string(who_) + ": " + why.what();
  Reason reason{};
  std::copy_n(text.begin(), std::min(text.size(), reason.size() - 1), reason.begin());
  try {
    write_message(reasons_.writes.get(), reason);
  } catch (const std::system_error&) {  // the exit code is left
  }
  _exit(EXIT_FAILURE);
}

}  // namespace waitbench
