// What somebody who watches a run is told of its models.
#include "harness/run/standings.hpp"

#include <gtest/gtest.h>

namespace waitbench {
namespace {

class StandingsTest : public testing::Test {
 protected:
  CellPlan cell(double delay_us) const {
    return {.purpose = "matched",
            .cell = {.in_flight = 64, .delay_us = delay_us},
            .entries = {{participant("callback-epoll")},
                        {participant("callback-epoll"), 1},
                        {participant("fiber-epoll")},
                        {participant("thread-per-connection")}}};
  }

  const Participant* participant(std::string_view name) const {
    return find_participant(participants_, name);
  }

  TurnOf turn(std::string_view name, double cpu_us, double queries_per_second = 1000) const {
    return {participant(name),
            Turn{.queries_per_second = queries_per_second, .client_cpu_us_per_query = cpu_us}};
  }

  const std::vector<Participant> participants_ = all_participants();
  Standings standings_;
};

TEST_F(StandingsTest, AreMediansOfTheTwoAtTheEndsAndOfTheFirstModel) {
  const CellPlan matched = cell(2000);
  EXPECT_EQ(standings_.to_text(matched, 200), "");
  for (const double us : {7.0, 9.0, 70.0})
    standings_.note(matched, {turn("callback-epoll", us), turn("fiber-epoll", us - 1.0),
                              turn("thread-per-connection", us + 11)});
  EXPECT_EQ(standings_.to_text(matched, 200),
            "CPU/query so far: 8.0 us fiber-epoll to 20.0 us thread-per-connection; "
            "9.0 us callback-epoll");
  EXPECT_EQ(standings_.to_text(matched, 79),
            "CPU/query so far: 8.0 us fiber-epoll to 20.0 us thread-per-connection");
  EXPECT_EQ(standings_.to_text(matched, 20), "CPU/query so far: 8.") << "never more than that";
}

TEST_F(StandingsTest, AreRatesWhereThereIsNoDelayTheHighestFirst) {
  const CellPlan saturated = cell(0);
  standings_.note(saturated, {turn("callback-epoll", 7, 150'000), turn("fiber-epoll", 7, 140'000)});
  EXPECT_EQ(standings_.to_text(saturated, 200),
            "queries/s so far: 150000 callback-epoll to 140000 fiber-epoll");
}

TEST_F(StandingsTest, AreOfEachCellAndOfModelsAlone) {
  standings_.note(cell(2000), {turn("callback-epoll", 7)});
  EXPECT_EQ(standings_.to_text(cell(4000), 200), "");
  const Participant positive_control{.name = "control", .role = Role::positive_control};
  standings_.note(cell(2000), {{&positive_control, Turn{.client_cpu_us_per_query = 1}}});
  EXPECT_EQ(standings_.to_text(cell(2000), 200), "CPU/query so far: 7.0 us callback-epoll");
}

}  // namespace
}  // namespace waitbench
