// process-pool: a fixed number of processes, forked in advance, to which a parent hands out tasks.
//
// A task is one query of one conversation: the parent sends its number through a socket pair, the
// worker does it with blocking calls and answers, and the parent then hands out the next task. The
// state of a conversation stays in the memory of one worker, so each worker has its own queue:
// conversation i always belongs to worker i modulo n. As many queries are in flight as there are
// workers. A task costs two messages, and each message a switch between processes, on top of the
// switch that its reply costs.
#include "impls/kernel/models.hpp"

#include <poll.h>

#include <deque>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "impls/kernel/blocking_channel.hpp"
#include "impls/lib/children.hpp"
#include "impls/lib/ready_count.hpp"

namespace waitbench {
namespace {

struct Assignment {
  std::uint32_t conversation;
};
struct Answer {
  std::uint32_t conversation;
  bool over;  // it has no further task
};

// One end of a socket pair that keeps messages apart. Each end has one user, which never has more
// than one message under way, so a call blocks only to wait for the other side.
class Link {
 public:
  static std::pair<Link, Link> make_pair() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot make a socket pair");
    return {Link(ends[0]), Link(ends[1])};
  }

  int fd() const { return end_.get(); }

  // Both are false when the other side is gone, and throw when anything else is wrong.
  template <class Message>
  bool send(const Message& message) {
    return moved(::send(end_.get(), &message, sizeof message, MSG_NOSIGNAL), sizeof message);
  }
  template <class Message>
  bool receive(Message& message) {
    ssize_t got;
    do got = ::recv(end_.get(), &message, sizeof message, 0);
    while (got < 0 && errno == EINTR);
    return moved(got, sizeof message);
  }

 private:
  explicit Link(int end) : end_(end) {}

  static bool moved(ssize_t bytes, std::size_t wanted) {
    if (bytes < 0 && errno != EPIPE && errno != ECONNRESET)
      throw std::system_error(errno, std::generic_category(), "the link to a worker process");
    return bytes == static_cast<ssize_t>(wanted);
  }

  Descriptor end_;
};

// The work of one worker process: conversations `first`, `first + stride` ... belong to it.
void serve(Link link, std::span<Conversation* const> conversations, std::size_t first,
           std::size_t stride, std::size_t depth) {
  std::deque<TaskRunner> mine;
  for (std::size_t i = first; i < conversations.size(); i += stride)
    mine.emplace_back(*conversations[i], depth);
  for (Assignment task; link.receive(task);) {
    TaskRunner& runner = mine[task.conversation / stride];
    runner.perform_task();
    if (!link.send(Answer{.conversation = task.conversation, .over = runner.done()})) return;
  }
}

class ProcessPool : public Model {
 public:
  ProcessPool(std::span<Conversation* const> conversations, const Settings& settings)
      : conversations_(conversations), settings_(settings), live_(conversations.size()) {}

  void run() override {
    for (std::size_t i = 0; i < settings_.workers; ++i) start_worker(i);
    for (std::size_t i = 0; i < conversations_.size(); ++i)
      workers_[i % workers_.size()].waiting.push_back(static_cast<std::uint32_t>(i));
    for (Worker& worker : workers_) hand_out(worker);
    while (live_ > 0) receive_answers();
    workers_.clear();  // closes the links, which ends the workers
    children_.wait_for_all();
  }

 private:
  struct Worker {
    Link link;
    std::deque<std::uint32_t> waiting;  // conversations whose next task was not sent to it yet
  };

  void start_worker(std::size_t index) {
    auto [ours, theirs] = Link::make_pair();
    children_.start([&] {
      // Close our copies of the links to other workers, or closing them would not end those.
      workers_.clear();
      { const Link not_ours = std::move(ours); }
      serve(std::move(theirs), conversations_, index, settings_.workers, settings_.depth);
    });
    sources_.push_back({.fd = ours.fd(), .events = POLLIN, .revents = 0});
    workers_.push_back({std::move(ours), {}});
  }

  void hand_out(Worker& worker) {
    if (worker.waiting.empty()) return;
    if (!worker.link.send(Assignment{worker.waiting.front()})) give_up();
    worker.waiting.pop_front();
  }

  void receive_answers() {
    const int ready = ready_count(poll(sources_.data(), sources_.size(), -1), "poll");
    for (std::size_t i = 0; ready > 0 && i < sources_.size(); ++i) {
      if (sources_[i].revents == 0) continue;
      Answer answer;
      if (!workers_[i].link.receive(answer)) give_up();
      on_answer(workers_[i], answer);
    }
  }

  void on_answer(Worker& worker, const Answer& answer) {
    if (answer.over)
      --live_;
    else
      worker.waiting.push_back(answer.conversation);
    hand_out(worker);
  }

  // A worker has ended before its work was done.
  [[noreturn]] void give_up() {
    workers_.clear();
    children_.wait_for_all();  // throws, if it knows why
    throw std::runtime_error("a worker process ended before its work was done");
  }

  std::span<Conversation* const> conversations_;
  Settings settings_;
  std::size_t live_;  // conversations that are not over
  std::vector<Worker> workers_;
  std::vector<pollfd> sources_;  // the workers' links, in the same order
  Children children_;
};

}  // namespace

std::unique_ptr<Model> make_process_pool(std::span<Conversation* const> conversations,
                                         const Settings& settings) {
  return std::make_unique<ProcessPool>(conversations, settings);
}

}  // namespace waitbench
