// The table of axes: what is made from its rows, and that the schema of results files knows them.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "harness/workloads/axis_values.hpp"
#include "harness/workloads/workload.hpp"

namespace waitbench {
namespace {

nlohmann::json axes_of_the_schema() {
  std::ifstream file(RESULTS_SCHEMA);
  return nlohmann::json::parse(file).at("$defs").at("axes");
}

TEST(Axes, AreTheFieldsThatTheSchemaOfResultsFilesHasForThem) {
  std::set<std::string> in_table, in_schema;
  for_each_axis([&](const auto& axis) { in_table.emplace(axis.name); });
  const nlohmann::json schema = axes_of_the_schema();
  for (const auto& [name, type] : schema.at("properties").items()) in_schema.insert(name);
  EXPECT_EQ(in_table, in_schema);
}

// What the schema must say of the values of an axis.
template <class T>
nlohmann::json type_of(const Axis<T>& axis, const nlohmann::json& in_schema) {
  if constexpr (std::is_floating_point_v<T>) return {{"$ref", "#/$defs/amount"}};
  if constexpr (std::is_integral_v<T>) return {{"$ref", "#/$defs/count"}};
  if (!in_schema.contains("enum")) return {{"type", {"string", "null"}}};
  nlohmann::json names = nlohmann::json::array();
  if constexpr (!std::is_arithmetic_v<T>)
    for (const Choice<T>& choice : choices_of(axis)) names.push_back(choice.name);
  names.push_back(nullptr);
  return {{"enum", names}};
}

TEST(Axes, HaveTheTypesThatTheSchemaHasForThem) {
  const nlohmann::json schema = axes_of_the_schema();
  for_each_axis([&](const auto& axis) {
    const nlohmann::json& in_schema = schema.at("properties").at(std::string(axis.name));
    EXPECT_EQ(in_schema, type_of(axis, in_schema)) << axis.name;
  });
}

TEST(Axes, HaveNamesAndFlagsOfTheirOwn) {
  std::set<std::string_view> names, flags;
  for_each_axis([&](const auto& axis) {
    EXPECT_TRUE(names.insert(axis.name).second) << axis.name;
    EXPECT_TRUE(axis.flag == nullptr || flags.insert(axis.flag).second) << axis.name;
  });
}

TEST(Axes, HaveUsualValuesWithinTheirBounds) {
  for_each_axis([](const auto& axis) {
    const auto usual = Cell{}.*axis.member;
    if constexpr (std::is_arithmetic_v<decltype(usual)>) {
      EXPECT_GE(usual, axis.values.least) << axis.name;
      EXPECT_LE(usual, axis.values.most) << axis.name;
    } else {
      EXPECT_NE(name_of(axis, usual), "") << axis.name;
    }
  });
}

TEST(Axes, OfAWorkloadAreRowsOfTheTable) {
  std::set<std::string_view> of_some_workload;
  for_each_axis([&](const auto& axis) {
    if (axis.concerns == Concerns::workload) of_some_workload.insert(axis.name);
  });
  for (const Workload* workload : workloads())
    for (const std::string_view axis : workload->axes)
      EXPECT_TRUE(of_some_workload.contains(axis)) << workload->name << ": " << axis;
}

TEST(AxisValues, AreCrossedAndMakeEachCellOnce) {
  AxisValues given;
  values_of(given, &Cell::in_flight) = {8, 16, 8};
  values_of(given, &Cell::transport) = {Transport::unix, Transport::tcp};
  const std::vector<Cell> expected = {{.transport = Transport::unix, .in_flight = 8, .depth = 3},
                                      {.transport = Transport::unix, .in_flight = 16, .depth = 3},
                                      {.transport = Transport::tcp, .in_flight = 8, .depth = 3},
                                      {.transport = Transport::tcp, .in_flight = 16, .depth = 3}};
  EXPECT_EQ(cross(given, {.depth = 3}), expected);
}

TEST(AxisValues, OfAPoolMakeNoFurtherCellsWithoutOne) {
  AxisValues given;
  values_of(given, &Cell::connections) = {Connections::kept, Connections::pool(2)};
  values_of(given, &Cell::dispatch) = {Dispatch::random, Dispatch::first_free};
  const std::vector<Cell> expected = {
      {.connections = Connections::kept},
      {.connections = Connections::pool(2), .dispatch = Dispatch::random},
      {.connections = Connections::pool(2), .dispatch = Dispatch::first_free}};
  EXPECT_EQ(cross(given, {}), expected);
}

TEST(AxisValues, MakeOneCellWhereNoneIsGiven) {
  EXPECT_FALSE(any_given({}));
  EXPECT_EQ(cross({}, {.in_flight = 7}), std::vector<Cell>{{.in_flight = 7}});
}

// Each axis by itself: whatever is forgotten for one of them shows here.
TEST(AxisValues, OfEachAxisMakeACellThatDiffersInItAlone) {
  const auto other = [](const auto& axis) {
    using T = typename std::remove_cvref_t<decltype(axis)>::Value;
    const T usual = Cell{}.*axis.member;
    if constexpr (std::is_same_v<T, std::string_view>)
      return usual;
    else if constexpr (std::is_same_v<T, Offload>)
      return Offload::threads(2);
    else if constexpr (!std::is_arithmetic_v<T>)
      return axis.values[0].value == usual ? axis.values[1].value : axis.values[0].value;
    else
      return usual == axis.values.most ? axis.values.least : axis.values.most;
  };
  for_each_axis([&](const auto& axis) {
    AxisValues given;
    values_of(given, axis.member) = {other(axis)};
    EXPECT_TRUE(any_given(given)) << axis.name;
    Cell start;
    if (axis.concerns == Concerns::pool) start.connections = Connections::pool(2);
    if (axis.concerns == Concerns::call) start.block_us = 1;
    Cell expected = start;
    expected.*axis.member = other(axis);
    EXPECT_EQ(cross(given, start), std::vector<Cell>{expected}) << axis.name;
  });
}

// A second workload, which has one of the axes that do not concern all.
class AxesOfAWorkload : public testing::Test {
 protected:
  AxesOfAWorkload() { use_workloads(table_); }
  ~AxesOfAWorkload() override { use_workloads(before_); }

  static constexpr std::string_view own_[] = {"reply_bytes"};
  const Workload plain_ = {.name = "plain", .axes = own_};
  const std::span<const Workload* const> before_ = workloads();
  const Workload* const table_[2] = {before_[0], &plain_};
};

TEST_F(AxesOfAWorkload, AreThoseThatItLists) {
  AxisValues given;
  values_of(given, &Cell::workload) = {"plain"};
  values_of(given, &Cell::reply_bytes) = {5};
  EXPECT_EQ(find_misfit(given).flag, "");
  values_of(given, &Cell::delay_us) = {5};
  EXPECT_EQ(find_misfit(given).flag, "--delay-us");
  EXPECT_EQ(find_misfit(given).workload, "plain");
}

TEST_F(AxesOfAWorkload, HaveToBeInAllOfThoseGiven) {
  AxisValues given;
  values_of(given, &Cell::delay_us) = {5};
  EXPECT_EQ(find_misfit(given).flag, "") << "delay is the usual one";
  values_of(given, &Cell::workload) = {"plain", "delay"};
  EXPECT_EQ(find_misfit(given).workload, "plain");
}

TEST_F(AxesOfAWorkload, AreNullInTheResultsOfOthers) {
  const Cell cell = {.workload = "plain", .reply_bytes = 5};
  const nlohmann::json json = cell;
  EXPECT_EQ(json["backend"], "plain");
  EXPECT_EQ(json["reply_bytes"], 5);
  EXPECT_TRUE(json["delay_us"].is_null());
  EXPECT_TRUE(json["delay_shape"].is_null());
  EXPECT_EQ(json.get<Cell>(), cell);
}

TEST_F(AxesOfAWorkload, AreNotInTheNamesOfOthers) {
  EXPECT_EQ(cell_name({.workload = "plain", .reply_bytes = 5}),
            "backend:plain/tcp/kept/in_flight:64/reply_bytes:5");
}

}  // namespace
}  // namespace waitbench
