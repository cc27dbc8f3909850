#include "harness/workloads/nginx/workload.hpp"

#include <algorithm>
#include <string>

#include "harness/workloads/nginx/conversation.hpp"
#include "harness/workloads/nginx/endpoint.hpp"
#include "harness/workloads/nginx/server.hpp"
#include "harness/workloads/query_conversations.hpp"

namespace waitbench {
namespace {

constexpr std::string_view own_axes[] = {"delay_us", "delay_shape"};

// The conversations know where the server is by an address that stays where it is.
class NginxConversations : public Conversations {
 public:
  explicit NginxConversations(const TrialContext& context)
      : server_(nginx::parse_endpoint(std::string(context.endpoint)).server),
        conversations_(context.to(server_), {}) {}

  std::span<Conversation* const> all() override { return conversations_.all(); }
  std::size_t background() const override { return conversations_.background(); }

 private:
  Address server_;
  QueryConversations<NginxClient> conversations_;
};

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  return std::make_unique<NginxConversations>(context);
}

Eligibility can_run(const Cell& cell) {
  if (cell.idle > 0) return {"idle connections are not kept with nginx"};
  if (cell.connections.is_pool() && cell.dispatch == Dispatch::random)
    return {"with nginx, queries are not given to connections at random"};
  return {};
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  // Single bytes keep nginx busy, so they are not sent to many clients, and once to each kind.
  constexpr std::size_t many = 64;
  std::vector<VerificationCase> cases;
  for (const Transport transport : {Transport::tcp, Transport::unix})
    for (const Connections connections : {Connections::kept, Connections::fresh})
      for (const std::size_t in_flight : numbers)
        for (const bool is_delayed : {false, true}) {
          const bool in_bytes = is_delayed && in_flight < many && connections == Connections::kept;
          cases.push_back({{.workload = "nginx",
                            .transport = transport,
                            .in_flight = in_flight,
                            .delay_us = is_delayed ? 500.0 : 0.0,
                            .connections = connections},
                           in_bytes});
        }
  constexpr std::size_t pool_size = 3, clients = 7;
  if (std::ranges::find(numbers, clients) != numbers.end())
    for (const Dispatch dispatch : {Dispatch::least_loaded, Dispatch::first_free})
      cases.push_back({{.workload = "nginx",
                        .transport = Transport::unix,
                        .in_flight = clients,
                        .delay_us = 500,
                        .connections = Connections::pool(pool_size),
                        .dispatch = dispatch}});
  return cases;
}

QueryTime expected_query_time(const Cell& cell) {
  const bool is_fresh = cell.connections == Connections::fresh;
  const double passed_on_us = cell.delay_us > 0 ? 60 : 0;
  return {.wait_us = cell.delay_us, .cpu_us = passed_on_us + (is_fresh ? 100.0 : 40.0)};
}

}  // namespace

const Workload nginx_workload = {.name = "nginx",
                                 .axes = own_axes,
                                 .make_conversations = make_conversations,
                                 .verification_cases = verification_cases,
                                 .expected_query_time = expected_query_time,
                                 .rests_between_turns = true,
                                 .most_connections = nginx::most_connections,
                                 .can_run = can_run};

}  // namespace waitbench
