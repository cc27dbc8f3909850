// Who may enter, and how they are chosen.
#include "harness/trial/participant.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "harness/commands/commands.hpp"

namespace waitbench {
namespace {

std::vector<std::string> select(const std::string& expression,
                                std::initializer_list<Role> roles = {Role::model}) {
  const std::vector<Participant> participants = all_participants();
  std::vector<std::string> names;
  for (const Participant* participant : select_participants(participants, expression, roles))
    names.emplace_back(participant->name);
  return names;
}

std::string complaint(const std::string& expression) {
  try {
    select(expression);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(Participants, HaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Participant& participant : all_participants())
    EXPECT_TRUE(names.insert(participant.name).second) << participant.name;
}

TEST(Participants, HandwrittenOnesAreNamedAfterTheirModelAndHaveItsStyleAndEngine) {
  const std::vector<Participant> participants = all_participants();
  for (const Participant& written : participants) {
    if (written.role != Role::handwritten) continue;
    ASSERT_TRUE(written.name.starts_with("handwritten-")) << written.name;
    const Participant* model = find_participant(
        participants, written.name.substr(std::string_view("handwritten-").size()));
    ASSERT_NE(model, nullptr) << written.name;
    EXPECT_EQ(written.style, model->style) << written.name;
    EXPECT_EQ(written.engine, model->engine) << written.name;
    EXPECT_EQ(written.max_in_flight({}), model->max_in_flight({})) << written.name;
  }
}

TEST(Participants, ThePositiveControlIsTheBaselineUnderANameOfItsOwn) {
  const std::vector<Participant> participants = all_participants();
  const Participant& control = *find_participant(participants, "positive-control");
  const Participant& baseline = *find_participant(participants, usual_baseline);
  EXPECT_EQ(control.role, Role::positive_control);
  EXPECT_EQ(control.style, baseline.style);
  EXPECT_EQ(control.engine, baseline.engine);
  EXPECT_EQ(control.max_in_flight({}), baseline.max_in_flight({}));
  const std::vector<std::string> models = select(".");
  EXPECT_EQ(std::ranges::find(models, control.name), models.end()) << "it is no model";
}

TEST(Participants, NobodyClaimsMoreInFlightThanThereAreClients) {
  for (const Participant& participant : all_participants())
    for (const std::size_t clients : {1, 2, 7, 1000}) {
      EXPECT_GE(participant.max_in_flight({.in_flight = clients}), 1U) << participant.name;
      EXPECT_LE(participant.max_in_flight({.in_flight = clients}), clients) << participant.name;
    }
}

TEST(Participants, OnSelectWatchAThousandConnectionsAndNoMore) {
  const std::vector<Participant> participants = all_participants();
  for (const char* name :
       {"callback-select", "generator-select", "coroutine-select", "fiber-select"}) {
    const Participant& model = *find_participant(participants, name);
    EXPECT_TRUE(model.eligible({.in_flight = 600, .idle = 400})) << name;
    EXPECT_FALSE(model.eligible({.in_flight = 600, .idle = 401})) << name;
  }
}

TEST(Participants, ThatThisMachineDoesNotAllowTakePartInNoCell) {
  const Participant participant = {
      .name = "elsewhere",
      .can_run = [](const Cell&) { return Eligibility{"of no cell"}; },
      .is_allowed_here = [] { return Eligibility{"not on this machine"}; }};
  EXPECT_EQ(participant.eligible().reason, "not on this machine");
  EXPECT_EQ(participant.eligible({}).reason, "not on this machine");
}

TEST(Participants, AreStartedAsATrialOfThisProgramUnlessTheyHaveACommandOfTheirOwn) {
  TrialOrder order;
  order.participant = "callback-epoll";
  const std::vector<Participant> participants = all_participants();
  const TrialCommand usual = find_participant(participants, "callback-epoll")->command(order);
  EXPECT_EQ(usual.program, this_program);
  EXPECT_EQ(usual.arguments, (std::vector<std::string>{"trial", to_text(order)}));
  const Participant guest = {.name = "guest", .command = [](const TrialOrder& of_trial) {
                               return TrialCommand{"/bin/guest", {of_trial.participant}};
                             }};
  EXPECT_EQ(guest.command(order).program, "/bin/guest");
  EXPECT_EQ(guest.command(order).arguments, (std::vector<std::string>{"callback-epoll"}));
}

TEST(Selection, MatchesAnywhereInTheName) {
  for (const std::string& name : select("epoll"))
    EXPECT_NE(name.find("epoll"), std::string::npos) << name;
  EXPECT_EQ(select("^blocking$"), (std::vector<std::string>{"blocking"}));
  EXPECT_EQ(select("^no-op$", {Role::no_op}), (std::vector<std::string>{"no-op"}));
}

TEST(Selection, SaysWhoThereIsWhenNobodyMatches) {
  const std::string words = complaint("no such model");
  EXPECT_NE(words.find("no model matches 'no such model'"), std::string::npos) << words;
  EXPECT_NE(words.find("callback-epoll"), std::string::npos) << words;
}

TEST(Selection, RefusesWhatIsNoRegularExpression) {
  EXPECT_NE(complaint("(").find("'(' is not a regular expression"), std::string::npos);
}

}  // namespace
}  // namespace waitbench
