#include "admin/change/issue_actions.h"

#include <gtest/gtest.h>

namespace sluice::change {
namespace {

using policy::CheckResult;
using policy::IssueStatus;
using policy::Refused;
using policy::TaskStatus;
using store::Decision;
using store::IssueState;
using store::IssueUpdate;

const store::Time kNow{std::chrono::seconds(1'764'000'000)};
constexpr store::Id kTest = 1;
constexpr store::Id kProd = 2;
const Actor kAuthor{1, {policy::WorkspaceRole::kDba, policy::ProjectRole::kNone}};
const Actor kOther{2, {policy::WorkspaceRole::kDba, policy::ProjectRole::kNone}};
const Actor kDeveloper{3, {policy::WorkspaceRole::kDeveloper, policy::ProjectRole::kDeveloper}};

Environments environments() {
  Environments all;
  all[kTest] = {kTest, "Test", 0, {policy::Approval::kAutomatic, false, false}, "{}", 600};
  all[kProd] = {kProd, "Prod", 1, {policy::Approval::kManual, false, false}, "{}", 600};
  return all;
}

// Tasks 10 and 11 in Test, 12 in Prod; checks passed.
IssueState issue() {
  IssueState state;
  state.issue.creator = kAuthor.user;
  state.stages = {{100, kTest, 0}, {101, kProd, 1}};
  for (const auto& [id, stage] : {std::pair{10, 100}, {11, 100}, {12, 101}}) {
    store::Task task;
    task.id = id;
    task.stage = stage;
    task.editor = kAuthor.user;
    task.checks = CheckResult::kPassed;
    state.tasks.push_back(task);
  }
  return state;
}

std::string refusal(const Decision& decision) {
  const auto* refused = std::get_if<Refused>(&decision);
  return refused == nullptr ? "" : refused->reason;
}

// The state as it would be read back.
IssueState after(IssueState state, const Decision& decision) {
  const auto* update = std::get_if<IssueUpdate>(&decision);
  if (update == nullptr) {
    ADD_FAILURE() << refusal(decision);
    return state;
  }
  if (update->status) state.issue.status = *update->status;
  for (const auto& change : update->tasks) {
    for (auto& task : state.tasks) {
      if (task.id != change.task) continue;
      if (change.status) task.status = *change.status;
      if (change.checks) task.checks = *change.checks;
      if (change.cancel_requested) task.cancel_requested = *change.cancel_requested;
    }
    if (!change.void_approvals) continue;
    for (auto& approval : state.approvals) {
      if (approval.task == change.task) approval.is_void = true;
    }
  }
  for (const auto& approval : update->approvals) state.approvals.push_back(approval);
  return state;
}

IssueState with(TaskStatus status, store::Id task = 10) {
  auto state = issue();
  for (auto& each : state.tasks) {
    if (each.id == task) each.status = status;
  }
  return state;
}

TEST(IssueActions, AnAutomaticEnvironmentGoesOnByItselfStageByStage) {
  auto state = after(issue(), advance(issue(), environments(), kNow));
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kPending);
  EXPECT_EQ(state.tasks[1].status, TaskStatus::kPending);
  EXPECT_EQ(state.tasks[2].status, TaskStatus::kPendingApproval);
  EXPECT_EQ(state.approvals[0].user, 0);
  EXPECT_NE(refusal(approve(state, kOther, environments(), kNow)), "");
  state.tasks[0].status = TaskStatus::kDone;
  state.tasks[1].status = TaskStatus::kSkipped;
  EXPECT_NE(refusal(advance(state, environments(), kNow)), "");  // Prod is manual
  state = after(state, approve(state, kOther, environments(), kNow));
  EXPECT_EQ(state.tasks[2].status, TaskStatus::kPending);
}

TEST(IssueActions, AWarningAnErrorARejectionAndARollbackStopIt) {
  for (const auto checks : {CheckResult::kWarning, CheckResult::kError, CheckResult::kNotRun}) {
    auto state = issue();
    state.tasks[0].checks = state.tasks[1].checks = checks;
    EXPECT_NE(refusal(advance(state, environments(), kNow)), "");
  }
  auto rollback = issue();
  rollback.issue.kind = policy::IssueKind::kDataRollback;
  EXPECT_NE(refusal(advance(rollback, environments(), kNow)), "");
  EXPECT_NE(refusal(run_task(rollback, 10, kAuthor, environments(), kNow)), "");
  const auto rejected = after(issue(), reject(issue(), kOther, environments(), "why", kNow));
  EXPECT_NE(refusal(advance(rejected, environments(), kNow)), "");
  EXPECT_NE(refusal(run_task(rejected, 10, kAuthor, environments(), kNow)), "");
  const auto again = after(rejected, approve(rejected, kOther, environments(), kNow));
  EXPECT_EQ(again.tasks[0].status, TaskStatus::kPending);
}

TEST(IssueActions, InAnAutomaticEnvironmentAPersonRunsWhatOnlyWarned) {
  auto state = issue();
  state.tasks[0].checks = CheckResult::kWarning;
  const auto run = after(state, run_task(state, 10, kAuthor, environments(), kNow));
  EXPECT_EQ(run.tasks[0].status, TaskStatus::kPending);
  EXPECT_EQ(run.approvals[0].user, kAuthor.user);
  state.tasks[0].checks = CheckResult::kError;
  EXPECT_NE(refusal(run_task(state, 10, kAuthor, environments(), kNow)), "");
  EXPECT_EQ(refusal(run_task(issue(), 12, kAuthor, environments(), kNow)),
            "the task needs its approval first");
  EXPECT_EQ(refusal(run_task(issue(), 99, kAuthor, environments(), kNow)),
            "the issue has no such task");
}

TEST(IssueActions, NobodyApprovesTheirOwnNorWithoutTheRight) {
  auto state = with(TaskStatus::kDone);
  state.tasks[1].status = TaskStatus::kDone;
  EXPECT_EQ(refusal(approve(state, kAuthor, environments(), kNow)),
            "a change is approved by somebody other than its author");
  state.tasks[2].editor = kOther.user;  // who edits the statement is an author too
  EXPECT_NE(refusal(approve(state, kOther, environments(), kNow)), "");
  EXPECT_NE(refusal(approve(state, kDeveloper, environments(), kNow)), "");
  EXPECT_NE(refusal(reject(state, kDeveloper, environments(), "x", kNow)), "");
  EXPECT_EQ(refusal(reject(state, kOther, environments(), "", kNow)), "a rejection needs a reason");
}

TEST(IssueActions, AFailedTaskStopsTheNextStage) {
  auto state = with(TaskStatus::kFailed);
  state.tasks[1].status = TaskStatus::kDone;
  EXPECT_NE(refusal(approve(state, kOther, environments(), kNow)), "");
  state.tasks[2].status = TaskStatus::kPending;
  EXPECT_EQ(refusal(start_task(state, 12, kNow)), "tasks of an earlier stage are not done yet");
  EXPECT_NE(refusal(skip_task(state, 10, kAuthor, "", kNow)), "");
  state = after(state, skip_task(state, 10, kAuthor, "not needed", kNow));
  EXPECT_EQ(refusal(start_task(state, 12, kNow)), "");
}

TEST(IssueActions, AnEditVoidsApprovalsAndChecks) {
  auto state = after(issue(), advance(issue(), environments(), kNow));
  state = after(state, edit_statement(state, 10, kDeveloper, "SELECT 1", kNow));
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kPendingApproval);
  EXPECT_EQ(state.tasks[0].checks, CheckResult::kNotRun);
  EXPECT_TRUE(state.approvals[0].is_void);
  EXPECT_EQ(state.tasks[1].status, TaskStatus::kPending);
  for (const auto status : {TaskStatus::kRunning, TaskStatus::kDone, TaskStatus::kSkipped}) {
    EXPECT_NE(refusal(edit_statement(with(status), 10, kAuthor, "x", kNow)), "");
  }
  auto create = issue();
  create.issue.kind = policy::IssueKind::kDatabaseCreate;
  EXPECT_NE(refusal(edit_statement(create, 10, kAuthor, "x", kNow)), "");
}

TEST(IssueActions, ARetryIsCheckedAgainAndKeepsAPersonsApproval) {
  auto state = issue();
  state.stages[0].environment = kProd;
  state = after(state, approve(state, kOther, environments(), kNow));
  state.tasks[0].status = TaskStatus::kFailed;
  state = after(state, retry_task(state, 10, kAuthor, kNow));
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kPendingApproval);
  EXPECT_EQ(state.tasks[0].checks, CheckResult::kNotRun);
  EXPECT_NE(refusal(advance(state, environments(), kNow)), "");
  state.tasks[0].checks = CheckResult::kWarning;
  const auto on = after(state, advance(state, environments(), kNow));
  EXPECT_EQ(on.tasks[0].status, TaskStatus::kPending);
  state = after(state, edit_statement(state, 10, kAuthor, "x", kNow));
  state.tasks[0].checks = CheckResult::kPassed;
  EXPECT_NE(refusal(advance(state, environments(), kNow)), "");
}

TEST(IssueActions, CancelAsksARunningTaskAndEndsAWaitingOne) {
  auto state =
      after(with(TaskStatus::kRunning), cancel_task(with(TaskStatus::kRunning), 10, kAuthor, kNow));
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kRunning);
  EXPECT_TRUE(state.tasks[0].cancel_requested);
  EXPECT_NE(refusal(cancel_issue(state, kAuthor)), "");
  state = after(issue(), cancel_task(issue(), 10, kAuthor, kNow));
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kCanceled);
  EXPECT_NE(refusal(cancel_task(with(TaskStatus::kDone), 10, kAuthor, kNow)), "");
}

TEST(IssueActions, APersonSettlesWhatACrashLeftUnknown) {
  const auto state = with(TaskStatus::kNeedsPerson);
  EXPECT_NE(refusal(settle_task(state, 10, kOther, {true, ""}, kNow)), "");
  EXPECT_NE(refusal(settle_task(state, 11, kOther, {true, "seen"}, kNow)), "");
  EXPECT_NE(refusal(settle_task(state, 99, kOther, {true, "seen"}, kNow)), "");
  const auto done = settle_task(state, 10, kOther, {true, "the row is there"}, kNow);
  EXPECT_EQ(after(state, done).task(10)->status, TaskStatus::kDone);
  const auto& said = std::get<IssueUpdate>(done).activity.at(0);
  EXPECT_EQ(said.kind, "settle_done");
  EXPECT_EQ(said.user, kOther.user);
  EXPECT_EQ(said.detail, "the row is there");
  const auto failed = after(state, settle_task(state, 10, kOther, {false, "it is not"}, kNow));
  EXPECT_EQ(failed.task(10)->status, TaskStatus::kFailed);
  EXPECT_EQ(refusal(edit_statement(failed, 10, kAuthor, "SELECT 1", kNow)), "");
}

TEST(IssueActions, AReopenedIssueNeedsItsApprovalsAgain) {
  auto state = after(issue(), advance(issue(), environments(), kNow));
  state.tasks[1].status = TaskStatus::kDone;
  state = after(state, cancel_issue(state, kAuthor));
  EXPECT_EQ(state.issue.status, IssueStatus::kCanceled);
  EXPECT_NE(refusal(start_task(state, 10, kNow)), "");
  EXPECT_NE(refusal(check_again(state, 10, kAuthor)), "");
  EXPECT_NE(refusal(reject(state, kOther, environments(), "x", kNow)), "");
  state = after(state, reopen(state, kAuthor, kNow));
  EXPECT_EQ(state.issue.status, IssueStatus::kOpen);
  EXPECT_EQ(state.tasks[0].status, TaskStatus::kPendingApproval);
  EXPECT_EQ(state.tasks[0].checks, CheckResult::kNotRun);
  EXPECT_EQ(state.tasks[1].status, TaskStatus::kDone);
  EXPECT_NE(refusal(reopen(state, kAuthor, kNow)), "");
}

TEST(IssueActions, ResolveNeedsEveryTaskSettled) {
  auto state = with(TaskStatus::kDone);
  state.tasks[1].status = TaskStatus::kSkipped;
  EXPECT_NE(refusal(resolve(state, kAuthor)), "");
  state.tasks[2].status = TaskStatus::kDone;
  EXPECT_EQ(after(state, resolve(state, kAuthor)).issue.status, IssueStatus::kDone);
}

TEST(IssueActions, AScheduledTaskIsApprovedNowAndStartsLater) {
  auto state = issue();
  state.issue.earliest_start = kNow + std::chrono::hours(1);
  state = after(state, advance(state, environments(), kNow));
  EXPECT_EQ(refusal(start_task(state, 10, kNow)), "its earliest start is not reached yet");
  EXPECT_NE(refusal(run_task(state, 10, kAuthor, environments(), kNow)), "");
  EXPECT_EQ(refusal(start_task(state, 10, kNow + std::chrono::hours(1))), "");
}

TEST(IssueActions, ChecksRunAgainOnlyWhereTheyMatter) {
  EXPECT_EQ(refusal(check_again(issue(), 10, kAuthor)), "");
  EXPECT_NE(refusal(check_again(with(TaskStatus::kRunning), 10, kAuthor)), "");
  EXPECT_NE(refusal(check_again(with(TaskStatus::kPending), 10, kAuthor)), "");
}

}  // namespace
}  // namespace sluice::change
