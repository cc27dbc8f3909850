#include "harness/workloads/postgres/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "harness/workloads/postgres/database.hpp"
#include "harness/workloads/postgres/endpoint.hpp"
#include "harness/workloads/postgres/libpq_conversation.hpp"
#include "harness/workloads/postgres/wire_client.hpp"
#include "harness/workloads/query_conversation.hpp"

namespace waitbench {
namespace {

constexpr std::string_view own_axes[] = {"delay_us", "delay_shape", "client"};
constexpr std::size_t most_in_flight = 1000;

std::string note_statement(const ClientConfig& config) {
  return config.cell.delay_us > 0 ? postgres::select_note_later(config.trial)
                                  : postgres::select_note(config.trial);
}

class LibpqConversations : public Conversations {
 public:
  explicit LibpqConversations(const TrialContext& context)
      : statements_{.endpoint = std::string(context.endpoint),
                    .session_name = postgres::session_name(context.config.trial),
                    .note = note_statement(context.config)},
        pool_(context) {
    for (std::size_t i = 0; i < context.config.cell.in_flight; ++i)
      all_.push_back(&conversations_.emplace_back(
          context.config, context.ledger, static_cast<std::uint32_t>(i), statements_, pool_));
  }

  std::span<Conversation* const> all() override { return all_; }

 private:
  LibpqStatements statements_;
  LibpqPool pool_;
  std::deque<LibpqConversation> conversations_;
  std::vector<Conversation*> all_;
};

class WireConversations : public Conversations {
 public:
  explicit WireConversations(const TrialContext& context)
      : server_(postgres::parse_endpoint(std::string(context.endpoint))),
        address_(postgres::address_of(server_)),
        statements_{.user = server_.user,
                    .database = server_.database,
                    .session_name = postgres::session_name(context.config.trial),
                    .note = note_statement(context.config)},
        shared_(context) {
    for (std::size_t i = 0; i < context.config.cell.in_flight; ++i)
      all_.push_back(&conversations_.emplace_back(context.config, context.ledger,
                                                  static_cast<std::uint32_t>(i), address_, &shared_,
                                                  statements_));
  }

  std::span<Conversation* const> all() override { return all_; }

 private:
  postgres::Endpoint server_;
  Address address_;
  WireStatements statements_;
  Coordination shared_;
  std::deque<QueryConversation<WireClient>> conversations_;
  std::vector<Conversation*> all_;
};

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  if (context.config.cell.client == PostgresClientKind::wire)
    return std::make_unique<WireConversations>(context);
  return std::make_unique<LibpqConversations>(context);
}

Eligibility can_run(const Cell& cell) {
  if (cell.idle > 0) return {"idle connections are not kept with a database"};
  if (cell.client_connections() > most_in_flight)
    return {fmt::format("the database takes {} connections of a trial at most", most_in_flight)};
  return {};
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  constexpr std::size_t clients_of_pool = 7;
  constexpr std::size_t most = 64;  // each connection is a process of the server
  std::vector<VerificationCase> cases;
  for (const PostgresClientKind client : {PostgresClientKind::libpq, PostgresClientKind::wire})
    for (const Transport transport : {Transport::tcp, Transport::unix})
      for (const Connections connections : {Connections::kept, Connections::fresh})
        for (const std::size_t in_flight : numbers)
          if (in_flight <= most)
            cases.push_back({{.workload = "postgres",
                              .transport = transport,
                              .in_flight = in_flight,
                              .delay_us = in_flight == most ? 500.0 : 0.0,
                              .client = client,
                              .connections = connections}});
  if (std::ranges::find(numbers, clients_of_pool) == numbers.end()) return cases;
  for (const PostgresClientKind client : {PostgresClientKind::libpq, PostgresClientKind::wire})
    for (const auto& [name, dispatch] : dispatch_names)
      cases.push_back({{.workload = "postgres",
                        .transport = Transport::unix,
                        .in_flight = clients_of_pool,
                        .delay_us = 500,
                        .client = client,
                        .connections = Connections::pool(3),
                        .dispatch = dispatch}});
  return cases;
}

QueryTime expected_query_time(const Cell& cell) {
  const bool is_fresh = cell.connections == Connections::fresh;
  return {.wait_us = cell.delay_us, .cpu_us = is_fresh ? 3000.0 : 100.0};
}

}  // namespace

const Workload postgres_workload = {.name = "postgres",
                                    .axes = own_axes,
                                    .make_conversations = make_conversations,
                                    .verification_cases = verification_cases,
                                    .expected_query_time = expected_query_time,
                                    .rests_between_turns = true,
                                    .most_connections = most_in_flight,
                                    .can_run = can_run};

}  // namespace waitbench
