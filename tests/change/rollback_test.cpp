// Rollbacks on the real servers: from a change of data to the rollback of its rollback.
#include <gmock/gmock.h>

#include "admin/change/rollback_preview.h"
#include "admin/change/task_progress.h"
#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using policy::IssueKind;
using policy::TaskStatus;
using testing::HasSubstr;
using testing_support::EngineTest;
using testing_support::eventually;

class RollbackTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    engine_.emplace(services(*store_), config());
    engine_->start();
    database_id_ = make_database();
  }
  void TearDown() override {
    engine_.reset();
    if (!plain_.empty()) run_sql("DROP USER '" + plain_ + "'@'%'");
    EngineTest::TearDown();
  }
  [[nodiscard]] bool mariadb() const { return GetParam() == test::Engine::kMariadb; }

  // From now on the instance's account may not apply row events: rollbacks are SQL.
  void use_plain_account() {
    plain_ = "undo_" + database_.substr(7);
    run_sql("CREATE USER '" + plain_ + "'@'%' IDENTIFIED BY 'Secret_123'");
    run_sql("GRANT ALL ON " + database_ + ".* TO '" + plain_ + "'@'%'");
    run_sql("GRANT REPLICATION SLAVE, " +
            std::string(mariadb() ? "BINLOG MONITOR" : "REPLICATION CLIENT") +
            ", PROCESS ON *.* TO '" + plain_ + "'@'%'");
    auto instances = *store_->instances();
    instances[0].username = plain_;
    ASSERT_TRUE(store_->update_instance(instances[0], store::InstanceSecrets{"Secret_123", ""}));
  }

  // A data change that ran; its issue.
  store::Id change_data(const std::string& statement, bool keep = true) {
    auto asked = request(IssueKind::kDataUpdate, database_id_, statement);
    asked.keep_rollback = keep;
    const auto issue = create(*engine_, asked).issue.id;
    wait_for(issue, TaskStatus::kDone);
    return issue;
  }
  // A CALL that runs: what it does is not in its text, so that a person lets it.
  store::Id call(const std::string& statement) {
    auto asked = request(IssueKind::kDataUpdate, database_id_, statement);
    asked.keep_rollback = true;
    const auto state = create(*engine_, asked);
    EXPECT_TRUE(wait_for_checks(state.issue.id));
    const auto ran = engine_->run(state.tasks.at(0).id, author_);
    EXPECT_TRUE(ran.has_value()) << ran.error().detail;
    return state.issue.id;
  }
  RollbackPreview preview(store::Id issue) {
    const auto all = engine_->preview_rollback(issue);
    EXPECT_TRUE(all.has_value()) << all.error().detail;
    return all && !all->empty() ? all->front() : RollbackPreview{};
  }
  // The rollback issue; 0 when it was refused, and the reason in refused_.
  store::Id make(store::Id issue, store::OnConflict choice = store::OnConflict::kStop) {
    RollbackRequest asked;
    asked.creator = author_.user;
    asked.on_conflict = choice;
    const auto made = engine_->roll_back(issue, asked);
    refused_ = made ? "" : made.error().detail;
    return made ? made->issue.id : 0;
  }
  // It is approved by another person and ran.
  store::Task run(store::Id rollback, TaskStatus status = TaskStatus::kDone) {
    EXPECT_TRUE(wait_for_checks(rollback));
    const auto approved = engine_->approve(rollback, other_);
    EXPECT_TRUE(approved.has_value()) << approved.error().detail << checks_text(rollback);
    return approved ? wait_for(rollback, status) : store::Task{};
  }
  store::Task undo(store::Id issue) {
    const auto rollback = make(issue);
    EXPECT_NE(rollback, 0) << refused_;
    return rollback == 0 ? store::Task{} : run(rollback);
  }
  [[nodiscard]] std::string table(const std::string& name = "t") const {
    return database_ + "." + name;
  }
  // All rows, in an order of their own.
  std::string rows(const std::string& name = "t", const std::string& columns = "id, n") {
    return value("SELECT GROUP_CONCAT(CONCAT_WS(':', " + columns +
                 ") ORDER BY 1 SEPARATOR ' ') "
                 "FROM " +
                 table(name));
  }

  // All that was logged so far is gone. MariaDB keeps a file until InnoDB has written what is in
  // it.
  bool purge() {
    run_sql("FLUSH BINARY LOGS");
    const auto log = control_->rows(mariadb() ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS");
    const auto newest = log->at(0).at(0).value_or("");
    return eventually([&] {
      run_sql("PURGE BINARY LOGS TO '" + newest + "'");
      return control_->rows("SHOW BINARY LOGS")->at(0).at(0) == newest;
    });
  }

  std::optional<Engine> engine_;
  store::Id database_id_ = 0;
  std::string refused_;
  std::string plain_;  // an account; empty: none was made
};

TEST_P(RollbackTest, WhatWasInsertedUpdatedAndDeletedIsUndoneAndRedone) {
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20), (3, 30)");
  const auto issue = change_data(
      "INSERT INTO t VALUES (4, 40); UPDATE t SET n = n + 1 WHERE id <= 2; DELETE FROM t WHERE id "
      "= 3; UPDATE t SET n = 0 WHERE id = 1");
  EXPECT_EQ(rows(), "1:0 2:21 4:40");
  const auto shown = preview(issue);
  EXPECT_EQ(shown.refused, "");
  ASSERT_TRUE(shown.data);
  EXPECT_EQ(shown.data->rows, 5);
  EXPECT_EQ(shown.rows.size(), 5U);
  EXPECT_EQ(shown.rows[0].after, (std::vector<ShownCell>{{"id", "4"}, {"n", "40"}}));
  EXPECT_EQ(shown.statements.size(), 5U);
  EXPECT_EQ(shown.conflicts.conflicts, 0U);
  EXPECT_TRUE(shown.exact);            // the administrator may apply row events
  EXPECT_EQ(rows(), "1:0 2:21 4:40");  // nothing was run

  const auto rollback = make(issue);
  ASSERT_NE(rollback, 0) << refused_;
  EXPECT_EQ(store_->issues().get(rollback)->issue.parent, issue);
  // Never by itself, although the environment is automatic and every check passes.
  ASSERT_TRUE(wait_for_checks(rollback));
  EXPECT_EQ(store_->issues().get(rollback)->tasks.at(0).status, TaskStatus::kPendingApproval);
  EXPECT_EQ(make(issue), 0);
  EXPECT_THAT(refused_, HasSubstr("is about to roll this one back"));
  const auto task = run(rollback);
  EXPECT_EQ(rows(), "1:10 2:20 3:30");
  const auto change = *store_->history().get(task.change);
  EXPECT_EQ(change.kind, IssueKind::kDataRollback);
  EXPECT_EQ(change.affected_rows, 5);
  EXPECT_FALSE(change.gtids.empty());

  // The rollback of the rollback, and of that.
  undo(rollback);
  EXPECT_EQ(rows(), "1:0 2:21 4:40");
  undo(issue);
  EXPECT_EQ(rows(), "1:10 2:20 3:30");
}

TEST_P(RollbackTest, AsSqlWhereRowEventsMayNotBeApplied) {
  use_plain_account();
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20), (3, 30)");
  const auto issue = change_data(
      "UPDATE t SET n = n * 2; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (5, 50)");
  EXPECT_FALSE(preview(issue).exact);
  const auto rollback = make(issue);
  ASSERT_NE(rollback, 0) << refused_;
  run(rollback);
  EXPECT_EQ(rows(), "1:10 2:20 3:30");
  undo(rollback);
  EXPECT_EQ(rows(), "1:20 3:60 5:50");
}

TEST_P(RollbackTest, TheSwitchMayBeTurnedAfterwardsAndTheLogStillHasIt) {
  const auto issue = change_data("INSERT INTO t VALUES (1, 1)", false);
  EXPECT_FALSE(
      store_->rollbacks().of_run(store_->issues().get(issue)->tasks[0].id, 1)->has_value());
  const auto on = engine_->keep_rollback(issue, author_, true);
  ASSERT_TRUE(on.has_value()) << on.error().detail;
  EXPECT_TRUE(on->issue.keep_rollback);
  undo(issue);
  EXPECT_EQ(rows(), "NULL");
}

TEST_P(RollbackTest, WhatIsKeptOutlivesTheLog) {
  const auto issue = change_data("INSERT INTO t VALUES (1, 1), (2, 2)");
  ASSERT_TRUE(purge());
  undo(issue);
  EXPECT_EQ(rows(), "NULL");
  // What was not kept is refused with the reason.
  const auto lost = change_data("INSERT INTO t VALUES (3, 3)", false);
  ASSERT_TRUE(purge());
  EXPECT_EQ(make(lost), 0);
  EXPECT_THAT(refused_, HasSubstr("does not have the change any more"));
}

TEST_P(RollbackTest, ARowThatSomebodyChangedSinceStopsItOrIsLeft) {
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20), (3, 30), (4, 40)");
  const auto issue = change_data("UPDATE t SET n = 0 WHERE id <= 3; DELETE FROM t WHERE id = 4");
  const auto rollback = make(issue);
  ASSERT_NE(rollback, 0) << refused_;
  ASSERT_TRUE(wait_for_checks(rollback));
  run_sql("UPDATE " + table() + " SET n = 99 WHERE id = 2");
  run_sql("INSERT INTO " + table() + " VALUES (4, 44)");
  const auto task = run(rollback, TaskStatus::kFailed);
  EXPECT_THAT(task.reason, HasSubstr("2 rows were changed since"));
  EXPECT_THAT(task.reason, HasSubstr("id=2"));
  EXPECT_THAT(task.reason, HasSubstr("id=4"));
  EXPECT_EQ(rows(), "1:0 2:99 3:0 4:44");  // nothing was undone
  const auto shown = preview(rollback);
  EXPECT_EQ(shown.conflicts.conflicts, 2U);
  ASSERT_EQ(shown.conflicts.listed.size(), 2U);
  EXPECT_EQ(shown.conflicts.listed[0].what, "exists");
  EXPECT_EQ(shown.conflicts.listed[1].what, "changed");
  EXPECT_EQ(shown.conflicts.listed[1].row.after[0], (ShownCell{"id", "2"}));
  ASSERT_TRUE(engine_->cancel(rollback, author_).has_value());
  const auto leaving = make(issue, store::OnConflict::kLeave);
  ASSERT_NE(leaving, 0) << refused_;
  run(leaving);
  EXPECT_EQ(rows(), "1:10 2:99 3:30 4:44");
}

TEST_P(RollbackTest, OtherSessionsRowsAreNotTouched) {
  auto asked = request(IssueKind::kDataUpdate, database_id_,
                       "INSERT INTO t VALUES (1, 1); INSERT INTO t SELECT 2, SLEEP(0.3); INSERT "
                       "INTO t VALUES (3, 3)");
  asked.keep_rollback = true;
  const auto issue = create(*engine_, asked).issue.id;
  // While it runs.
  ASSERT_TRUE(eventually([&] { return rows() != "NULL"; }));
  run_sql("INSERT INTO " + table() + " VALUES (100, 100)");
  run_sql("UPDATE " + table() + " SET n = 101 WHERE id = 100");
  wait_for(issue, TaskStatus::kDone);
  undo(issue);
  EXPECT_EQ(rows(), "100:101");
}

TEST_P(RollbackTest, AnAlteredTableIsMappedOrRefused) {
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20)");
  const auto issue = change_data("UPDATE t SET n = n + 1; DELETE FROM t WHERE id = 2");
  run_sql("ALTER TABLE " + table() + " ADD COLUMN first INT NOT NULL DEFAULT 7 FIRST");
  EXPECT_FALSE(preview(issue).exact);
  undo(issue);
  EXPECT_EQ(rows("t", "id, n, first"), "1:10:7 2:20:7");
  const auto other = change_data("UPDATE t SET n = n + 1");
  run_sql("ALTER TABLE " + table() + " MODIFY n BIGINT NOT NULL");
  EXPECT_EQ(make(other), 0);
  EXPECT_THAT(refused_, HasSubstr("was altered since"));
  EXPECT_THAT(refused_, HasSubstr("`n` is bigint now, and was int"));
  run_sql("DROP TABLE " + table());
  EXPECT_EQ(make(other), 0);
  EXPECT_THAT(refused_, HasSubstr("is not there any more"));
}

TEST_P(RollbackTest, TriggersDoNotFireAgain) {
  run_sql("CREATE TABLE " + table("log") + " (id INT AUTO_INCREMENT PRIMARY KEY, what INT)");
  run_sql("CREATE TRIGGER " + database_ + ".tr AFTER UPDATE ON " + table() +
          " FOR EACH ROW INSERT INTO log (what) VALUES (NEW.n)");
  run_sql("INSERT INTO " + table() + " VALUES (1, 10)");
  const auto issue = change_data("UPDATE t SET n = 11");
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + table("log")), "1");
  undo(issue);
  EXPECT_EQ(rows(), "1:10");
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + table("log")), "0");
}

// SQL fires triggers: what undoes an INSERT is a DELETE, and fires those of DELETE only.
TEST_P(RollbackTest, AsSqlOnlyWhereNoTriggerFiresTwice) {
  use_plain_account();
  run_sql("CREATE TABLE " + table("log") + " (id INT AUTO_INCREMENT PRIMARY KEY, what INT)");
  for (const std::string word : {"INSERT", "UPDATE"}) {
    run_sql("CREATE TRIGGER " + database_ + ".on_" + word + " AFTER " + word + " ON " + table() +
            " FOR EACH ROW INSERT INTO log (what) VALUES (NEW.n)");
  }
  const auto inserted = change_data("INSERT INTO t VALUES (1, 10), (2, 20)");
  EXPECT_EQ(rows("log", "what"), "10 20");
  EXPECT_FALSE(preview(inserted).exact);
  undo(inserted);
  EXPECT_EQ(rows(), "NULL");
  EXPECT_EQ(rows("log", "what"), "NULL");
  run_sql("INSERT INTO " + table() + " VALUES (1, 10)");
  const auto updated = change_data("UPDATE t SET n = 11");
  EXPECT_EQ(make(updated), 0);
  EXPECT_THAT(refused_, HasSubstr("triggers (on_UPDATE) that fire on UPDATE"));
  EXPECT_THAT(refused_, HasSubstr("BINLOG_ADMIN"));
  const auto deleted = change_data("DELETE FROM t WHERE id = 1");
  EXPECT_EQ(make(deleted), 0);
  EXPECT_THAT(refused_, HasSubstr("triggers (on_INSERT) that fire on INSERT"));
}

TEST_P(RollbackTest, CascadesComeBackOrAreRefused) {
  run_sql("CREATE TABLE " + table("child") +
          " (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES " + table() +
          " (id) ON DELETE CASCADE)");
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20)");
  run_sql("INSERT INTO " + table("child") + " VALUES (1, 1), (2, 1), (3, 2)");
  const auto issue = change_data("DELETE FROM t WHERE id = 1");
  EXPECT_EQ(rows("child", "id, t"), "3:2");
  if (mariadb()) {
    EXPECT_EQ(make(issue), 0);
    EXPECT_THAT(refused_, HasSubstr("child"));
    return;
  }
  undo(issue);
  EXPECT_EQ(rows(), "1:10 2:20");
  EXPECT_EQ(rows("child", "id, t"), "1:1 2:1 3:2");
}

// MariaDB tells of the last transaction of a CALL only.
TEST_P(RollbackTest, EveryTransactionOfACallIsUndone) {
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20), (9, 100)");
  run_sql(
      "CREATE PROCEDURE " + database_ +
      ".several() BEGIN UPDATE t SET n = n + 1 WHERE id < 9; INSERT INTO t VALUES (3, 30); "
      "DO SLEEP(0.3); START TRANSACTION; DELETE FROM t WHERE id = 1; UPDATE t SET n = 0 WHERE id "
      "= 2; COMMIT; END");
  const auto issue = call("CALL several()");
  // Somebody else in between.
  ASSERT_TRUE(eventually(
      [&] { return value("SELECT COUNT(*) FROM " + table() + " WHERE id = 3") == "1"; }));
  run_sql("UPDATE " + table() + " SET n = 101 WHERE id = 9");
  const auto task = wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(rows(), "2:0 3:30 9:101");
  EXPECT_EQ(preview(issue).data->rows, 5) << store_->history().get(task.change)->gtids;
  undo(issue);
  EXPECT_EQ(rows(), "1:10 2:20 9:101");
}

TEST_P(RollbackTest, ACallThatFailedAfterItCommitted) {
  run_sql("CREATE PROCEDURE " + database_ +
          ".fails() BEGIN INSERT INTO t VALUES (3, 30); INSERT INTO t VALUES (4, 40); SIGNAL "
          "SQLSTATE '45000'; END");
  const auto issue = call("CALL fails()");
  const auto task = wait_for(issue, TaskStatus::kFailed);
  EXPECT_EQ(rows(), "3:30 4:40");
  ASSERT_NE(task.change, 0);
  undo(issue);
  EXPECT_EQ(rows(), "NULL");
}

// Rows that the session wrote and the log does not have: nobody can tell whose the others are.
TEST_P(RollbackTest, ACallWhoseRowsCannotBeTold) {
  if (!mariadb()) return;  // MySQL names every transaction
  run_sql(
      "CREATE PROCEDURE " + database_ +
      ".tries() BEGIN INSERT INTO t VALUES (5, 50); INSERT IGNORE INTO t VALUES (5, 51); INSERT "
      "INTO t VALUES (6, 60); END");
  const auto issue = call("CALL tries()");
  wait_for(issue, TaskStatus::kDone);
  EXPECT_EQ(make(issue), 0);
  EXPECT_THAT(refused_, HasSubstr("the session wrote other rows (3 inserted, 0 updated, 0 deleted) "
                                  "than the binary log has of it (2 inserted"));
  EXPECT_EQ(rows(), "5:50 6:60");
}

// How far a rollback is, is told while it runs.
TEST_P(RollbackTest, ItTellsHowManyRowsAreUndone) {
  run_sql(
      "CREATE TABLE " + table("many") +
      " (id INT PRIMARY KEY, n INT) AS WITH RECURSIVE v AS (SELECT 1 id UNION ALL SELECT id + 1 "
      "FROM v WHERE id < 900) SELECT id, 0 n FROM v");
  const auto issue = change_data("UPDATE many SET n = 1");
  const auto rollback = make(issue);
  ASSERT_NE(rollback, 0) << refused_;
  ASSERT_TRUE(wait_for_checks(rollback));
  engine_.reset();

  struct Listener final : store::EventSink {
    Listener(store::Store& from, store::Id undoing) : store(from), issue(undoing) {}
    void publish(const store::Event& event) override {
      if (event.topic != "progress") return;
      const auto state = store.issues().get(issue);
      const auto now = task_progress(store, *state->task(event.id));
      const std::lock_guard lock(mutex);
      if (now && *now) seen.push_back(**now);
    }
    store::Store& store;
    store::Id issue;
    std::mutex mutex;
    std::vector<TaskProgress> seen;
  } listener(*store_, rollback);
  auto settings = config();
  settings.limits.progress_every = std::chrono::milliseconds(0);
  auto services_with = services(*store_);
  services_with.events = &listener;
  engine_.emplace(services_with, settings);
  engine_->start();
  run(rollback);
  engine_.reset();
  ASSERT_FALSE(listener.seen.empty());
  for (const auto& now : listener.seen) {
    EXPECT_EQ(now.rows, 900);
    EXPECT_EQ(now.statement, 1);
    EXPECT_EQ(now.statements, 1);
    EXPECT_GT(now.connection, 0);
  }
  EXPECT_TRUE(std::ranges::is_sorted(listener.seen, {}, &TaskProgress::affected_rows));
  EXPECT_GT(listener.seen.front().affected_rows, 0);
  EXPECT_EQ(listener.seen.back().affected_rows, 900);
}

TEST_P(RollbackTest, WhatTheEnvironmentDoesNotAllowIsNotKept) {
  auto environments = *store_->environments();
  for (auto& environment : environments) {
    environment.rollback = R"({"keep": false})";
    ASSERT_TRUE(store_->update_environment(environment).has_value());
  }
  const auto issue = change_data("INSERT INTO t VALUES (1, 1)");
  EXPECT_FALSE(
      store_->rollbacks().of_run(store_->issues().get(issue)->tasks[0].id, 1)->has_value());
  EXPECT_EQ(make(issue), 0);
  EXPECT_THAT(refused_, HasSubstr("rollback.keep"));
}

TEST_P(RollbackTest, OnlyChangesOfDataAreRolledBack) {
  const auto schema =
      create(*engine_, request(IssueKind::kSchemaUpdate, database_id_, "ALTER TABLE t ADD c INT"))
          .issue.id;
  wait_for(schema, TaskStatus::kDone);
  EXPECT_EQ(make(schema), 0);
  EXPECT_THAT(refused_, HasSubstr("only changes of data"));
  EXPECT_FALSE(engine_->keep_rollback(schema, author_, true).has_value());
  const auto nothing = change_data("UPDATE t SET n = 1 WHERE id = 12345");
  EXPECT_EQ(make(nothing), 0);
  EXPECT_THAT(refused_, HasSubstr("changed no rows"));
}

TEST_P(RollbackTest, AKilledProgramEndsItOnce) {
  run_sql("INSERT INTO " + table() + " VALUES (1, 10), (2, 20)");
  for (const auto point : {Point::kBegun, Point::kExecuted, Point::kRecorded}) {
    run_sql("UPDATE " + table() + " SET n = id * 10");
    const auto issue = change_data("UPDATE t SET n = n + 1");
    engine_.reset();
    // A second program on the same store, which stops dead at that point.
    auto dying = config();
    std::atomic<bool> dead = false;
    const auto rollback = [&] {
      engine_.emplace(services(*store_), config());
      engine_->start();
      const auto made = make(issue);
      EXPECT_NE(made, 0) << refused_;
      EXPECT_TRUE(wait_for_checks(made));
      engine_.reset();
      return made;
    }();
    ASSERT_NE(rollback, 0);
    const auto child = ::fork();
    if (child == 0) {
      auto store = open_store();
      dying.at = [&](Point reached) {
        if (reached == point) ::_exit(0);
      };
      Engine engine(services(*store), dying);
      static_cast<void>(engine.approve(rollback, other_));
      engine.start();
      ::sleep(300);
      ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    dead = true;
    EXPECT_EQ(status, 0);
    engine_.emplace(services(*store_), config());
    engine_->start();
    wait_for(rollback, TaskStatus::kDone);
    EXPECT_EQ(rows(), "1:10 2:20") << static_cast<int>(point);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, RollbackTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
