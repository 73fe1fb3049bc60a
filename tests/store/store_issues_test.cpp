// Databases and issues: one suite for both stores.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using policy::TaskStatus;

class IssuesContract : public contract::Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (store_ == nullptr) return;
    user_ = owner().id;
    const auto environments = *store_->environments();
    test_ = environments.at(0).id;
    prod_ = environments.at(1).id;
    project_ = store_->create_project({0, "Tutorial", "TAR", false})->id;
    instance_ =
        store_
            ->create_instance({0, "aurora", "mysql", test_, "h", 3306, "u", "disabled", "", ""},
                              {"p", ""})
            ->id;
  }

  NewIssue new_issue(const std::string& statement = "ALTER TABLE t ADD c INT") const {
    NewIssue made;
    made.issue.project = project_;
    made.issue.title = "t";
    made.issue.creator = user_;
    made.environments = {test_, prod_};
    made.tasks = {{1, instance_, "aurora", 8, "later", "", "", statement},
                  {0, instance_, "aurora", 7, "db", "", "", statement}};
    return made;
  }

  Id user_ = 0;
  Id test_ = 0;
  Id prod_ = 0;
  Id project_ = 0;
  Id instance_ = 0;
};

Decision set_status(const IssueState& state, TaskStatus from, TaskStatus to) {
  if (state.tasks.at(0).status != from) return policy::Refused{"it is not in that state"};
  IssueUpdate update;
  TaskUpdate task;
  task.task = state.tasks.at(0).id;
  task.status = to;
  update.tasks.push_back(task);
  return update;
}

TEST_P(IssuesContract, ASyncAddsMarksAndKeepsProjects) {
  auto databases = store_->databases();
  const std::vector<SeenDatabase> first{{"a", "utf8mb4", "utf8mb4_bin"}, {"b", "latin1", "x"}};
  ASSERT_EQ(databases.sync(instance_, first, 1, kNow)->size(), 2U);
  const auto a = databases.find(instance_, "a");
  ASSERT_TRUE(a.has_value());
  EXPECT_EQ(databases.transfer(a->id, project_)->project, project_);
  const std::vector<SeenDatabase> second{{"a", "utf8mb3", "y"}, {"c", "utf8mb4", "z"}};
  const auto all = databases.sync(instance_, second, 1, kNow + std::chrono::seconds(1));
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(all->at(0).project, project_);
  EXPECT_EQ(all->at(0).character_set, "utf8mb3");
  EXPECT_TRUE(all->at(0).present);
  EXPECT_FALSE(all->at(1).present);
  EXPECT_EQ(all->at(1).synced_at, kNow);
  DatabaseFilter filter;
  filter.project = project_;
  EXPECT_EQ(databases.list(filter)->size(), 1U);
  filter = {};
  filter.name = "c";
  EXPECT_EQ(databases.list(filter)->size(), 1U);
  filter = {};
  filter.member = user_;
  EXPECT_EQ(databases.list(filter)->size(), 0U);
  ASSERT_TRUE(store_->set_member(project_, {user_, policy::ProjectRole::kViewer}).has_value());
  EXPECT_EQ(databases.list(filter)->size(), 1U);
  filter = {};
  filter.after = all->at(0).id;
  filter.limit = 1;
  EXPECT_EQ(databases.list(filter)->at(0).name, "b");
  EXPECT_EQ(databases.transfer(a->id, 4711).error().kind, Failure::kReference);
  EXPECT_EQ(databases.get(4711).error().kind, Failure::kNotFound);
  EXPECT_EQ(databases.set_labels(a->id, R"({"tenant":"x"})")->labels, R"({"tenant":"x"})");
}

TEST_P(IssuesContract, ARecordedSchemaIsKeptWithItsServerAndTime) {
  auto databases = store_->databases();
  const std::vector<SeenDatabase> seen{{"a", "utf8mb4", "x"}};
  const Id id = databases.sync(instance_, seen, 1, kNow)->at(0).id;
  EXPECT_EQ(*databases.recorded_schema(id), "");
  ASSERT_TRUE(databases.record_schema(id, "CREATE TABLE t …", "9.7.4", kNow).has_value());
  EXPECT_EQ(*databases.recorded_schema(id), "CREATE TABLE t …");
  const auto entry = databases.get(id);
  EXPECT_EQ(entry->schema_version, "9.7.4");
  EXPECT_EQ(entry->schema_recorded_at, kNow);
  EXPECT_EQ(databases.record_schema(4711, "", "", kNow).error().kind, Failure::kNotFound);
}

TEST_P(IssuesContract, AnIssueHasItsStagesInOrderAndATaskADatabase) {
  auto issues = store_->issues();
  const auto made = issues.create(new_issue(), kNow);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  ASSERT_EQ(made->stages.size(), 2U);
  EXPECT_EQ(made->stages.at(0).environment, test_);
  ASSERT_EQ(made->tasks.size(), 2U);
  EXPECT_EQ(made->tasks.at(0).database_name, "db");
  EXPECT_EQ(made->tasks.at(0).stage, made->stages.at(0).id);
  EXPECT_EQ(made->tasks.at(0).status, TaskStatus::kPendingApproval);
  EXPECT_EQ(made->tasks.at(0).checks, policy::CheckResult::kNotRun);
  EXPECT_EQ(*issues.kept(made->tasks.at(0).sheet_hash), "ALTER TABLE t ADD c INT");
  EXPECT_EQ(*issues.issue_of(made->tasks.at(1).id), made->issue.id);
  EXPECT_EQ(issues.activity(made->issue.id)->at(0).kind, "created");
  EXPECT_EQ(issues.get(4711).error().kind, Failure::kNotFound);
  auto wrong = new_issue();
  wrong.issue.project = 4711;
  EXPECT_EQ(issues.create(wrong, kNow).error().kind, Failure::kReference);
}

TEST_P(IssuesContract, APasswordIsSealedAndNotShown) {
  auto issues = store_->issues();
  auto asked = new_issue();
  const std::string text = "CREATE USER a IDENTIFIED BY 'hush-hush'";
  asked.tasks.at(0).statement = text;
  const auto made = issues.create(asked, kNow);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  const Task& task = made->tasks.at(1);  // of the second stage
  EXPECT_EQ(*issues.kept(task.sheet_hash), "CREATE USER a IDENTIFIED BY <secret>");
  EXPECT_FALSE(task.sealed_sheet.empty());
  EXPECT_EQ(task.sealed_sheet.find("hush"), std::string::npos);
  EXPECT_EQ(*issues.sheet(task), text);
  EXPECT_TRUE(made->tasks.at(0).sealed_sheet.empty());
  EXPECT_EQ(*issues.sheet(made->tasks.at(0)), asked.tasks.at(1).statement);
  // Edited, it is another one; without a password it hides nothing any more.
  const auto edit = [&](const std::string& statement) {
    return issues.change(
        made->issue.id,
        [&](const IssueState&) {
          IssueUpdate update;
          update.tasks.emplace_back();
          update.tasks.back().task = task.id;
          update.tasks.back().statement = statement;
          update.tasks.back().editor = user_;
          return update;
        },
        kNow);
  };
  auto edited = edit("ALTER USER a IDENTIFIED BY 'hush-again'");
  ASSERT_TRUE(edited.has_value()) << edited.error().detail;
  EXPECT_EQ(*issues.kept(edited->tasks.at(1).sheet_hash), "ALTER USER a IDENTIFIED BY <secret>");
  EXPECT_EQ(*issues.sheet(edited->tasks.at(1)), "ALTER USER a IDENTIFIED BY 'hush-again'");
  edited = edit("DROP USER a");
  EXPECT_EQ(*issues.sheet(edited->tasks.at(1)), "DROP USER a");
  EXPECT_TRUE(edited->tasks.at(1).sealed_sheet.empty());
  EXPECT_NE(store_->keyed_hash("x"), sha256_hex("x"));
  EXPECT_EQ(store_->keyed_hash("x"), store_->keyed_hash("x"));
}

TEST_P(IssuesContract, ListsAreFilteredAndPaged) {
  auto issues = store_->issues();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(issues.create(new_issue(), kNow).has_value());
  auto elsewhere = new_issue();
  elsewhere.issue.project = 1;
  elsewhere.tasks.at(1).database = 99;
  const auto other = issues.create(elsewhere, kNow);
  const auto cancel = [](const IssueState&) {
    IssueUpdate update;
    update.status = policy::IssueStatus::kCanceled;
    return Decision(update);
  };
  ASSERT_TRUE(issues.change(other->issue.id, cancel, kNow).has_value());
  IssueFilter filter;
  filter.limit = 4;
  const auto page = issues.list(filter);
  ASSERT_EQ(page->size(), 4U);
  EXPECT_EQ(page->at(0).id, other->issue.id);
  filter.before = page->back().id;
  EXPECT_EQ(issues.list(filter)->size(), 2U);
  filter = {};
  filter.project = project_;
  EXPECT_EQ(issues.list(filter)->size(), 5U);
  filter = {};
  filter.status = policy::IssueStatus::kCanceled;
  EXPECT_EQ(issues.list(filter)->size(), 1U);
  filter = {};
  filter.database = 99;
  EXPECT_EQ(issues.list(filter)->size(), 1U);
  filter = {};
  filter.member = user_;
  EXPECT_EQ(issues.list(filter)->size(), 0U);
  ASSERT_TRUE(store_->set_member(1, {user_, policy::ProjectRole::kViewer}).has_value());
  EXPECT_EQ(issues.list(filter)->size(), 1U);
}

TEST_P(IssuesContract, AChangeIsWrittenWholeOrRefusedWithItsReason) {
  auto issues = store_->issues();
  const Id id = issues.create(new_issue(), kNow)->issue.id;
  const Time later = kNow + std::chrono::seconds(5);
  const auto decide = [&](const IssueState& state) {
    IssueUpdate update;
    TaskUpdate task;
    task.task = state.tasks.at(0).id;
    task.status = TaskStatus::kPending;
    task.statement = "DROP TABLE x";
    task.editor = user_;
    task.new_check_round = true;
    task.checks = policy::CheckResult::kNotRun;
    update.tasks.push_back(task);
    update.approvals.push_back({state.tasks.at(0).id, user_, true, "", false, later});
    update.comments.push_back({0, user_, "<script>alert(1)</script>'; --", later});
    update.activity.push_back({0, state.tasks.at(0).id, user_, "approve", "", later});
    return Decision(update);
  };
  const auto changed = issues.change(id, decide, later);
  ASSERT_TRUE(changed.has_value()) << changed.error().detail;
  EXPECT_EQ(changed->tasks.at(0).status, TaskStatus::kPending);
  EXPECT_EQ(changed->tasks.at(0).check_round, 2);
  EXPECT_EQ(*issues.kept(changed->tasks.at(0).sheet_hash), "DROP TABLE x");
  EXPECT_EQ(changed->approvals.size(), 1U);
  EXPECT_EQ(changed->issue.updated_at, later);
  EXPECT_EQ(issues.comments(id)->at(0).text, "<script>alert(1)</script>'; --");
  EXPECT_EQ(issues.activity(id)->size(), 2U);
  const auto void_all = [](const IssueState& state) {
    IssueUpdate update;
    TaskUpdate task;
    task.task = state.tasks.at(0).id;
    task.void_approvals = true;
    update.tasks.push_back(task);
    return Decision(update);
  };
  EXPECT_TRUE(issues.change(id, void_all, later)->approvals.at(0).is_void);
  const auto refuse = [](const IssueState&) { return Decision(policy::Refused{"not now"}); };
  const auto refused = issues.change(id, refuse, later);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Failure::kRefused);
  EXPECT_EQ(refused.error().detail, "not now");
}

// What fails in the middle leaves nothing of it.
TEST_P(IssuesContract, AChangeThatCannotBeWrittenLeavesTheIssueAsItWas) {
  auto issues = store_->issues();
  const Id id = issues.create(new_issue(), kNow)->issue.id;
  const auto decide = [](const IssueState& state) {
    IssueUpdate update;
    TaskUpdate task;
    task.task = state.tasks.at(0).id;
    task.status = TaskStatus::kSkipped;
    update.tasks.push_back(task);
    update.comments.push_back({0, 4711, "by nobody", kNow});
    return Decision(update);
  };
  EXPECT_EQ(issues.change(id, decide, kNow).error().kind, Failure::kReference);
  EXPECT_EQ(issues.get(id)->tasks.at(0).status, TaskStatus::kPendingApproval);
}

TEST_P(IssuesContract, OfApproveAndCancelAtTheSameInstantOneWins) {
  const auto other = open_store();
  for (int round = 0; round < 20; ++round) {
    const Id id = store_->issues().create(new_issue(), kNow)->issue.id;
    std::atomic<int> won = 0;
    std::atomic<int> ready = 0;
    const auto act = [&](Store& store, TaskStatus to) {
      ++ready;
      while (ready < 2) std::this_thread::yield();
      const auto decide = [to](const IssueState& state) {
        return set_status(state, TaskStatus::kPendingApproval, to);
      };
      won += store.issues().change(id, decide, kNow).has_value() ? 1 : 0;
    };
    std::thread one([&] { act(*store_, TaskStatus::kPending); });
    std::thread two([&] { act(*other, TaskStatus::kCanceled); });
    one.join();
    two.join();
    ASSERT_EQ(won, 1);
  }
}

TEST_P(IssuesContract, ChecksAreOfOneRound) {
  auto issues = store_->issues();
  const auto made = issues.create(new_issue(), kNow);
  const Id task = made->tasks.at(0).id;
  const TaskKey key{task, made->issue.id};
  ASSERT_EQ(issues.tasks_to_check(10)->size(), 2U);
  const std::vector<TaskCheck> checks{
      {"syntax", CheckLevel::kError, "Syntax", "near 'x'", 3, 7, kNow, 0},
      {"connection", CheckLevel::kPassed, "Connection", "", 0, 0, kNow, 0}};
  EXPECT_TRUE(*issues.put_checks(key, 1, policy::CheckResult::kError, checks, kNow));
  EXPECT_TRUE(*issues.put_checks(key, 1, policy::CheckResult::kError, checks, kNow));
  const auto kept = issues.checks(made->issue.id);
  ASSERT_EQ(kept->size(), 2U);
  EXPECT_EQ(kept->at(0).kind, "syntax");
  EXPECT_EQ(kept->at(0).level, CheckLevel::kError);
  EXPECT_EQ(kept->at(0).line, 3);
  EXPECT_EQ(kept->at(0).column, 7);
  EXPECT_EQ(kept->at(0).task, task);
  EXPECT_EQ(issues.tasks_to_check(10)->size(), 1U);
  EXPECT_FALSE(*issues.put_checks(key, 2, policy::CheckResult::kPassed, {}, kNow));
  EXPECT_EQ(issues.get(made->issue.id)->tasks.at(0).checks, policy::CheckResult::kError);
}

TEST_P(IssuesContract, WhatFollowsIsWrittenWithWhatItFollows) {
  auto issues = store_->issues();
  const auto made = issues.create(new_issue(), kNow);
  const TaskKey key{made->tasks.at(0).id, made->issue.id};
  const auto follow = [](const IssueState& state) -> Decision {
    if (state.tasks.at(0).checks != policy::CheckResult::kPassed) return policy::Refused{"not yet"};
    return set_status(state, TaskStatus::kPendingApproval, TaskStatus::kPending);
  };
  EXPECT_TRUE(*issues.put_checks(key, 1, policy::CheckResult::kWarning, {}, kNow, follow));
  EXPECT_EQ(issues.get(key.issue)->tasks.at(0).status, TaskStatus::kPendingApproval);
  EXPECT_TRUE(*issues.put_checks(key, 1, policy::CheckResult::kPassed, {}, kNow, follow));
  EXPECT_EQ(issues.get(key.issue)->tasks.at(0).status, TaskStatus::kPending);
  const auto say = [&](const IssueState&) {
    IssueUpdate update;
    update.comments.push_back({0, user_, "x", kNow});
    return Decision(update);
  };
  const auto skip = [](const IssueState& state) {
    return set_status(state, TaskStatus::kPending, TaskStatus::kSkipped);
  };
  EXPECT_EQ(issues.change(key.issue, say, kNow, skip)->tasks.at(0).status, TaskStatus::kSkipped);
}

TEST_P(IssuesContract, AStatementOf64MegabytesIsKept) {
  std::string large(64U << 20U, 'x');
  large.replace(0, 20, "INSERT INTO t VALUES");
  const auto made = store_->issues().create(new_issue(large), kNow);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_EQ(store_->issues().kept(made->tasks.at(0).sheet_hash)->size(), large.size());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, IssuesContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, IssuesContract, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store
