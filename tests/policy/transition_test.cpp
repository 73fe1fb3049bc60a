#include "policy/change/transition.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "policy/change/approval.h"

namespace sluice::policy {
namespace {

constexpr TaskFacts kAllWell{IssueStatus::kOpen, CheckResult::kPassed, false, false, true, true};

// A row a state, a column an event (approve void start succeed fail cancel skip retry lose
// settle_done settle_fail): the first letter of the next state, '-' for refused. n: needs_person.
// P: pending_approval, p: pending, r: running, d: done, f: failed, c: canceled, s: skipped.
constexpr std::array<std::string_view, 8> kExpected{
    "pP---cs----",  // pending_approval
    "-Pr--c-----",  // pending
    "---dfc--n--",  // running
    "-----------",  // done
    "-f----sP---",  // failed
    "-c----sP---",  // canceled
    "-----------",  // skipped
    "------sP-df",  // needs_person
};
constexpr std::string_view kLetters = "Pprdfcsn";

TEST(TaskTransition, EveryPairOfStateAndEvent) {
  for (std::size_t s = 0; s < static_cast<std::size_t>(TaskStatus::kCount); ++s) {
    for (std::size_t e = 0; e < static_cast<std::size_t>(TaskEvent::kCount); ++e) {
      const auto next = transition(static_cast<TaskStatus>(s), static_cast<TaskEvent>(e), kAllWell);
      const auto* status = std::get_if<TaskStatus>(&next);
      const char letter = status == nullptr ? '-' : kLetters[static_cast<std::size_t>(*status)];
      EXPECT_EQ(letter, kExpected[s][e])
          << name(static_cast<TaskStatus>(s)) << ' ' << name(static_cast<TaskEvent>(e));
      if (status == nullptr) {
        EXPECT_FALSE(std::get<Refused>(next).reason.empty());
      }
    }
  }
}

TEST(TaskTransition, OnAClosedIssueOnlyTheEnginesReportsAreTaken) {
  for (const auto issue : {IssueStatus::kDone, IssueStatus::kCanceled}) {
    auto facts = kAllWell;
    facts.issue = issue;
    for (std::size_t s = 0; s < static_cast<std::size_t>(TaskStatus::kCount); ++s) {
      for (std::size_t e = 0; e < static_cast<std::size_t>(TaskEvent::kCount); ++e) {
        const auto status = static_cast<TaskStatus>(s);
        const auto next = transition(status, static_cast<TaskEvent>(e), facts);
        const bool taken = std::holds_alternative<TaskStatus>(next);
        EXPECT_EQ(taken, status == TaskStatus::kRunning && kExpected[s][e] != '-');
      }
    }
  }
}

std::string refusal(TaskStatus from, TaskEvent event, const TaskFacts& facts) {
  const auto next = transition(from, event, facts);
  const auto* refused = std::get_if<Refused>(&next);
  return refused == nullptr ? "" : refused->reason;
}

TEST(TaskTransition, ApprovalAndStartWaitForChecksStagesTimeAndDatabase) {
  for (const auto checks : {CheckResult::kNotRun, CheckResult::kRunning, CheckResult::kError}) {
    auto facts = kAllWell;
    facts.checks = checks;
    EXPECT_NE(refusal(TaskStatus::kPendingApproval, TaskEvent::kApprove, facts), "");
    EXPECT_NE(refusal(TaskStatus::kPending, TaskEvent::kStart, facts), "");
  }
  auto warned = kAllWell;
  warned.checks = CheckResult::kWarning;
  EXPECT_EQ(refusal(TaskStatus::kPendingApproval, TaskEvent::kApprove, warned), "");
  auto earlier = kAllWell;
  earlier.earlier_stage_open = true;
  EXPECT_EQ(refusal(TaskStatus::kPendingApproval, TaskEvent::kApprove, earlier),
            "tasks of an earlier stage are not done yet");
  auto soon = kAllWell;
  soon.earliest_start_reached = false;
  EXPECT_EQ(refusal(TaskStatus::kPendingApproval, TaskEvent::kApprove, soon), "");
  EXPECT_NE(refusal(TaskStatus::kPending, TaskEvent::kStart, soon), "");
  auto busy = kAllWell;
  busy.database_busy = true;
  EXPECT_EQ(refusal(TaskStatus::kPending, TaskEvent::kStart, busy),
            "another task runs on the same database");
  auto silent = kAllWell;
  silent.reason_given = false;
  EXPECT_EQ(refusal(TaskStatus::kFailed, TaskEvent::kSkip, silent), "a skip needs a reason");
  for (const auto event : {TaskEvent::kSettleDone, TaskEvent::kSettleFail}) {
    EXPECT_EQ(refusal(TaskStatus::kNeedsPerson, event, silent),
              "a settlement needs a reason: what the server shows");
  }
}

TEST(IssueTransition, EveryPairAndItsGuards) {
  const IssueFacts settled{true, false};
  // open, done, canceled × resolve, cancel, reopen
  constexpr std::array<std::string_view, 3> kIssues{"dc-", "---", "--o"};
  for (std::size_t s = 0; s < 3; ++s) {
    for (std::size_t e = 0; e < 3; ++e) {
      const auto next =
          transition(static_cast<IssueStatus>(s), static_cast<IssueEvent>(e), settled);
      const auto* status = std::get_if<IssueStatus>(&next);
      EXPECT_EQ(status == nullptr ? '-' : name(*status)[0], kIssues[s][e]) << s << ' ' << e;
    }
  }
  EXPECT_TRUE(std::holds_alternative<Refused>(
      transition(IssueStatus::kOpen, IssueEvent::kResolve, {false, false})));
  EXPECT_TRUE(std::holds_alternative<Refused>(
      transition(IssueStatus::kOpen, IssueEvent::kCancel, {true, true})));
}

TEST(Approval, NobodyApprovesTheirOwnUnlessTheEnvironmentSaysSo) {
  const Subject dba{WorkspaceRole::kDba, ProjectRole::kNone};
  EXPECT_TRUE(std::holds_alternative<Approved>(approve({}, {dba, false})));
  EXPECT_TRUE(std::holds_alternative<Refused>(approve({}, {dba, true})));
  ApprovalRules lax;
  lax.allow_self_approval = true;
  EXPECT_TRUE(std::holds_alternative<Approved>(approve(lax, {dba, true})));
  // An automatic one asks for a second look, not for a second person.
  ApprovalRules automatic;
  automatic.approval = Approval::kAutomatic;
  EXPECT_TRUE(std::holds_alternative<Approved>(approve(automatic, {dba, true})));
}

TEST(Approval, AProjectOwnerApprovesWhereTheEnvironmentSaysSo) {
  const Subject owner{WorkspaceRole::kDeveloper, ProjectRole::kOwner};
  EXPECT_TRUE(std::holds_alternative<Refused>(approve({}, {owner, false})));
  ApprovalRules rules;
  rules.project_owner_may_approve = true;
  EXPECT_TRUE(std::holds_alternative<Approved>(approve(rules, {owner, false})));
  for (const auto role : {ProjectRole::kNone, ProjectRole::kDeveloper, ProjectRole::kViewer}) {
    EXPECT_TRUE(std::holds_alternative<Refused>(
        approve(rules, {{WorkspaceRole::kDeveloper, role}, false})));
  }
}

TEST(Approval, OnlyACleanChangeInAnAutomaticEnvironmentRunsByItself) {
  const ApprovalRules automatic{Approval::kAutomatic, false, false};
  EXPECT_TRUE(runs_by_itself(automatic, IssueKind::kSchemaUpdate, CheckResult::kPassed));
  EXPECT_FALSE(runs_by_itself(automatic, IssueKind::kDataRollback, CheckResult::kPassed));
  for (const auto checks :
       {CheckResult::kNotRun, CheckResult::kRunning, CheckResult::kWarning, CheckResult::kError}) {
    EXPECT_FALSE(runs_by_itself(automatic, IssueKind::kSchemaUpdate, checks));
  }
  EXPECT_FALSE(runs_by_itself({}, IssueKind::kSchemaUpdate, CheckResult::kPassed));
}

}  // namespace
}  // namespace sluice::policy
