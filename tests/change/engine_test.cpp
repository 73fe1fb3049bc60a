// Issues on the real servers, from their creation to the history entry.
#include <boost/json.hpp>

#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using policy::IssueKind;
using policy::TaskStatus;
using testing_support::EngineTest;
using testing_support::eventually;

class RealEngine : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    engine_.emplace(services(*store_), config());
    engine_->start();
  }
  void TearDown() override {
    engine_.reset();
    EngineTest::TearDown();
  }
  store::Change history(store::Id issue) {
    store::ChangeFilter filter;
    filter.issue = issue;
    const auto all = store_->history().list(filter);
    EXPECT_EQ(all->size(), 1U);
    return all->empty() ? store::Change{} : all->front();
  }
  boost::json::array statements(const store::Change& change) {
    return boost::json::parse(store_->history().texts(change)->statements).as_array();
  }
  // The engine anew, with a clock that is so many microseconds ahead of the real one.
  std::shared_ptr<std::atomic<std::int64_t>> turn_clock() {
    engine_.reset();
    const auto ahead_us = std::make_shared<std::atomic<std::int64_t>>(0);
    auto turned = services(*store_);
    turned.now = [ahead_us] {
      return testing_support::utc_now() + std::chrono::microseconds(*ahead_us);
    };
    engine_.emplace(turned, config());
    engine_->start();
    return ahead_us;
  }
  store::Id data(store::Id database, const std::string& statement) {
    return create(*engine_, request(IssueKind::kDataUpdate, database, statement)).issue.id;
  }
  store::Id schema(store::Id database, const std::string& statement) {
    return create(*engine_, request(IssueKind::kSchemaUpdate, database, statement)).issue.id;
  }

  std::optional<Engine> engine_;
};

TEST_P(RealEngine, ADatabaseIsMadeChangedAndFilledByItself) {
  IssueRequest asked = request(IssueKind::kDatabaseCreate, 0, "");
  asked.targets = {{}};
  asked.targets[0].instance = instance_;
  asked.targets[0].name = database_;
  asked.targets[0].character_set = "utf8mb4";
  const store::Id made = create(*engine_, asked).issue.id;
  const store::Id database = wait_for(made, TaskStatus::kDone).database;
  ASSERT_NE(database, 0);
  EXPECT_EQ(history(made).kind, IssueKind::kDatabaseCreate);
  EXPECT_EQ(store_->databases().get(database)->character_set, "utf8mb4");

  const store::Id altered = schema(database, "CREATE TABLE t1 (id INT PRIMARY KEY, name TEXT)");
  const auto task = wait_for(altered, TaskStatus::kDone);
  const auto change = history(altered);
  EXPECT_EQ(change.id, task.change);
  EXPECT_EQ(change.status, store::ChangeStatus::kDone);
  EXPECT_EQ(change.actor, "ada@example.org");
  EXPECT_GT(change.thread_id, 0);
  EXPECT_EQ(change.before.file.substr(0, 6), "binlog");
  EXPECT_GT(change.after.position, change.before.position);
  EXPECT_FALSE(change.gtids.empty());
  const auto texts = store_->history().texts(change);
  EXPECT_EQ(texts->schema_before.find("t1"), std::string::npos);
  EXPECT_NE(texts->schema_after.find("CREATE TABLE `t1`"), std::string::npos);
  EXPECT_EQ(*store_->databases().recorded_schema(database), texts->schema_after);

  const store::Id filled = data(database, "INSERT INTO\n  t1\nVALUES\n  (1, 'Adela');");
  wait_for(filled, TaskStatus::kDone);
  EXPECT_EQ(history(filled).affected_rows, 1);
  EXPECT_EQ(value("SELECT name FROM " + database_ + ".t1"), "Adela");
  EXPECT_TRUE(engine_->resolve(filled, author_).has_value());
}

TEST_P(RealEngine, AManualEnvironmentWaitsForSomebodyElse) {
  const store::Id database = make_database();
  auto instances = *store_->instances();
  instances[0].environment = prod_;
  ASSERT_TRUE(store_->update_instance(instances[0], std::nullopt).has_value());
  const store::Id issue = schema(database, "ALTER TABLE t ADD c INT");
  ASSERT_TRUE(wait_for_checks(issue));
  EXPECT_EQ(engine_->approve(issue, author_).error().kind, store::Failure::kRefused);
  EXPECT_EQ(value("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '" +
                  database_ + "'"),
            "2");
  const auto approved = engine_->approve(issue, other_);
  ASSERT_TRUE(approved.has_value()) << approved.error().detail;
  wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(store_->issues().get(issue)->approvals.at(0).user, other_.user);
}

TEST_P(RealEngine, ASheetFailsAtItsFirstFailingStatementAndGoesOnBehindIt) {
  const store::Id database = make_database();
  const store::Id issue = data(database,
                               "INSERT INTO t VALUES (1, 1), (2, 2);\n"
                               "UPDATE t SET n = n + 1;\n"
                               "INSERT INTO t SELECT id + IF(@fail IS NULL, 0, 10), 9 FROM t;\n"
                               "DELETE FROM t WHERE id = 2;");
  const auto failed = wait_for(issue, TaskStatus::kFailed);
  EXPECT_NE(failed.reason.find("statement 3 (line 3): 1062"), std::string::npos) << failed.reason;
  EXPECT_EQ(failed.statements_done, 2);
  const auto change = history(issue);
  EXPECT_EQ(change.status, store::ChangeStatus::kFailed);
  EXPECT_EQ(change.affected_rows, 4);
  const auto ran = statements(change);
  ASSERT_EQ(ran.size(), 4U);
  EXPECT_EQ(ran[0].at("state"), "done");
  EXPECT_EQ(ran[1].at("affected_rows"), 2);
  EXPECT_EQ(ran[2].at("state"), "failed");
  EXPECT_EQ(ran[3].at("state"), "not_run");
  run_sql("DELETE FROM " + database_ + ".t");
  ASSERT_TRUE(engine_->retry(failed.id, author_).has_value());
  wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "0");
  store::ChangeFilter filter;
  filter.issue = issue;
  const auto again = statements(store_->history().list(filter)->front());
  EXPECT_EQ(again[0].at("state"), "done_before");
  EXPECT_EQ(again[3].at("state"), "done");
}

TEST_P(RealEngine, AnOpenTransactionIsRolledBackAndSaidSo) {
  const store::Id database = make_database();
  const store::Id left = data(database, "START TRANSACTION; INSERT INTO t VALUES (1, 1);");
  EXPECT_NE(wait_for(left, TaskStatus::kFailed).reason.find("add COMMIT"), std::string::npos);
  EXPECT_EQ(statements(history(left)).at(1).at("state"), "rolled_back");
  const store::Id failed =
      data(database, "BEGIN; INSERT INTO t VALUES (2, 2); INSERT INTO t VALUES (2, 2); COMMIT;");
  EXPECT_EQ(wait_for(failed, TaskStatus::kFailed).statements_done, 0);
  EXPECT_EQ(statements(history(failed)).at(1).at("state"), "rolled_back");
  EXPECT_EQ(history(failed).affected_rows, 0);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "0");
}

TEST_P(RealEngine, WhatHasErrorsDoesNotRunUntilItIsEdited) {
  const store::Id database = make_database();
  const store::Id issue = schema(database, "ALTER TABLE nowhere ADD c INT;\nALTER TABEL t");
  ASSERT_TRUE(wait_for_checks(issue));
  const auto state = *store_->issues().get(issue);
  EXPECT_EQ(state.tasks[0].checks, policy::CheckResult::kError) << checks_text(issue);
  EXPECT_NE(checks_text(issue).find("syntax"), std::string::npos);
  EXPECT_FALSE(engine_->run(state.tasks[0].id, author_).has_value());
  ASSERT_TRUE(
      engine_->edit(state.tasks[0].id, author_, "ALTER TABLE nowhere ADD c INT").has_value());
  ASSERT_TRUE(eventually([&] {
    return store_->issues().get(issue)->tasks[0].checks != policy::CheckResult::kNotRun;
  }));
  ASSERT_TRUE(engine_->edit(state.tasks[0].id, author_, "ALTER TABLE t ADD c INT").has_value());
  wait_for(issue, TaskStatus::kDone);
}

TEST_P(RealEngine, AStatementThatWaitsForAMetadataLockIsCancelled) {
  const store::Id database = make_database();
  run_sql("USE " + database_);
  run_sql("START TRANSACTION");
  run_sql("SELECT * FROM t");
  const store::Id issue = schema(database, "ALTER TABLE t ADD c INT");
  ASSERT_TRUE(wait_for_checks(issue));
  const store::Id task = store_->issues().get(issue)->tasks[0].id;
  if (store_->issues().get(issue)->tasks[0].checks == policy::CheckResult::kWarning) {
    // On a busy machine the lock may be old enough to be warned of: locks_test.cpp.
    EXPECT_NE(checks_text(issue).find("in the way of table t"), std::string::npos);
    ASSERT_TRUE(engine_->run(task, author_).has_value());
  }
  ASSERT_TRUE(eventually([&] {
    return value(
               "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting "
               "for table metadata lock' AND INFO LIKE '%sluice task=%'") == "1";
  }));
  ASSERT_TRUE(engine_->cancel_run(task, author_).has_value());
  EXPECT_NE(wait_for(issue, TaskStatus::kCanceled).reason.find("statement 1"), std::string::npos);
  EXPECT_EQ(history(issue).status, store::ChangeStatus::kCanceled);
  run_sql("COMMIT");
  EXPECT_EQ(value("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '" +
                  database_ + "'"),
            "2");
}

TEST_P(RealEngine, ABaselineRecordsTheLiveSchema) {
  const store::Id database = make_database();
  ASSERT_TRUE(
      store_->databases().record_schema(database, "-- old", "1", testing_support::utc_now()));
  const store::Id issue =
      create(*engine_, request(IssueKind::kSchemaBaseline, database, "")).issue.id;
  wait_for(issue, TaskStatus::kDone);
  const auto texts = store_->history().texts(history(issue));
  EXPECT_EQ(texts->schema_before, "-- old");
  EXPECT_NE(texts->schema_after.find("CREATE TABLE `t`"), std::string::npos);
  EXPECT_EQ(*store_->databases().recorded_schema(database), texts->schema_after);
}

TEST_P(RealEngine, OneTaskADatabaseRunsAtATime) {
  const store::Id database = make_database();
  std::vector<store::Id> issues;
  for (int i = 0; i < 4; ++i) {
    issues.push_back(data(database, "INSERT INTO t SELECT COUNT(*), SLEEP(0.05) FROM t"));
  }
  for (const store::Id issue : issues) wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "4");
}

TEST_P(RealEngine, AnInstanceThatCannotBeReachedIsSaid) {
  const store::Id database = make_database();
  auto instances = *store_->instances();
  instances[0].port = 1;
  ASSERT_TRUE(store_->update_instance(instances[0], std::nullopt).has_value());
  const store::Id issue = schema(database, "ALTER TABLE t ADD c INT");
  ASSERT_TRUE(wait_for_checks(issue));
  EXPECT_NE(checks_text(issue).find("cannot be reached"), std::string::npos);
  EXPECT_EQ(store_->issues().get(issue)->tasks[0].checks, policy::CheckResult::kError);
}

TEST_P(RealEngine, AScheduledTaskWaitsForItsTime) {
  const store::Id database = make_database();
  const auto ahead_us = turn_clock();
  auto asked = request(IssueKind::kSchemaUpdate, database, "ALTER TABLE t ADD c INT");
  asked.earliest_start = testing_support::utc_now() + std::chrono::hours(1);
  const store::Id issue = create(*engine_, asked).issue.id;
  wait_for(issue, TaskStatus::kPending);
  *ahead_us = std::chrono::microseconds(std::chrono::hours(1)).count();
  const auto done = wait_for(issue, TaskStatus::kDone);
  EXPECT_GE(*done.started_at, *asked.earliest_start);
}

// The clock goes back by a day while a statement runs: leases and waits do not look at it, and what
// is written stays plausible.
TEST_P(RealEngine, AClockSetBackDuringARunChangesNothing) {
  const store::Id database = make_database();
  const auto ahead_us = turn_clock();
  // It waits for this row.
  run_sql("START TRANSACTION");
  run_sql("INSERT INTO " + database_ + ".t VALUES (1, 0)");
  const store::Id issue =
      data(database, "INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 2)");
  ASSERT_TRUE(eventually([&] {
    return value(
               "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '/* sluice "
               "task=%' AND INFO LIKE '%VALUES (1, 1)%' AND ID <> CONNECTION_ID()") == "1";
  }));
  *ahead_us = -std::chrono::microseconds(std::chrono::hours(24)).count();
  run_sql("ROLLBACK");
  const auto task = wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(task.attempt, 1);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "2");
  EXPECT_GE(history(issue).duration.count(), 0);
  const store::Id later = data(database, "INSERT INTO t VALUES (3, 3)");
  wait_for(later, TaskStatus::kDone);
  EXPECT_GT(history(later).id, history(issue).id);
}

TEST_P(RealEngine, WhatItDoesIsCounted) {
  const store::Id database = make_database();
  wait_for(data(database, "INSERT INTO t VALUES (1, 1)"), TaskStatus::kDone);
  wait_for(data(database, "INSERT INTO t VALUES (1, 1)"), TaskStatus::kFailed);
  const auto kind = static_cast<std::size_t>(IssueKind::kDataUpdate);
  // It is counted behind the write that the test has waited for.
  EXPECT_TRUE(eventually([&] {
    return engine_->meter().runs(kind, static_cast<std::size_t>(TaskStatus::kDone)) == 1 &&
           engine_->meter().runs(kind, static_cast<std::size_t>(TaskStatus::kFailed)) == 1 &&
           engine_->meter().running() == 0;
  }));
  EXPECT_EQ(engine_->meter().run_time(kind).count(), 2U);
  EXPECT_GE(engine_->meter().check_time().count(), 2U);
  ASSERT_TRUE(engine_->meter().totals().has_value());
}

INSTANTIATE_TEST_SUITE_P(Servers, RealEngine,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
