// The doctor's checks, told of machines that are made up: each is silent on a healthy one, and
// fires where what it looks at is not as it should be.
#include "harness/machine/doctor/doctor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace waitbench {
namespace {

using nlohmann::json;

const json healthy = json::parse(R"({
  "dirty": false,
  "build": {"type": "Release"},
  "placement": {"client_cpus": [0], "backend_cpus": [1], "shared": false},
  "host": {
    "cpus": 2, "affinity": [0, 1], "smt": false, "governor": "performance",
    "mitigations": {"meltdown": "Mitigation: PTI", "mds": "Not affected"},
    "cgroup": {"quota_cpus": null, "throttled_periods": 0, "tasks_left": 30000},
    "load_1min": 0.1, "steal_share": 0.0,
    "recent": {"watched_s": 1.0, "foreign_cpu_share": 0.0, "steal_share": 0.0},
    "irq_time_accounting": true, "seccomp": 0, "aslr": 2, "clocksource": "tsc",
    "io_uring": "allowed", "epoll_pwait2": "allowed",
    "perf_events": "allowed", "memory_available_kib": 8000000,
    "limits": {"descriptors": 1048576, "threads_max": 60000, "max_map_count": 65530,
               "ephemeral_ports": 28232, "somaxconn": 4096,
               "tracked_connections_left": 262000}
  }
})");

Diagnosis diagnosis_of(const json& context, const std::string& check) {
  const std::vector<Diagnosis> all = examine(context);
  const auto found = std::ranges::find(all, check, &Diagnosis::check);
  return found == all.end() ? Diagnosis{} : *found;
}

// A healthy machine but for one fact, and the check that is to notice.
struct Defect {
  const char* check;
  const char* path;
  json value;
  Fitness level;
  const char* found;
};

TEST(Doctor, NamesTheKindOfTheMachineByWhatStaysTheSame) {
  json machine = healthy;
  machine["host"].update({{"cpu_model", "AMD EPYC"},
                          {"cpu_version", "family 25 model 17 stepping 1"},
                          {"virtualization", "kvm"},
                          {"memory_kib", 24684096}});
  const Diagnosis before = diagnosis_of(machine, "kind");
  EXPECT_EQ(before.found, "2 x AMD EPYC, family 25 model 17 stepping 1, kvm, 24 GiB");
  machine["host"].update({{"memory_kib", 24680000}, {"load_1min", 3.0}, {"steal_share", 0.2}});
  EXPECT_EQ(diagnosis_of(machine, "kind"), before) << "as another boot may have it";
  machine["host"]["cpus"] = 4;
  EXPECT_NE(diagnosis_of(machine, "kind"), before);
}

class DoctorTest : public testing::TestWithParam<Defect> {};

TEST_P(DoctorTest, NoticesWhatIsNotAsItShouldBe) {
  const Defect& defect = GetParam();
  json ill = healthy;
  ill[json::json_pointer(defect.path)] = defect.value;
  const Diagnosis diagnosis = diagnosis_of(ill, defect.check);
  EXPECT_EQ(diagnosis.level, defect.level);
  EXPECT_NE(diagnosis.found.find(defect.found), std::string::npos) << diagnosis.found;
  EXPECT_EQ(diagnosis.advice.empty(), defect.level == Fitness::ok);
}

TEST_P(DoctorTest, SaysNothingAgainstAHealthyMachine) {
  const Diagnosis diagnosis = diagnosis_of(healthy, GetParam().check);
  EXPECT_EQ(diagnosis.level, Fitness::ok);
  EXPECT_EQ(diagnosis.advice, "");
  EXPECT_FALSE(diagnosis.found.empty());
}

const Defect defects[] = {
    {"cpus", "/placement/backend_cpus", json::array({0}), Fitness::advice, "backend on 0"},
    {"smt", "/host/smt", true, Fitness::ok, "of each core one CPU"},
    {"governor", "/host/governor", "powersave", Fitness::advice, "powersave"},
    {"mitigations", "/host/mitigations", json::object({{"meltdown", "Vulnerable"}}), Fitness::ok,
     "0 of 1"},
    {"cpu-quota", "/host/cgroup/quota_cpus", 1.5, Fitness::unfit, "1.5 CPUs for 2"},
    {"cpu-quota", "/host/cgroup/quota_cpus", 2, Fitness::ok, "2 CPUs"},
    {"throttling", "/host/cgroup/throttled_periods", 7, Fitness::advice, "7 times"},
    {"load", "/host/load_1min", 1.5, Fitness::advice, "1.5 on 2 CPUs"},
    {"foreign-cpu", "/host/recent/foreign_cpu_share", 0.31, Fitness::unfit, "31.0%"},
    {"foreign-cpu", "/host/recent/foreign_cpu_share", 0.01, Fitness::ok, "1.0%"},
    {"steal", "/host/recent/steal_share", 0.05, Fitness::unfit, "5.0% at present"},
    {"steal", "/host/steal_share", 0.05, Fitness::advice, "5.0% since it started"},
    {"irq-accounting", "/host/irq_time_accounting", false, Fitness::advice, "off"},
    {"seccomp", "/host/seccomp", 2, Fitness::advice, "filter"},
    {"aslr", "/host/aslr", 0, Fitness::advice, "off"},
    {"clock", "/host/clocksource", "hpet", Fitness::unfit, "hpet"},
    {"clock", "/host/clocksource", "kvm-clock", Fitness::ok, "kvm-clock"},
    {"io_uring", "/host/io_uring", "kernel.io_uring_disabled is 2", Fitness::advice, "is 2"},
    {"epoll_pwait2", "/host/epoll_pwait2", "Function not implemented", Fitness::advice, "not impl"},
    {"perf-events", "/host/perf_events", "Permission denied", Fitness::advice, "denied"},
    {"descriptors", "/host/limits/descriptors", 1024, Fitness::advice, "1024"},
    {"ports", "/host/limits/ephemeral_ports", 1000, Fitness::advice, "1000"},
    {"threads", "/host/limits/threads_max", 1000, Fitness::advice, "1000"},
    {"threads", "/host/cgroup/tasks_left", 500, Fitness::advice, "500"},
    {"memory-maps", "/host/limits/max_map_count", 30'000, Fitness::advice, "30000"},
    {"backlog", "/host/limits/somaxconn", 128, Fitness::advice, "128"},
    {"conntrack", "/host/limits/tracked_connections_left", 65'000, Fitness::advice, "65000"},
    {"conntrack", "/host/limits/tracked_connections_left", nullptr, Fitness::ok, "unknown"},
    {"memory", "/host/memory_available_kib", 900'000, Fitness::advice, "878 MiB"},
    {"memory", "/host/memory_available_kib", 100'000, Fitness::unfit, "97 MiB"},
    {"build", "/build/type", "Debug", Fitness::unfit, "Debug"},
    {"build", "/build/type", nullptr, Fitness::unfit, "of no type"},
    {"source", "/dirty", true, Fitness::advice, "changed"},
    {"kind", "/host/cpu_model", "Other CPU", Fitness::ok, "2 x Other CPU"},
};

INSTANTIATE_TEST_SUITE_P(Defects, DoctorTest, testing::ValuesIn(defects));

TEST(Doctor, HasADefectForEachOfItsChecks) {
  std::set<std::string> covered;
  for (const Defect& defect : defects) covered.insert(defect.check);
  for (const Diagnosis& diagnosis : examine(healthy))
    EXPECT_TRUE(covered.contains(diagnosis.check)) << diagnosis.check;
}

TEST(Doctor, TellsSiblingsOfOneCoreFromCoresOfTheirOwn) {
  json siblings = healthy;
  siblings["host"]["smt"] = true;
  siblings["placement"]["shared"] = true;
  EXPECT_EQ(diagnosis_of(siblings, "smt").level, Fitness::advice);
  EXPECT_EQ(diagnosis_of(siblings, "cpus").level, Fitness::ok) << "they are two CPUs";
}

TEST(Doctor, SaysNothingBadOfWhatIsNotKnown) {
  for (const Diagnosis& diagnosis : examine({{"build", {{"type", "Release"}}}, {"host", nullptr}}))
    EXPECT_EQ(diagnosis.level, Fitness::ok) << diagnosis.check;
}

TEST(Doctor, ListsWhatIsUnfitInOneLine) {
  EXPECT_EQ(list_unfit(json(examine(healthy))), "");
  json ill = healthy;
  ill["build"]["type"] = "Debug";
  ill["host"]["recent"]["foreign_cpu_share"] = 0.5;
  ill["host"]["governor"] = "powersave";
  EXPECT_EQ(list_unfit(json(examine(ill))), "foreign-cpu (50.0% of all CPUs), build (Debug)");
}

TEST(Doctor, IsRecordedWithNullForNoAdvice) {
  const json recorded = Diagnosis{"aslr", Fitness::ok, "on", ""};
  EXPECT_EQ(recorded, json::parse(R"({"check": "aslr", "level": "ok", "found": "on",
                                      "advice": null})"));
}

}  // namespace
}  // namespace waitbench
