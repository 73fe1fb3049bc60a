// Sessions that are in the way of a sheet's DDL, on real servers: who is warned of, and who is not.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <unistd.h>

#include "admin/change/checks.h"
#include "tests/change/engine_fixture.h"
#include "tests/change/schema_corpus.h"

namespace sluice::change {
namespace {

using test::Engine;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::chrono::seconds kAtOnce{0};
constexpr std::chrono::seconds kNever = std::chrono::hours(1);

class LocksTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    name_ = "sluice_locks_" + std::to_string(::getpid());
    control_ = open("test");
    ASSERT_TRUE(control_);
    test::make_database(*control_, name_, "utf8mb4");
    test::must_run(*control_, "CREATE TABLE t (id INT PRIMARY KEY)");
    test::must_run(*control_, "INSERT INTO t VALUES (1)");
    reader_ = *SnapshotReader::open(test::server_options(GetParam()));
  }
  void TearDown() override {
    if (control_) test::must_run(*control_, "DROP DATABASE IF EXISTS `" + name_ + "`");
  }
  std::unique_ptr<mysql::Connection> open(const std::string& program) {
    auto options = test::server_options(GetParam());
    options.program = program;
    auto connection = mysql::Connection::open(options);
    EXPECT_TRUE(connection) << connection.error().message;
    if (!connection) return nullptr;
    if (!name_.empty()) (void)(*connection)->query("USE `" + name_ + "`");
    return std::move(*connection);
  }
  // What is said of locks, warnings only; "cannot" where the server does not show them.
  std::string said(std::chrono::seconds patience) {
    const auto preview = Preview::read(*reader_, name_, "ALTER TABLE t ADD c INT");
    EXPECT_TRUE(preview);
    Checks checks;
    check_locks(*reader_, **preview, checks, patience);
    std::string text;
    for (const auto& check : checks) {
      if (check.level == store::CheckLevel::kPassed) return "cannot: " + check.title;
      text += check.title + ": " + check.detail + '\n';
    }
    return text;
  }
  bool shown() { return !said(kNever).starts_with("cannot"); }

  std::string name_;
  std::unique_ptr<mysql::Connection> control_;
  std::unique_ptr<SnapshotReader> reader_;
};

TEST_P(LocksTest, ATransactionIsInTheWayOnceItIsOld) {
  if (!shown()) {
    // MariaDB without its plugin METADATA_LOCK_INFO.
    EXPECT_EQ(GetParam(), Engine::kMariadb);
    EXPECT_EQ(said(kAtOnce), "cannot: Metadata locks cannot be looked at");
    return;
  }
  const auto blocker = open("app");
  test::must_run(*blocker, "START TRANSACTION");
  test::must_run(*blocker, "SELECT * FROM t WHERE id = 4711");
  EXPECT_THAT(said(kNever), IsEmpty());
  EXPECT_THAT(said(kAtOnce),
              AllOf(HasSubstr("in the way of table t"), HasSubstr("in a transaction"),
                    HasSubstr("(" + blocker->options().username + " at "),
                    HasSubstr("KILL " + std::to_string(blocker->thread_id()) + ".")));
  EXPECT_THAT(said(kAtOnce), Not(HasSubstr("4711")));  // others' values are not for everybody
  test::must_run(*blocker, "COMMIT");
  EXPECT_THAT(said(kAtOnce), IsEmpty());
}

TEST_P(LocksTest, AStatementInAutocommitModeIsInTheWayForItsOwnTime) {
  if (!shown()) return;
  const auto blocker = open("app");
  mysql::Cancellation cancellation;
  mysql::Limits limits;
  limits.cancellation = &cancellation;
  std::thread runs([&] { (void)blocker->query("SELECT SLEEP(600) FROM t", limits); });
  EXPECT_TRUE(testing_support::eventually(
      [&] { return said(kAtOnce).find("it runs SELECT") != std::string::npos; }));
  EXPECT_THAT(said(kNever), IsEmpty());
  cancellation.request();
  runs.join();
}

TEST_P(LocksTest, LockTablesIsInTheWayFromTheBeginning) {
  if (!shown()) return;
  const auto blocker = open("app");
  test::must_run(*blocker, "LOCK TABLES t READ");
  EXPECT_THAT(said(kNever), HasSubstr("under LOCK TABLES"));
  test::must_run(*blocker, "UNLOCK TABLES");
  EXPECT_THAT(said(kNever), IsEmpty());
}

TEST_P(LocksTest, SluicesOwnScansAreNotInTheWay) {
  if (!shown() || GetParam() == Engine::kMariadb) return;  // MariaDB does not tell programs' names
  const auto scan = open(mysql::Options{}.program);
  test::must_run(*scan, "START TRANSACTION");
  test::must_run(*scan, "SELECT * FROM t");
  EXPECT_THAT(said(kAtOnce), IsEmpty());
  test::must_run(*scan, "ROLLBACK");
}

INSTANTIATE_TEST_SUITE_P(Servers, LocksTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
