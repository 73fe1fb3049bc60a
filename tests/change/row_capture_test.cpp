// Rollbacks where the binary log does not have the rows: they are read before and after.
#include "admin/change/row_capture.h"

#include <gmock/gmock.h>

#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using policy::IssueKind;
using policy::TaskStatus;
using testing::HasSubstr;
using testing_support::EngineTest;
using testing_support::eventually;

CapturePlan plan(const std::string& sql) {
  const policy::rules::Server server;
  const policy::rules::Sheet sheet(sql, server, "shop");
  return plan_capture(sheet.statements().at(0), "shop");
}

TEST(CapturePlan, FindsTheRowsOfASingleTable) {
  auto found = plan(
      "UPDATE LOW_PRIORITY t AS x SET a = (SELECT MAX(a) FROM u WHERE b), b = 2 "
      "WHERE x.id IN (1, 2) ORDER BY id LIMIT 3");
  EXPECT_EQ(found.refused, "");
  EXPECT_EQ(found.source, "t AS x ");
  EXPECT_EQ(found.tail, "WHERE x.id IN (1, 2) ORDER BY id LIMIT 3");
  EXPECT_EQ(found.table, "t");
  EXPECT_EQ(found.schema, "shop");
  found = plan("DELETE FROM other.t");
  EXPECT_EQ(found.source, "other.t");
  EXPECT_EQ(found.tail, "");
  EXPECT_EQ(found.schema, "other");
  found = plan("INSERT INTO t VALUES (1)");
  EXPECT_TRUE(found.inserts);
  EXPECT_EQ(found.source, "");
  EXPECT_TRUE(plan("SELECT 1").nothing);
  EXPECT_TRUE(plan("COMMIT").nothing);
  EXPECT_NE(plan("CALL p()").refused, "");
  EXPECT_NE(plan("UPDATE a, b SET a.x = 1, b.x = 2").refused, "");
  EXPECT_NE(plan("TRUNCATE t").refused, "");
}

class RowCaptureTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    run_sql("SET GLOBAL binlog_format = 'STATEMENT'");
    engine_.emplace(services(*store_), config());
    engine_->start();
    database_id_ = make_database();
  }
  void TearDown() override {
    engine_.reset();
    if (control_) run_sql("SET GLOBAL binlog_format = 'ROW'");
    EngineTest::TearDown();
  }
  store::Id change_data(const std::string& statement) {
    auto asked = request(IssueKind::kDataUpdate, database_id_, statement);
    asked.keep_rollback = true;
    const auto issue = create(*engine_, asked).issue.id;
    let_run(*engine_, issue);
    return issue;
  }
  store::Id undo(store::Id issue) {
    RollbackRequest asked;
    asked.creator = author_.user;
    const auto made = engine_->roll_back(issue, asked);
    EXPECT_TRUE(made.has_value()) << made.error().detail;
    if (!made) return 0;
    EXPECT_TRUE(wait_for_checks(made->issue.id));
    const auto approved = engine_->approve(made->issue.id, other_);
    EXPECT_TRUE(approved.has_value()) << checks_text(made->issue.id);
    wait_for(made->issue.id, TaskStatus::kDone);
    return made->issue.id;
  }
  std::string reason(store::Id issue) {
    const auto made = engine_->roll_back(issue, {});
    return made ? "" : made.error().detail;
  }
  // Every value of the table, bit for bit.
  std::string dump(const std::string& name) {
    const auto columns =
        control_->rows("SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '" +
                       database_ + "' AND TABLE_NAME = '" + name + "' ORDER BY ORDINAL_POSITION");
    std::string list;
    for (const auto& column : *columns) {
      list += ", COALESCE(HEX(CAST(`" + column.at(0).value_or("") + "` AS BINARY)), 'NULL')";
    }
    return value("SELECT GROUP_CONCAT(CONCAT_WS(':'" + list + ") ORDER BY id) FROM " + database_ +
                 "." + name);
  }

  std::optional<Engine> engine_;
  store::Id database_id_ = 0;
};

TEST_P(RowCaptureTest, EveryTypeComesBackAsItWas) {
  run_sql("SET SESSION group_concat_max_len = 1000000");
  run_sql(
      "CREATE TABLE " + database_ +
      ".k (id INT PRIMARY KEY, u BIGINT UNSIGNED, f FLOAT, d DOUBLE, n DECIMAL(30,10), b BIT(9), "
      "y YEAR, e ENUM('a','b,c'), s SET('x','y','z'), da DATE, ti TIME(3), dt DATETIME(6), ts "
      "TIMESTAMP(2) NULL DEFAULT NULL, c CHAR(5) CHARACTER SET latin1, v VARCHAR(30) CHARACTER "
      "SET utf8mb4, t TEXT, bi BINARY(4), vb VARBINARY(9), bl BLOB, j JSON, g GEOMETRY, ge INT "
      "AS (id * 2) STORED)");
  run_sql(
      "INSERT INTO " + database_ +
      ".k (id, u, f, d, n, b, y, e, s, da, ti, dt, ts, c, v, t, bi, vb, bl, j, g) VALUES (1, "
      "18446744073709551615, 0.1, 1e300, -12345678901234567890.0123456789, b'101010101', 2024, "
      "'b,c', 'x,z', '2024-02-29', '-838:59:58.999', '2024-01-02 03:04:05.678901', '2024-06-01 "
      "12:00:00.25', _latin1 0xe9, 'é🐬', 'it''s\\\\', 0x00ff, 0x0001, 0x00, '{\"a\": [1, null]}', "
      "ST_GeomFromText('POINT(1 2)')), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
      "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (3, 0, -0.5, 3.25, 0, 0, "
      "0, 'a', '', '1000-01-01', '00:00:00', '9999-12-31 23:59:59', NULL, '', '', '', '', '', '', "
      "'[]', NULL)");
  const auto before = dump("k");
  const auto issue = change_data(
      "UPDATE k SET u = 1, f = 2, d = 3, n = 4, b = 5, y = 1999, e = 'a', s = 'y', da = "
      "'2000-01-01', ti = '01:02:03', dt = '2001-01-01', ts = '2001-01-01 00:00:00', c = 'c', v = "
      "'v', t = 't', bi = 'b', vb = 'v', bl = 'b', j = '1', g = NULL WHERE id < 3; DELETE FROM k "
      "WHERE id = 3; INSERT INTO k (id, u) VALUES (4, 4)");
  const auto after = dump("k");
  EXPECT_NE(before, after);
  const auto data = store_->rollbacks().of_run(store_->issues().get(issue)->tasks[0].id, 1);
  ASSERT_TRUE(data.has_value() && data->has_value());
  EXPECT_EQ((*data)->source, store::RollbackSource::kRows);
  EXPECT_EQ((*data)->reason, "");
  EXPECT_EQ((*data)->rows, 4);
  // The rollback itself runs without the log, too, and can be undone.
  const auto rollback = undo(issue);
  EXPECT_EQ(dump("k"), before);
  ASSERT_NE(rollback, 0);
  undo(rollback);
  EXPECT_EQ(dump("k"), after);
}

TEST_P(RowCaptureTest, ATransactionThatIsRolledBackKeepsNothing) {
  const auto issue = change_data(
      "INSERT INTO t VALUES (1, 1); BEGIN; INSERT INTO t VALUES (2, 2); ROLLBACK; BEGIN; UPDATE t "
      "SET n = 5; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (3, 3); COMMIT; BEGIN; INSERT "
      "INTO t VALUES (4, 4); ROLLBACK");
  EXPECT_EQ(value("SELECT GROUP_CONCAT(id) FROM " + database_ + ".t"), "3");
  undo(issue);
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "0");
}

TEST_P(RowCaptureTest, WhatCannotBeReadIsRefusedWithTheReason) {
  run_sql("CREATE TABLE " + database_ + ".nokey (a INT)");
  EXPECT_THAT(reason(change_data("INSERT INTO nokey VALUES (1)")), HasSubstr("no primary key"));
  run_sql("CREATE TABLE " + database_ +
          ".child (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) "
          "REFERENCES " +
          database_ + ".t (id) ON DELETE CASCADE)");
  run_sql("INSERT INTO " + database_ + ".t VALUES (1, 1)");
  EXPECT_THAT(reason(change_data("DELETE FROM t WHERE id = 1")), HasSubstr("child"));
  run_sql("INSERT INTO " + database_ + ".t VALUES (1, 1)");
  EXPECT_THAT(reason(change_data("UPDATE t, child SET n = 2")), HasSubstr("one table"));
}

INSTANTIATE_TEST_SUITE_P(Engines, RowCaptureTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change
