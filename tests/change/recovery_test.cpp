// The program is killed (SIGKILL) at every point of a run, on the real servers; the next start ends
// the task, with one history entry, and nothing ran twice.
#include "admin/change/recovery.h"

#include <csignal>
#include <fstream>

#include <boost/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using policy::IssueKind;
using policy::TaskStatus;
using testing_support::EngineTest;
using testing_support::eventually;

class Killed : public EngineTest {
 protected:
  // A process of its own runs the engine and is killed when it reaches the point for the
  // `occurrence`-th time. `fatal` < 0: it is left to run until kill_engine().
  pid_t start_engine(int fatal, int occurrence = 1) {
    store_.reset();  // no connection of the parent's goes into the child
    control_.reset();
    const pid_t child = ::fork();
    if (child != 0) {
      store_ = open_store();
      control_ = *mysql::Connection::open(test::server_options(GetParam()));
      return child;
    }
    const auto store = open_store();
    auto made = config();
    std::atomic<int> left = occurrence;
    made.at = [&left, fatal](Point point) {
      if (static_cast<int>(point) == fatal && --left == 0) ::raise(SIGKILL);
    };
    Engine engine(services(*store), made);
    engine.start();
    while (true) ::pause();
  }
  static void wait_for_death(pid_t child) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }
  // The issue as a person makes it, while no engine runs.
  store::IssueState make(IssueKind kind, store::Id database, const std::string& statement) {
    Engine idle(services(*store_), config());
    return create(idle, request(kind, database, statement));
  }
  // The next start of the program.
  store::Task recover(store::Id issue, TaskStatus status = TaskStatus::kDone) {
    Engine engine(services(*store_), config());
    engine.start();
    return wait_for(issue, status);
  }
  boost::json::array only_entry(store::Id issue) {
    store::ChangeFilter filter;
    filter.issue = issue;
    const auto all = store_->history().list(filter);
    EXPECT_EQ(all->size(), 1U);
    return boost::json::parse(store_->history().texts(all->at(0))->statements).as_array();
  }
};

constexpr std::array kPoints{Point::kClaimed,  Point::kMarked,   Point::kBegun,
                             Point::kExecuted, Point::kRecorded, Point::kBeforeFinish,
                             Point::kFinished};

TEST_P(Killed, ADataChangeEndsOnceWhereverTheProgramDies) {
  const store::Id database = make_database();
  for (const Point point : kPoints) {
    run_sql("DELETE FROM " + database_ + ".t");
    // Twice would be 4, or a duplicate key.
    const auto issue = make(IssueKind::kDataUpdate, database,
                            "INSERT INTO t VALUES (1, 1); UPDATE t SET n = n + 1; INSERT INTO t "
                            "VALUES (2, 2)");
    wait_for_death(start_engine(static_cast<int>(point),
                                point == Point::kBegun || point == Point::kExecuted ? 2 : 1));
    recover(issue.issue.id);
    EXPECT_EQ(value("SELECT GROUP_CONCAT(n ORDER BY id) FROM " + database_ + ".t"), "2,2")
        << static_cast<int>(point);
    const auto statements = only_entry(issue.issue.id);
    ASSERT_EQ(statements.size(), 3U);
    for (const auto& statement : statements) EXPECT_EQ(statement.at("state"), "done");
  }
}

TEST_P(Killed, ASchemaChangeEndsOnceWhereverTheProgramDies) {
  const store::Id database = make_database();
  int number = 0;
  // A statement that the binary log keeps as it was sent, and two that it rewrites.
  const std::array<std::string, 3> statements{
      "ALTER TABLE t ADD c@ INT", "CREATE VIEW v@ AS SELECT id FROM t", "DROP TABLE d@"};
  // Before the first change, which records the schema: later they would be drift.
  for (std::size_t i = 1; i <= statements.size() * kPoints.size(); ++i)
    run_sql("CREATE TABLE " + database_ + ".d" + std::to_string(i) + " (id INT PRIMARY KEY)");
  for (const std::string& statement : statements) {
    for (const Point point : kPoints) {
      const std::string suffix = std::to_string(++number);
      std::string sql = statement;
      sql.replace(sql.find('@'), 1, suffix);
      const auto issue = make(IssueKind::kSchemaUpdate, database, sql);
      wait_for_death(start_engine(static_cast<int>(point)));
      recover(issue.issue.id);
      EXPECT_EQ(only_entry(issue.issue.id).at(0).at("state"), "done")
          << sql << ' ' << static_cast<int>(point);
    }
  }
}

TEST_P(Killed, ATransactionIsCommittedOnceWhereverTheProgramDies) {
  const store::Id database = make_database();
  for (const Point point : {Point::kBegun, Point::kExecuted, Point::kRecorded}) {
    for (int occurrence = 1; occurrence <= 4; ++occurrence) {
      run_sql("DELETE FROM " + database_ + ".t");
      const auto issue =
          make(IssueKind::kDataUpdate, database,
               "BEGIN; INSERT INTO t VALUES (1, 1); UPDATE t SET n = n + 1; COMMIT;");
      wait_for_death(start_engine(static_cast<int>(point), occurrence));
      recover(issue.issue.id);
      EXPECT_EQ(value("SELECT n FROM " + database_ + ".t"), "2")
          << static_cast<int>(point) << ' ' << occurrence;
      EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "1");
    }
  }
}

// The session that executed outlives the program; what it still does is waited for.
TEST_P(Killed, AStatementThatRunsOnWithoutTheProgramIsWaitedFor) {
  const store::Id database = make_database();
  const auto issue = make(IssueKind::kDataUpdate, database,
                          "INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 2)");
  // It waits for this row.
  auto blocker = *mysql::Connection::open(test::server_options(GetParam()));
  ASSERT_TRUE(blocker->query("START TRANSACTION").has_value());
  ASSERT_TRUE(blocker->query("INSERT INTO " + database_ + ".t VALUES (1, 0)").has_value());
  const pid_t child = start_engine(-1);
  ASSERT_TRUE(eventually([&] {
    return value(
               "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '/* sluice "
               "task=%' AND INFO LIKE '%VALUES (1, 1)%' AND ID <> CONNECTION_ID()") == "1";
  }));
  ::kill(child, SIGKILL);
  wait_for_death(child);
  std::atomic<bool> taken = false;
  auto next = services(*store_);
  next.log = [&taken](std::string_view event, std::string_view) {
    if (event == "run.taken_over") taken = true;
  };
  Engine engine(next, config());
  engine.start();
  EXPECT_TRUE(eventually([&] { return taken.load(); }));
  ASSERT_TRUE(blocker->query("ROLLBACK").has_value());
  wait_for(issue.issue.id, TaskStatus::kDone);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "2");
}

TEST_P(Killed, AnAlterBehindAMetadataLockEndsOnce) {
  const store::Id database = make_database();
  const auto issue = make(IssueKind::kSchemaUpdate, database, "ALTER TABLE t ADD c INT");
  auto blocker = *mysql::Connection::open(test::server_options(GetParam()));
  for (const std::string& sql :
       {"USE " + database_, std::string("START TRANSACTION"), std::string("SELECT * FROM t")}) {
    ASSERT_TRUE(blocker->query(sql).has_value());
  }
  const pid_t child = start_engine(-1);
  ASSERT_TRUE(wait_for_checks(issue.issue.id));
  Engine idle(services(*store_), config());
  // Where metadata locks can be seen they are a warning, and a person says go.
  if (store_->issues().get(issue.issue.id)->tasks[0].checks == policy::CheckResult::kWarning) {
    ASSERT_TRUE(idle.run(issue.tasks[0].id, author_).has_value());
  }
  ASSERT_TRUE(eventually([&] {
    return value(
               "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting "
               "for table metadata lock' AND INFO LIKE '%sluice task=%'") == "1";
  }));
  ::kill(child, SIGKILL);
  wait_for_death(child);
  ASSERT_TRUE(blocker->query("COMMIT").has_value());
  recover(issue.issue.id);
  EXPECT_EQ(value("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '" +
                  database_ + "' AND table_name = 't'"),
            "3");
  EXPECT_EQ(only_entry(issue.issue.id).at(0).at("state"), "done");
}

TEST_P(Killed, ADatabaseIsMadeOnceWhereverTheProgramDies) {
  for (const Point point : kPoints) {
    run_sql("DROP DATABASE IF EXISTS " + database_);
    Engine idle(services(*store_), config());
    auto asked = request(IssueKind::kDatabaseCreate, 0, "");
    asked.targets = {{}};
    asked.targets[0].instance = instance_;
    asked.targets[0].name = database_;
    const auto issue = create(idle, asked);
    wait_for_death(start_engine(static_cast<int>(point)));
    EXPECT_NE(recover(issue.issue.id).database, 0) << static_cast<int>(point);
    only_entry(issue.issue.id);
  }
}

// The next start dies too, wherever it is; the one after it ends the task.
TEST_P(Killed, ASecondDeathDuringRecoveryChangesNothing) {
  const store::Id database = make_database();
  for (const Point second : {Point::kClaimed, Point::kRecorded, Point::kBegun, Point::kExecuted,
                             Point::kBeforeFinish, Point::kFinished}) {
    run_sql("DELETE FROM " + database_ + ".t");
    const auto issue = make(IssueKind::kDataUpdate, database,
                            "INSERT INTO t VALUES (1, 1); UPDATE t SET n = n + 1; INSERT INTO t "
                            "VALUES (2, 2)");
    wait_for_death(start_engine(static_cast<int>(Point::kExecuted), 2));
    wait_for_death(start_engine(static_cast<int>(second)));
    recover(issue.issue.id);
    EXPECT_EQ(value("SELECT GROUP_CONCAT(n ORDER BY id) FROM " + database_ + ".t"), "2,2")
        << static_cast<int>(second);
    const auto statements = only_entry(issue.issue.id);
    ASSERT_EQ(statements.size(), 3U);
    for (const auto& statement : statements) EXPECT_EQ(statement.at("state"), "done");
  }
}

// What a new session cannot have is not pretended.
TEST_P(Killed, ASheetThatNeedsItsSessionIsLeftToAPerson) {
  const store::Id database = make_database();
  const auto lost = make(IssueKind::kDataUpdate, database,
                         "SET @x = (SELECT COUNT(*) FROM t); INSERT INTO t VALUES (1, @x);");
  wait_for_death(start_engine(static_cast<int>(Point::kRecorded)));
  const auto task = recover(lost.issue.id, TaskStatus::kFailed);
  EXPECT_NE(task.reason.find("left something in its session"), std::string::npos) << task.reason;
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "0");
  const auto plain = make(IssueKind::kDataUpdate, database,
                          "SET SESSION sql_mode = 'ANSI_QUOTES'; INSERT INTO \"t\" VALUES (1, 1)");
  wait_for_death(start_engine(static_cast<int>(Point::kRecorded)));
  recover(plain.issue.id);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "1");
}

// The binary log has what a procedure did, not the CALL: nobody can tell whether it ran.
TEST_P(Killed, WhatNobodyCanTellIsSettledByAPerson) {
  const store::Id database = make_database();
  run_sql("CREATE PROCEDURE " + database_ + ".fill(x INT) INSERT INTO t VALUES (x, x)");
  const auto lost = [&](int x) {
    const auto issue =
        make(IssueKind::kDataUpdate, database,
             "CALL fill(" + std::to_string(x) + "); CALL fill(" + std::to_string(x + 1) + ")");
    const pid_t child = start_engine(static_cast<int>(Point::kExecuted), 2);
    if (wait_for_checks(issue.issue.id) &&
        store_->issues().get(issue.issue.id)->tasks[0].checks == policy::CheckResult::kWarning) {
      Engine idle(services(*store_), config());
      EXPECT_TRUE(idle.run(issue.tasks[0].id, author_).has_value());
    }
    wait_for_death(child);
    return recover(issue.issue.id, TaskStatus::kNeedsPerson);
  };
  const auto task = lost(1);
  Engine idle(services(*store_), config());
  EXPECT_EQ(task.statements_done, 1);
  EXPECT_EQ(idle.settle(task.id, author_, {true, ""}).error().kind, store::Failure::kRefused);
  run_sql("CREATE TABLE " + database_ + ".seen (id INT PRIMARY KEY)");
  const auto done = idle.settle(task.id, author_, {true, "row 2 is there"});
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(done->tasks[0].status, TaskStatus::kDone);
  const auto entry = *store_->history().get(done->tasks[0].change);
  EXPECT_EQ(entry.status, store::ChangeStatus::kDone);
  EXPECT_EQ(entry.actor, "ada@example.org");
  const auto texts = *store_->history().texts(entry);
  EXPECT_EQ(boost::json::parse(texts.statements).at(0).at("state"), "done_before");
  EXPECT_EQ(boost::json::parse(texts.statements).at(1).at("state"), "settled");
  EXPECT_EQ(*store_->databases().recorded_schema(database), texts.schema_after);
  EXPECT_NE(texts.schema_after.find("seen"), std::string::npos);
  EXPECT_EQ(idle.settle(task.id, author_, {false, "no"}).error().kind, store::Failure::kRefused);

  const auto other = lost(3);  // the store is another since
  Engine next(services(*store_), config());
  const auto failed = next.settle(other.id, author_, {false, "row 4 was taken out by hand"});
  ASSERT_TRUE(failed.has_value()) << failed.error().detail;
  EXPECT_EQ(failed->tasks[0].status, TaskStatus::kFailed);
  EXPECT_EQ(failed->tasks[0].change, other.change);
  ASSERT_TRUE(next.edit(other.id, author_, "INSERT INTO t VALUES (9, 9)").has_value());
  ASSERT_TRUE(next.retry(other.id, author_).has_value());
  recover(failed->issue.id);
  EXPECT_EQ(value("SELECT GROUP_CONCAT(id ORDER BY id) FROM " + database_ + ".t"), "1,2,3,4,9");
}

INSTANTIATE_TEST_SUITE_P(Servers, Killed,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
