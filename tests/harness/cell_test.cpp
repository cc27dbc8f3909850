// Cells: their names, and the fields that they are stored in.
#include "harness/workloads/cell.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace waitbench {
namespace {

TEST(Cell, IsNamedByItsUsualAxes) {
  EXPECT_EQ(cell_name({}), "tcp/kept/in_flight:64/delay_us:1000");
  EXPECT_EQ(cell_name({.transport = Transport::unix,
                       .in_flight = 1,
                       .delay_us = 31.25,
                       .connections = Connections::fresh}),
            "unix/fresh/in_flight:1/delay_us:31.25");
}

TEST(Cell, NamesFurtherAxesWhereTheyAreNotTheUsual) {
  EXPECT_EQ(cell_name({.delay_us = 0,
                       .delay_shape = DelayShape::constant,
                       .reply_bytes = 0,
                       .work_us = 2.5,
                       .idle = 7,
                       .depth = 8,
                       .loops = 2,
                       .workers = 3}),
            "tcp/kept/in_flight:64/delay_us:0/delay_shape:constant/reply_bytes:0/work_us:2.5/"
            "idle:7/depth:8/loops:2/workers:3");
}

TEST(Cell, NamesTheRateAndTheArrivalsOfAnOpenLoop) {
  EXPECT_EQ(cell_name({.rate_qps = 2500, .arrivals = Arrivals::constant}),
            "tcp/kept/in_flight:64/delay_us:1000/rate_qps:2500/arrivals:constant");
  const nlohmann::json json = Cell{.rate_qps = 2500};
  EXPECT_EQ(json["rate_qps"], 2500.0);
  EXPECT_EQ(json["arrivals"], "poisson");
}

TEST(Cell, NamesAPoolByItsSizeAndItsRule) {
  const Cell cell = {
      .in_flight = 16, .connections = Connections::pool(4), .dispatch = Dispatch::first_free};
  EXPECT_EQ(cell_name(cell), "tcp/pool:4/first-free/in_flight:16/delay_us:1000");
  const nlohmann::json json = cell;
  EXPECT_EQ(json["connections"], "pool:4");
  EXPECT_EQ(json["dispatch"], "first-free");
  EXPECT_EQ(json.get<Cell>(), cell);
  EXPECT_EQ(cell.client_connections(), 4U);
  EXPECT_EQ(Cell{.in_flight = 16}.client_connections(), 16U);
}

TEST(Cell, NamesACallByItsLengthAndWhereItIsMade) {
  const Cell cell = {.block_us = 1000, .offload = Offload::threads(4), .callers = 1};
  EXPECT_EQ(cell_name(cell),
            "tcp/kept/in_flight:64/delay_us:1000/block_us:1000/threads:4/callers:1");
  const nlohmann::json json = cell;
  EXPECT_EQ(json["offload"], "threads:4");
  EXPECT_EQ(json.get<Cell>(), cell);
  EXPECT_EQ(nlohmann::json(Cell{.block_us = 1})["offload"], "inline");
}

TEST(Cell, HasAtLeastOneWorkerForItsCalls) {
  for (const char* name :
       {"threads", "threads:", "threads:0", "processes:-1", "inline:1", "here"}) {
    nlohmann::json json = Cell{.block_us = 1};
    json["offload"] = name;
    EXPECT_THROW(json.get<Cell>(), std::invalid_argument) << name;
  }
}

TEST(Cell, HasAPoolOfAtLeastOneConnectionAndOfAWholeNumber) {
  for (const char* name : {"pool", "pool:", "pool:0", "pool:-1", "pool:4x", "pool: 4", "Pool:4",
                           "pool:99999999999999999999"}) {
    nlohmann::json json = Cell{};
    json["connections"] = name;
    EXPECT_THROW(json.get<Cell>(), std::invalid_argument) << name;
  }
}

TEST(Cell, HasAsManyInFlightAsItsLimitLets) {
  const Cell limited = {.in_flight = 16, .limit = 4, .lock = LockUse::shared};
  EXPECT_EQ(cell_name(limited), "tcp/kept/in_flight:16/delay_us:1000/limit:4/lock:shared");
  EXPECT_EQ(nlohmann::json(limited).get<Cell>(), limited);
  EXPECT_EQ(limited.most_in_flight(), 4U);
  EXPECT_EQ(limited.client_connections(), 16U) << "each client keeps its own";
  EXPECT_EQ(Cell{.in_flight = 16}.most_in_flight(), 16U);
}

TEST(Cell, HasAPipelineOfSomeClientsOnEachConnection) {
  const Cell cell = {.workload = "postgres", .in_flight = 12, .pipeline = 3};
  EXPECT_EQ(cell_name(cell), "backend:postgres/tcp/kept/in_flight:12/delay_us:1000/pipeline:3");
  EXPECT_EQ(nlohmann::json(cell).get<Cell>(), cell);
  EXPECT_EQ(cell.client_connections(), 4U);
  EXPECT_EQ(cell.conversations(), 4U);
  EXPECT_EQ(cell.most_in_flight(), 12U);
  EXPECT_EQ(cell.most_answered_at_once(), 4U);
}

TEST(Cell, NamesADeadline) {
  const Cell cell = {.deadline_us = 5000};
  EXPECT_EQ(cell_name(cell), "tcp/kept/in_flight:64/delay_us:1000/deadline_us:5000");
  EXPECT_EQ(nlohmann::json(cell).get<Cell>(), cell);
}

TEST(Cell, IsReadFromFilesThatAreOlderThanPoolsAndLimits) {
  nlohmann::json json = Cell{};
  for (const char* axis : {"dispatch", "limit", "lock", "pipeline", "deadline_us"})
    json.erase(axis);
  EXPECT_EQ(json.get<Cell>(), Cell{});
}

TEST(Cell, HasAFieldForEachAxis) {
  const nlohmann::json json = Cell{.delay_shape = DelayShape::uniform, .idle = 3};
  const nlohmann::json expected = {{"backend", "delay"},
                                   {"transport", "tcp"},
                                   {"in_flight", 64},
                                   {"delay_us", 1000.0},
                                   {"delay_shape", "uniform"},
                                   {"reply_bytes", 256},
                                   {"framing", nullptr},
                                   {"client", nullptr},
                                   {"pipeline", nullptr},
                                   {"work_us", 0.0},
                                   {"connections", "kept"},
                                   {"dispatch", nullptr},
                                   {"block_us", 0.0},
                                   {"offload", nullptr},
                                   {"callers", nullptr},
                                   {"fan_out", 1},
                                   {"limit", 0},
                                   {"lock", "none"},
                                   {"deadline_us", 0},
                                   {"idle", 3},
                                   {"depth", 1},
                                   {"loops", 1},
                                   {"workers", 4},
                                   {"rate_qps", nullptr},
                                   {"arrivals", nullptr}};
  EXPECT_EQ(json, expected);
}

TEST(Cell, IsReadAsItWasWritten) {
  const Cell cell = {.transport = Transport::unix,
                     .in_flight = 5,
                     .delay_us = 0.5,
                     .delay_shape = DelayShape::constant,
                     .reply_bytes = 1,
                     .work_us = 2,
                     .connections = Connections::fresh,
                     .idle = 9,
                     .depth = 10,
                     .loops = 11,
                     .workers = 12,
                     .rate_qps = 0.5,
                     .arrivals = Arrivals::onoff};
  EXPECT_EQ(nlohmann::json::parse(nlohmann::json(cell).dump()).get<Cell>(), cell);
}

TEST(Cell, IsNotReadWhereANameIsUnknown) {
  nlohmann::json json = Cell{};
  json["transport"] = "pigeon";
  EXPECT_THROW(json.get<Cell>(), std::invalid_argument);
  json = Cell{};
  json["backend"] = "oracle";
  EXPECT_THROW(json.get<Cell>(), std::invalid_argument);
}

// Only an axis that does not concern every cell may be unknown.
TEST(Cell, IsNotReadWhereAnAxisIsNullThatConcernsIt) {
  nlohmann::json json = Cell{};
  json["in_flight"] = nullptr;
  EXPECT_THROW(json.get<Cell>(), nlohmann::json::exception);
}

}  // namespace
}  // namespace waitbench
