// Runs of tasks and the history that they write: one suite for both stores.
#include <array>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using policy::TaskStatus;

class RunsContract : public contract::Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (store_ == nullptr) return;
    user_ = owner().id;
    const Id test = store_->environments()->front().id;
    instance_ = store_
                    ->create_instance(
                        {0, "aurora", "mysql", test, "h", 3306, "u", "disabled", "", ""}, {"p", ""})
                    ->id;
    const std::vector<SeenDatabase> seen{{"db", "utf8mb4", "x"}};
    database_ = store_->databases().sync(instance_, seen, 1, kNow)->at(0).id;
    environment_ = test;
  }

  // An issue with one task on that database, approved.
  TaskKey pending(Id database, const std::string& name = "db") {
    NewIssue made;
    made.issue.project = 1;
    made.issue.title = "t";
    made.issue.creator = user_;
    made.environments = {environment_};
    made.tasks = {{0, instance_, "aurora", database, name, "", "", "ALTER TABLE t ADD c INT"}};
    const auto issue = store_->issues().create(made, kNow);
    EXPECT_TRUE(issue.has_value());
    const auto approve = [](const IssueState& state) {
      IssueUpdate update;
      TaskUpdate task;
      task.task = state.tasks.at(0).id;
      task.status = TaskStatus::kPending;
      update.tasks.push_back(task);
      return Decision(update);
    };
    EXPECT_TRUE(store_->issues().change(issue->issue.id, approve, kNow).has_value());
    return {issue->tasks.at(0).id, issue->issue.id};
  }

  static Decision start(const IssueState& state) {
    if (state.tasks.at(0).status != TaskStatus::kPending) return policy::Refused{"not pending"};
    IssueUpdate update;
    TaskUpdate task;
    task.task = state.tasks.at(0).id;
    task.status = TaskStatus::kRunning;
    update.tasks.push_back(task);
    return update;
  }

  NewChange change_of(const store::Run& run) const {
    NewChange added;
    added.change.instance = instance_;
    added.change.instance_name = "aurora";
    added.change.project = 1;
    added.change.database = database_;
    added.change.database_name = "db";
    added.change.issue = run.issue;
    added.change.task = run.task;
    added.change.attempt = run.attempt;
    added.change.actor = "ada@example.org";
    added.change.server_version = "9.7.4";
    added.change.started_at = kNow;
    added.change.duration = std::chrono::microseconds(1500);
    added.change.before = {"binlog.000001", 5'000'000'000};
    added.change.gtids = "u:1-2";
    added.statement = "ALTER TABLE t ADD c INT";
    added.statements = R"([{"line":1}])";
    added.schema_before = "before";
    added.schema_after = "after";
    return added;
  }

  Id user_ = 0;
  Id instance_ = 0;
  Id database_ = 0;
  Id environment_ = 0;
};

TEST_P(RunsContract, ARunIsClaimedMarkedFollowedAndEnded) {
  auto runs = store_->runs();
  const TaskKey key = pending(database_);
  const auto run = runs.claim(key, "one", start, kNow);
  ASSERT_TRUE(run.has_value()) << run.error().detail;
  EXPECT_EQ(run->attempt, 1);
  EXPECT_EQ(run->issue, key.issue);
  EXPECT_FALSE(run->marked);
  const RunMark mark{"before", "9.7.4", 17, "binlog.000001", 5'000'000'000, "u:1-7"};
  ASSERT_TRUE(runs.mark(*run, mark).has_value());
  RunStatement first;
  first.state = "begun";
  first.started_at = kNow;
  ASSERT_TRUE(runs.progress(*run, std::nullopt, first).has_value());
  auto ended = first;
  ended.state = "done";
  ended.affected_rows = 3;
  ended.gtid = "u:8";
  ended.duration = std::chrono::microseconds(12);
  auto second = first;
  second.position = 1;
  second.line = 4;
  ASSERT_TRUE(runs.progress(*run, ended, second).has_value());
  const auto statements = runs.statements(run->id);
  ASSERT_EQ(statements->size(), 2U);
  EXPECT_EQ(statements->at(0).affected_rows, 3);
  EXPECT_EQ(statements->at(0).gtid, "u:8");
  EXPECT_EQ(statements->at(1).affected_rows, std::nullopt);
  EXPECT_EQ(statements->at(1).line, 4);
  const auto open = runs.open_runs();
  ASSERT_EQ(open->size(), 1U);
  EXPECT_TRUE(open->at(0).marked);
  EXPECT_EQ(open->at(0).mark.binlog_position, 5'000'000'000);
  EXPECT_EQ(open->at(0).session, 17);
  ASSERT_TRUE(runs.note_session(*run, 18).has_value());
  EXPECT_EQ(runs.open_runs()->at(0).session, 18);
  EXPECT_EQ(runs.open_runs()->at(0).mark.thread_id, 17);
  EXPECT_EQ(*store_->issues().kept(open->at(0).mark.schema_before), "before");
  RunEnd end;
  end.statements_done = 2;
  end.change = change_of(*run);
  const auto change = runs.finish(*run, end, kNow);
  ASSERT_TRUE(change.has_value()) << change.error().detail;
  const auto state = store_->issues().get(key.issue);
  EXPECT_EQ(state->tasks.at(0).status, TaskStatus::kDone);
  EXPECT_EQ(state->tasks.at(0).change, *change);
  EXPECT_EQ(state->tasks.at(0).statements_done, 2);
  EXPECT_EQ(store_->issues().activity(key.issue)->back().kind, "done");
  EXPECT_EQ(*store_->databases().recorded_schema(database_), "after");
  EXPECT_EQ(runs.open_runs()->size(), 0U);
  EXPECT_EQ(runs.finish(*run, end, kNow).error().kind, Failure::kConflict);
  EXPECT_EQ(store_->history().list({})->size(), 1U);
}

TEST_P(RunsContract, TheHistoryGivesBackWhatWasWrittenAndIsNeverChanged) {
  auto history = store_->history();
  store::Run run;
  auto added = change_of(run);
  added.change.issue = 42;
  const auto first = history.add(added, kNow);
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_EQ(first->version, "20251124160000.42");
  EXPECT_EQ(first->before.position, 5'000'000'000);
  EXPECT_EQ(first->duration.count(), 1500);
  const auto texts = history.texts(*first);
  EXPECT_EQ(texts->schema_before, "before");
  EXPECT_EQ(texts->schema_after, "after");
  EXPECT_EQ(texts->statement, added.statement);
  EXPECT_EQ(texts->statements, added.statements);
  added.change.issue = 0;
  added.change.project = 2;
  const auto second = history.add(added, kNow);
  EXPECT_EQ(second->version, "20251124160000");
  ChangeFilter filter;
  filter.database = database_;
  EXPECT_EQ(history.list(filter)->size(), 2U);
  EXPECT_EQ(history.list(filter)->at(0).id, second->id);
  filter.before = second->id;
  EXPECT_EQ(history.list(filter)->size(), 1U);
  filter = {};
  filter.project = 2;
  EXPECT_EQ(history.list(filter)->size(), 1U);
  filter = {};
  filter.issue = 42;
  EXPECT_EQ(history.list(filter)->size(), 1U);
  filter = {};
  filter.member = user_;
  EXPECT_EQ(history.list(filter)->size(), 0U);
  const auto raw = connect();
  for (const auto* sql : {"UPDATE changes SET actor = 'eve'", "DELETE FROM changes",
                          "UPDATE texts SET text = 'x'", "DELETE FROM texts"}) {
    const auto changed = raw->run(sql, {});
    ASSERT_FALSE(changed.has_value()) << sql;
    EXPECT_EQ(changed.error().kind, Failure::kRefused);
  }
  EXPECT_EQ(history.get(4711).error().kind, Failure::kNotFound);
}

TEST_P(RunsContract, AMembersHistoryIsThatOfTheirProjectsNewestFirst) {
  auto history = store_->history();
  const Id second = store_->create_project({0, "Second", "TWO", false})->id;
  const Id other = store_->create_project({0, "Other", "OTHER", false})->id;
  std::vector<Id> mine;
  for (int i = 0; i < 12; ++i) {
    NewChange change = change_of({});
    change.change.project = std::array{Id{1}, second, other}.at(static_cast<std::size_t>(i) % 3);
    change.change.issue = 0;
    change.change.task = 0;
    const auto added = history.add(change, kNow);
    ASSERT_TRUE(added.has_value()) << added.error().detail;
    if (change.change.project != other) mine.insert(mine.begin(), added->id);
  }
  for (const Id project : {Id{1}, second}) {
    ASSERT_TRUE(store_->set_member(project, {user_, policy::ProjectRole::kViewer}).has_value());
  }
  // Page by page.
  ChangeFilter filter;
  filter.member = user_;
  filter.limit = 3;
  std::vector<Id> seen;
  while (true) {
    const auto page = *history.list(filter);
    for (const Change& change : page) seen.push_back(change.id);
    if (page.size() < 3) break;
    filter.before = page.back().id;
  }
  EXPECT_EQ(seen, mine);
  filter = {};
  filter.member = user_;
  filter.project = other;
  EXPECT_TRUE(history.list(filter)->empty());
  filter.project = 0;
  filter.database = database_;
  EXPECT_EQ(history.list(filter)->size(), mine.size());
}

TEST_P(RunsContract, ADatabaseHasOneRunningTask) {
  auto runs = store_->runs();
  const TaskKey one = pending(database_);
  const TaskKey two = pending(database_);
  EXPECT_EQ(store_->issues().tasks_to_run(kNow, 10)->size(), 2U);
  const auto run = runs.claim(one, "one", start, kNow);
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(store_->issues().tasks_to_run(kNow, 10)->size(), 0U);
  const auto busy = runs.claim(two, "one", start, kNow);
  ASSERT_FALSE(busy.has_value());
  EXPECT_EQ(busy.error().kind, Failure::kBusy);
  EXPECT_EQ(store_->issues().get(two.issue)->tasks.at(0).status, TaskStatus::kPending);
  RunEnd end;
  end.status = TaskStatus::kFailed;
  end.reason = "no";
  ASSERT_EQ(*runs.finish(*run, end, kNow), 0);
  EXPECT_TRUE(runs.claim(two, "one", start, kNow).has_value());
}

TEST_P(RunsContract, AFrozenDatabasesTasksWaitAndABusyInstanceStays) {
  const TaskKey key = pending(database_);
  const auto next = [&] { return store_->issues().tasks_to_run(kNow, 10)->size(); };
  EXPECT_EQ(next(), 1U);
  ASSERT_TRUE(store_->databases().freeze(database_, true, "quarter end").has_value());
  EXPECT_EQ(next(), 0U);
  ASSERT_TRUE(store_->databases().freeze(database_, false, "").has_value());
  EXPECT_EQ(next(), 1U);
  const auto run = store_->runs().claim(key, "one", start, kNow);
  ASSERT_TRUE(run.has_value());
  const auto refused = store_->delete_instance(instance_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Failure::kRefused);
  EXPECT_NE(refused.error().detail.find("runs on it"), std::string::npos);
  ASSERT_TRUE(store_->runs().finish(*run, {}, kNow).has_value());
  EXPECT_TRUE(store_->delete_instance(instance_).has_value());
  EXPECT_EQ(store_->databases().get(database_).error().kind, Failure::kNotFound);
  EXPECT_EQ(store_->issues().get(key.issue)->tasks.at(0).instance_name, "aurora");
}

TEST_P(RunsContract, TwoProgramsRunATaskOnce) {
  const auto other = open_store();
  for (int round = 0; round < 20; ++round) {
    const TaskKey key = pending(100 + round, "db" + std::to_string(round));
    std::atomic<int> won = 0;
    std::atomic<int> ready = 0;
    const auto act = [&](Store& store, const std::string& holder) {
      ++ready;
      while (ready < 2) std::this_thread::yield();
      const auto run = store.runs().claim(key, holder, start, kNow);
      won += run.has_value() ? 1 : 0;
    };
    std::thread one([&] { act(*store_, "one"); });
    std::thread two([&] { act(*other, "two"); });
    one.join();
    two.join();
    ASSERT_EQ(won, 1);
    ASSERT_EQ(store_->issues().get(key.issue)->tasks.at(0).attempt, 1);
  }
}

TEST_P(RunsContract, ARunThatWasTakenOverIsLostToItsFirstHolder) {
  auto runs = store_->runs();
  const auto run = runs.claim(pending(database_), "one", start, kNow);
  ASSERT_TRUE(run.has_value());
  const auto seen = runs.open_runs()->at(0);
  EXPECT_FALSE(*runs.renew(*run));
  // The beat moved: the holder lives.
  EXPECT_EQ(runs.take_over(seen, "two").error().kind, Failure::kConflict);
  const auto taken = runs.take_over(runs.open_runs()->at(0), "two");
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->interruptions, 1);
  EXPECT_EQ(runs.renew(*run).error().kind, Failure::kConflict);
  EXPECT_EQ(runs.mark(*run, {}).error().kind, Failure::kConflict);
  EXPECT_EQ(runs.progress(*run, std::nullopt, std::nullopt).error().kind, Failure::kConflict);
  RunEnd end;
  end.change = change_of(*run);
  EXPECT_EQ(runs.finish(*run, end, kNow).error().kind, Failure::kConflict);
  EXPECT_EQ(store_->history().list({})->size(), 0U);
  EXPECT_TRUE(runs.renew(*taken).has_value());
}

TEST_P(RunsContract, ACancellationReachesTheHolder) {
  auto runs = store_->runs();
  const TaskKey key = pending(database_);
  const auto run = runs.claim(key, "one", start, kNow);
  const auto cancel = [](const IssueState& state) {
    IssueUpdate update;
    TaskUpdate task;
    task.task = state.tasks.at(0).id;
    task.cancel_requested = true;
    update.tasks.push_back(task);
    return Decision(update);
  };
  ASSERT_TRUE(store_->issues().change(key.issue, cancel, kNow).has_value());
  EXPECT_TRUE(*runs.renew(*run));
}

TEST_P(RunsContract, WhatAPersonSettlesIsAnAttemptOfItsOwnInTheHistory) {
  auto runs = store_->runs();
  const TaskKey key = pending(database_);
  const auto run = runs.claim(key, "one", start, kNow);
  ASSERT_TRUE(run.has_value());
  RunEnd lost;
  lost.status = TaskStatus::kNeedsPerson;
  lost.change = change_of(*run);
  const auto first = runs.finish(*run, lost, kNow);
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  RunEnd end;
  end.statements_done = 1;
  end.change = change_of(*run);
  end.change->schema_after = "live";
  const auto refuse = [](const IssueState&) { return Decision(policy::Refused{"no"}); };
  EXPECT_EQ(runs.settle(key, end, refuse, kNow).error().kind, Failure::kRefused);
  EXPECT_EQ(*store_->databases().recorded_schema(database_), "after");
  const auto done = [&](const IssueState&) {
    IssueUpdate update;
    TaskUpdate task;
    task.task = key.task;
    task.status = TaskStatus::kDone;
    update.tasks.push_back(task);
    return Decision(update);
  };
  const auto settled = runs.settle(key, end, done, kNow);
  ASSERT_TRUE(settled.has_value()) << settled.error().detail;
  const Task& task = settled->tasks.at(0);
  EXPECT_EQ(task.status, TaskStatus::kDone);
  EXPECT_EQ(task.statements_done, 1);
  EXPECT_EQ(task.attempt, 2);
  EXPECT_NE(task.change, *first);
  EXPECT_EQ(store_->history().get(task.change)->attempt, 2);
  EXPECT_EQ(*store_->databases().recorded_schema(database_), "live");
  EXPECT_EQ(runs.settle({999, key.issue}, end, done, kNow).error().kind, Failure::kNotFound);
}

TEST_P(RunsContract, ARunThatMakesADatabaseRecordsIt) {
  const TaskKey key = pending(0, "made");
  const auto run = store_->runs().claim(key, "one", start, kNow);
  RunEnd end;
  end.makes_database = true;
  end.character_set = "utf8mb4";
  end.collation = "utf8mb4_bin";
  end.change = change_of(*run);
  ASSERT_TRUE(store_->runs().finish(*run, end, kNow).has_value());
  const auto made = store_->databases().find(instance_, "made");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->project, 1);
  EXPECT_EQ(made->collation, "utf8mb4_bin");
  EXPECT_EQ(store_->issues().get(key.issue)->tasks.at(0).database, made->id);
  EXPECT_EQ(store_->history().list({})->at(0).database, made->id);
  EXPECT_EQ(*store_->databases().recorded_schema(made->id), "after");
}

INSTANTIATE_TEST_SUITE_P(Sqlite, RunsContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, RunsContract, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store
