// Who ran what the log names by thread alone.
#include "admin/change/log_authors.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using testing_support::eventually;
using namespace std::chrono_literals;

const SessionAccount kGrace{"grace", "10.0.0.3"};
const SessionAccount kAda{"ada", "10.0.0.4"};

store::Time at(int second) {
  return store::Time(std::chrono::seconds(second));
}
CountedStatements counted(int second, std::int64_t grace, std::int64_t ada) {
  return {{{{"alter", kGrace}, grace}, {{"alter", kAda}, ada}, {{"create", kAda}, 9}}, at(second)};
}

TEST(AccountCountsTest, TheOnlyAccountWhoseCountRoseIsTheAuthor) {
  AccountCounts counts;
  counts.reset(counted(10, 3, 5));
  EXPECT_EQ(counts.author("alter", at(11), counted(12, 4, 5)), kGrace);
  EXPECT_EQ(counts.author("alter", at(13), counted(14, 4, 6)), kAda);
  EXPECT_EQ(counts.author("alter", at(15), counted(16, 4, 6)), std::nullopt);
  EXPECT_EQ(counts.author("rename", at(15), counted(16, 5, 6)), std::nullopt);
}

TEST(AccountCountsTest, OfTwoNeitherIsNamed) {
  AccountCounts counts;
  counts.reset(counted(10, 3, 5));
  EXPECT_EQ(counts.author("alter", at(11), counted(12, 4, 6)), std::nullopt);
}

// The second of two was counted already when the first was asked for.
TEST(AccountCountsTest, OneWhoRanSeveralIsNamedForEach) {
  AccountCounts counts;
  counts.reset(counted(10, 3, 5));
  EXPECT_EQ(counts.author("alter", at(11), counted(20, 6, 5)), kGrace);
  EXPECT_EQ(counts.author("alter", at(12), counted(21, 6, 5)), kGrace);
  // But one who ran something between them may have run it.
  EXPECT_EQ(counts.author("alter", at(13), counted(22, 6, 6)), std::nullopt);
}

// What was committed before the base was counted may be in it.
TEST(AccountCountsTest, ABaseThatIsYoungerThanTheStatementTellsNothing) {
  AccountCounts counts;
  counts.reset(counted(10, 3, 5));
  EXPECT_EQ(counts.author("alter", at(9), counted(12, 3, 6)), std::nullopt);
  EXPECT_EQ(counts.author("alter", at(9), counted(12, 3, 5)), std::nullopt);
}

TEST(AccountCountsTest, AnAccountThatWasNeverSeenMayBeTheAuthor) {
  AccountCounts counts;
  counts.reset({{{{"alter", kAda}, 5}}, at(10)});
  EXPECT_EQ(counts.author("alter", at(11), counted(12, 1, 5)), kGrace);
}

class LogAuthorsTest : public testing_support::EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    run_sql("CREATE DATABASE " + database_);
    run_sql("CREATE TABLE " + database_ + ".t1 (id INT PRIMARY KEY)");
    for (const auto* user : {"passing_by", "passing_too"}) {
      run_sql(std::string("DROP USER IF EXISTS '") + user + "'@'%'");
      run_sql(std::string("CREATE USER '") + user + "'@'%' IDENTIFIED BY 'p'");
      run_sql("GRANT ALL ON " + database_ + ".* TO '" + user + "'@'%'");
    }
  }
  void TearDown() override {
    if (control_) {
      run_sql("DROP USER IF EXISTS 'passing_by'@'%'");
      run_sql("DROP USER IF EXISTS 'passing_too'@'%'");
    }
    EngineTest::TearDown();
  }
  std::unique_ptr<mysql::Connection> connect(const std::string& user) {
    auto options = test::server_options(GetParam());
    options.username = user;
    options.password = mysql::Password("p");
    options.database = database_;
    auto opened = mysql::Connection::open(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  // Runs it and is gone, as `mysql -e` is; what the log would say of it.
  LoggedStatement run_and_go(const std::string& user, const std::string& sql) {
    auto connection = connect(user);
    LoggedStatement logged;
    if (!connection) return logged;
    logged.sql = sql;
    logged.thread_id = static_cast<std::uint32_t>(connection->thread_id());
    logged.committed = server_time();
    const auto ran = connection->query(sql);
    EXPECT_TRUE(ran) << ran.error().message << ": " << sql;
    connection.reset();
    const auto gone = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " +
                      std::to_string(logged.thread_id);
    EXPECT_TRUE(eventually([&] { return *control_->value(gone) == "0"; }));
    return logged;
  }
  store::Time server_time() {
    const auto now = control_->value("SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)");
    return store::Time(std::chrono::microseconds(std::stoll(now->value_or("0"))));
  }
  static store::OutsideStatement named(LogAuthors& authors, const LoggedStatement& logged) {
    store::OutsideStatement statement;
    authors.name(statement, logged);
    return statement;
  }
};

TEST_P(LogAuthorsTest, ASessionIsNamedWhileItIsThereAndAfterItWasSeen) {
  LogAuthors authors(*control_, 0ms);
  auto connection = connect("passing_by");
  ASSERT_NE(connection, nullptr);
  LoggedStatement logged;
  logged.sql = "RENAME TABLE t1 TO t2";
  logged.thread_id = static_cast<std::uint32_t>(connection->thread_id());
  EXPECT_EQ(named(authors, logged).account, "passing_by");
  connection.reset();
  const auto gone = named(authors, logged);
  EXPECT_EQ(gone.account, "passing_by");
  EXPECT_FALSE(gone.host.empty());
  EXPECT_EQ(gone.author_by, "session");
}

TEST_P(LogAuthorsTest, ASessionThatWasNeverSeenIsNamedByTheCountsOfItsAccount) {
  const auto counts = counts_accounts(*control_);
  ASSERT_TRUE(counts) << counts.error().message;
  if (!*counts) GTEST_SKIP() << "performance_schema is off";
  LogAuthors authors(*control_, 1h);
  authors.sample();
  authors.caught_up();
  const auto first = run_and_go("passing_by", "RENAME TABLE t1 TO t2");
  const auto second = run_and_go("passing_by", "RENAME TABLE t2 TO t3");
  for (const auto& logged : {first, second}) {
    const auto statement = named(authors, logged);
    EXPECT_EQ(statement.account, "passing_by") << logged.sql;
    EXPECT_FALSE(statement.host.empty());
    EXPECT_EQ(statement.author_by, "counts");
  }
  // Two have run one each, and both are gone: neither is named.
  const auto mine = run_and_go("passing_by", "RENAME TABLE t3 TO t4");
  const auto theirs = run_and_go("passing_too", "RENAME TABLE t4 TO t5");
  EXPECT_EQ(named(authors, mine).account, "");
  EXPECT_EQ(named(authors, theirs).author_by, "");
  // Once the log was read to its end what ran before is out of question.
  authors.passed();
  authors.caught_up();
  EXPECT_EQ(named(authors, run_and_go("passing_too", "RENAME TABLE t5 TO t6")).account,
            "passing_too");
}

TEST_P(LogAuthorsTest, WhatTheLogSaysGoesBeforeCounts) {
  LogAuthors authors(*control_, 1h);
  LoggedStatement logged;
  logged.sql = "CREATE VIEW v AS SELECT 1";
  logged.thread_id = 4'000'000'000;  // no such session
  logged.user = "grace";
  logged.host = "10.0.0.3";
  const auto statement = named(authors, logged);
  EXPECT_EQ(statement.account, "grace");
  EXPECT_EQ(statement.host, "10.0.0.3");
  EXPECT_EQ(statement.author_by, "log");
}

INSTANTIATE_TEST_SUITE_P(Servers, LogAuthorsTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
