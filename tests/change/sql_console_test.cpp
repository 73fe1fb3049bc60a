#include "admin/change/sql_console.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/change/schema_corpus.h"

namespace sluice::change {
namespace {

using test::Engine;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = SqlRefusal::Kind;
using mysql::Cell;
using namespace std::chrono_literals;

TEST(ReadModeTest, OnlyWhatReadsMayRun) {
  const parser::Dialect dialect;
  for (const auto* sql : {"SELECT 1", "SHOW TABLES", "EXPLAIN SELECT * FROM t", "DESCRIBE t",
                          "WITH c AS (SELECT 1) SELECT * FROM c", "TABLE t", "VALUES ROW(1)"}) {
    EXPECT_EQ(why_not_read(sql, dialect), std::nullopt) << sql;
  }
  for (const auto* sql :
       {"DELETE FROM t", "SELECT 1; DELETE FROM t", "/*!50001 DELETE FROM t */", "DROP TABLE t",
        "SET GLOBAL max_connections = 1", "CALL p()", "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT LOAD_FILE('/etc/passwd')", "SELECT (SELECT load_file('/x'))", "COMMIT", "GRANT x",
        "", "-- nothing", "SELEC 1", "EXPLAIN ANALYZE DELETE FROM t", "KILL 1",
        "PREPARE s FROM 'DELETE FROM t'", "FLUSH TABLES"}) {
    EXPECT_NE(why_not_read(sql, dialect), std::nullopt) << sql;
  }
}

// An answer as a value.
struct Shown {
  mysql::ResultSet set;
  SqlCut cut = SqlCut::kNone;
};
class Collected final : public SqlSink {
 public:
  bool columns(std::span<const mysql::Column> columns) override {
    results.emplace_back().set.columns.assign(columns.begin(), columns.end());
    open_ = true;
    return true;
  }
  bool row(std::span<const mysql::CellView> cells) override {
    mysql::Row row;
    for (const auto& cell : cells) row.push_back(cell ? Cell(std::string(*cell)) : Cell());
    results.back().set.rows.push_back(std::move(row));
    return results.back().set.rows.size() < wanted;
  }
  void done(const mysql::Completion& completion, SqlCut cut) override {
    if (!open_) results.emplace_back();
    results.back().set.completion = completion;
    results.back().cut = cut;
    open_ = false;
  }
  std::vector<Shown> results;
  std::size_t wanted = SIZE_MAX;

 private:
  bool open_ = false;
};
using Answer = boost::system::result<std::vector<Shown>, SqlRefusal>;

Answer run_sql(const mysql::Options& options, const SqlRequest& request) {
  Collected collected;
  const auto ran = change::run_sql(options, request, collected, nullptr);
  if (!ran) return ran.error();
  return std::move(collected.results);
}

class SqlConsoleTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options_);
    ASSERT_TRUE(connection) << connection.error().message;
    admin_ = std::move(*connection);
    name_ = "console_" + std::to_string(::getpid());
    test::make_database(*admin_, name_, "utf8mb4");
    options_.database = name_;
    for (const auto* sql :
         {"CREATE TABLE t (id int PRIMARY KEY, a varchar(20))",
          "INSERT INTO t VALUES (1,'x'),(2,'y'),(3,'z')",
          "CREATE FUNCTION writes() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM "
          "t; RETURN 1; END",
          "CREATE PROCEDURE p() BEGIN SELECT 1 AS a; SELECT id FROM t; DELETE FROM t WHERE id = 1; "
          "END"}) {
      test::must_run(*admin_, sql);
    }
  }
  void TearDown() override {
    if (admin_) test::must_run(*admin_, "DROP DATABASE IF EXISTS `" + name_ + "`");
  }
  Answer run(const std::string& sql, bool admin = false, std::uint64_t rows = 1000) {
    SqlRequest request;
    request.statement = sql;
    request.admin = admin;
    request.max_rows = rows;
    return run_sql(options_, request);
  }
  std::string count() { return **admin_->value("SELECT COUNT(*) FROM t"); }
  mysql::Options options_;
  std::unique_ptr<mysql::Connection> admin_;
  std::string name_;
};

TEST_P(SqlConsoleTest, ReadsWithinTheLimits) {
  const auto all = run("SELECT id, a FROM t ORDER BY id");
  ASSERT_TRUE(all) << all.error().detail;
  EXPECT_EQ(all->at(0).set.rows.size(), 3U);
  EXPECT_EQ(all->at(0).cut, SqlCut::kNone);
  const auto two = run("SELECT id FROM t ORDER BY id", false, 2);
  ASSERT_TRUE(two);
  EXPECT_THAT(two->at(0).set.rows, ElementsAre(ElementsAre(Cell("1")), ElementsAre(Cell("2"))));
  EXPECT_EQ(two->at(0).cut, SqlCut::kRows);
  EXPECT_EQ(run("SELECT id FROM t ORDER BY id LIMIT 3", false, 2)->at(0).cut, SqlCut::kRows);
  SqlRequest small;
  small.statement = "SELECT REPEAT('x', 1000) FROM t";
  small.max_bytes = 2500;
  const auto bytes = run_sql(options_, small);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->at(0).set.rows.size(), 2U);
  EXPECT_EQ(bytes->at(0).cut, SqlCut::kBytes);
}

TEST_P(SqlConsoleTest, NothingIsWrittenInReadMode) {
  EXPECT_EQ(run("DELETE FROM t").error().kind, Kind::kNotAllowed);
  // What the text does not show, the server's READ ONLY transaction refuses.
  const auto hidden = run("SELECT writes()");
  ASSERT_FALSE(hidden);
  EXPECT_EQ(hidden.error().kind, Kind::kServer);
  EXPECT_EQ(hidden.error().number, 1792U);
  EXPECT_EQ(count(), "3");
  EXPECT_EQ(run("SELECT * FROM no_such_table").error().number, 1146U);
}

TEST_P(SqlConsoleTest, AdminModeRunsToItsEndAndGivesEveryResult) {
  const auto called = run("CALL p()", true, 2);
  ASSERT_TRUE(called) << called.error().detail;
  ASSERT_EQ(called->size(), 3U);
  EXPECT_EQ(called->at(0).set.columns.at(0).name, "a");
  EXPECT_EQ(called->at(1).cut, SqlCut::kRows);
  EXPECT_EQ(count(), "2");
  EXPECT_EQ(run("DELETE FROM t", true)->at(0).set.completion.affected_rows, 2U);
  EXPECT_EQ(count(), "0");
}

TEST_P(SqlConsoleTest, ALongStatementIsEnded) {
  SqlRequest request;
  request.statement =
      "SELECT COUNT(*) FROM information_schema.COLUMNS a, "
      "information_schema.COLUMNS b, information_schema.COLUMNS c";
  request.timeout = 1s;
  const auto late = run_sql(options_, request);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Kind::kDeadline) << late.error().detail;
}

TEST_P(SqlConsoleTest, WhoWantsNoMoreRowsEndsTheStatement) {
  SqlRequest request;
  request.statement = "SELECT id FROM t ORDER BY id";
  Collected collected;
  collected.wanted = 2;
  const auto ended = change::run_sql(options_, request, collected, nullptr);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, Kind::kStopped);
  EXPECT_EQ(collected.results.at(0).set.rows.size(), 2U);
  mysql::Cancellation cancelled;
  cancelled.request();
  const auto never = change::run_sql(options_, request, collected, &cancelled);
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().kind, Kind::kStopped);
}

TEST_P(SqlConsoleTest, NoConnectionIsSaid) {
  options_.host = "no-such-host.invalid";
  const auto none = run("SELECT 1");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, Kind::kUnreachable);
  EXPECT_THAT(none.error().detail, HasSubstr("no-such-host.invalid"));
}

INSTANTIATE_TEST_SUITE_P(Servers, SqlConsoleTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
