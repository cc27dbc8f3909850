#include "harness/workloads/postgres/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "harness/workloads/postgres/database.hpp"
#include "harness/workloads/postgres/endpoint.hpp"
#include "harness/workloads/postgres/idle_conversation.hpp"
#include "harness/workloads/postgres/libpq_conversation.hpp"
#include "harness/workloads/postgres/pipelined_libpq.hpp"
#include "harness/workloads/postgres/pipelined_wire.hpp"
#include "harness/workloads/postgres/wire_client.hpp"
#include "harness/workloads/query_conversation.hpp"

namespace waitbench {
namespace {

constexpr std::string_view own_axes[] = {"delay_us", "delay_shape", "client", "pipeline"};
constexpr std::size_t most_in_flight = 1000;

std::string note_statement(const ClientConfig& config) {
  return config.cell.delay_us > 0 ? postgres::select_note_later(config.trial)
                                  : postgres::select_note(config.trial);
}

LibpqStatements libpq_statements(const TrialContext& context, std::string session_name) {
  return {.endpoint = std::string(context.endpoint),
          .session_name = std::move(session_name),
          .note = note_statement(context.config)};
}

class LibpqConversations : public Conversations {
 public:
  explicit LibpqConversations(const TrialContext& context)
      : statements_(libpq_statements(context, postgres::session_name(context.config.trial))),
        idle_statements_(
            libpq_statements(context, postgres::idle_session_name(context.config.trial))),
        pool_(context) {
    for (std::size_t i = 0; i < context.config.cell.idle; ++i)
      all_.push_back(&idle_.emplace_back(context.ledger, idle_statements_));
    for (std::size_t i = 0; i < context.config.cell.in_flight; ++i)
      all_.push_back(&conversations_.emplace_back(
          context.config, context.ledger, static_cast<std::uint32_t>(i), statements_, pool_));
  }

  std::span<Conversation* const> all() override { return all_; }

 private:
  LibpqStatements statements_;
  LibpqStatements idle_statements_;
  LibpqPool pool_;
  std::deque<LibpqIdleConversation> idle_;
  std::deque<LibpqConversation> conversations_;
  std::vector<Conversation*> all_;
};

// What all the conversations have in common that write the protocol by hand.
struct WireServer {
  explicit WireServer(const TrialContext& context)
      : endpoint(postgres::parse_endpoint(std::string(context.endpoint))),
        address(postgres::address_of(endpoint)),
        statements{.user = endpoint.user,
                   .database = endpoint.database,
                   .session_name = postgres::session_name(context.config.trial),
                   .note = note_statement(context.config)} {}

  postgres::Endpoint endpoint;
  Address address;
  WireStatements statements;
};

class WireConversations : public Conversations {
 public:
  explicit WireConversations(const TrialContext& context) : server_(context), shared_(context) {
    WireStatements idle_statements = server_.statements;
    idle_statements.session_name = postgres::idle_session_name(context.config.trial);
    idle_startup_.put_startup(idle_statements);
    for (std::size_t i = 0; i < context.config.cell.idle; ++i)
      all_.push_back(&idle_.emplace_back(context.ledger, server_.address, idle_startup_.bytes()));
    for (std::size_t i = 0; i < context.config.cell.in_flight; ++i)
      all_.push_back(&conversations_.emplace_back(context.config, context.ledger,
                                                  static_cast<std::uint32_t>(i), server_.address,
                                                  &shared_, server_.statements));
  }

  std::span<Conversation* const> all() override { return all_; }

 private:
  WireServer server_;
  WireOutbox idle_startup_;
  Coordination shared_;
  std::deque<WireIdleConversation> idle_;
  std::deque<QueryConversation<WireClient>> conversations_;
  std::vector<Conversation*> all_;
};

// One for each connection, which `pipeline` clients share.
class PipelinedConversations : public Conversations {
 public:
  explicit PipelinedConversations(const TrialContext& context)
      : libpq_(libpq_statements(context, postgres::session_name(context.config.trial))) {
    const ClientConfig& config = context.config;
    if (config.cell.client == PostgresClientKind::wire) wire_.emplace(context);
    for (std::size_t i = 0; i < config.cell.conversations(); ++i)
      if (wire_)
        all_.push_back(
            &by_hand_.emplace_back(config, context.ledger, i, wire_->address, wire_->statements));
      else
        all_.push_back(&by_libpq_.emplace_back(config, context.ledger, i, libpq_));
  }

  std::span<Conversation* const> all() override { return all_; }

 private:
  LibpqStatements libpq_;
  std::optional<WireServer> wire_;  // none: libpq speaks
  std::deque<PipelinedLibpqConversation> by_libpq_;
  std::deque<PipelinedWireConversation> by_hand_;
  std::vector<Conversation*> all_;
};

std::unique_ptr<Conversations> make_conversations(const TrialContext& context) {
  if (context.config.cell.pipeline > 1) return std::make_unique<PipelinedConversations>(context);
  if (context.config.cell.client == PostgresClientKind::wire)
    return std::make_unique<WireConversations>(context);
  return std::make_unique<LibpqConversations>(context);
}

Eligibility can_run(const Cell& cell) {
  if (cell.client_connections() + cell.idle > most_in_flight)
    return {fmt::format("the database takes {} connections of a trial at most", most_in_flight)};
  return {};
}

std::vector<VerificationCase> verification_cases(std::span<const std::size_t> numbers) {
  constexpr std::size_t clients_of_pool = 7;
  constexpr std::size_t most = 64;  // each connection is a process of the server
  constexpr std::size_t depth = 6;  // of a pipeline
  constexpr std::tuple<Transport, std::size_t, double> pipelined[] = {
      {Transport::unix, 3, 0.0}, {Transport::unix, 1, 0.0}, {Transport::tcp, 3, 500.0}};
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
    cases.push_back({{.workload = "postgres",
                      .transport = Transport::unix,
                      .in_flight = clients_of_pool,
                      .client = client,
                      .idle = 5}});
  for (const PostgresClientKind client : {PostgresClientKind::libpq, PostgresClientKind::wire})
    for (const auto& [name, dispatch] : dispatch_names)
      cases.push_back({{.workload = "postgres",
                        .transport = Transport::unix,
                        .in_flight = clients_of_pool,
                        .delay_us = 500,
                        .client = client,
                        .connections = Connections::pool(3),
                        .dispatch = dispatch}});
  for (const PostgresClientKind client : {PostgresClientKind::libpq, PostgresClientKind::wire})
    for (const auto& [transport, connections, delay_us] : pipelined)
      cases.push_back({{.workload = "postgres",
                        .transport = transport,
                        .in_flight = connections * depth,
                        .delay_us = delay_us,
                        .client = client,
                        .pipeline = depth}});
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
