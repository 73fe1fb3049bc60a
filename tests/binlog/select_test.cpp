#include "proxy/binlog/select.h"

#include <gmock/gmock.h>

namespace sluice::binlog {
namespace {

using testing::HasSubstr;
using Verdict = Selection::Verdict;

struct Stream {
  explicit Stream(Criteria criteria) : selection(std::move(criteria)) {
    feed(FormatDescription{4, "9.7.4", true, false, {}, false});
  }
  Verdict feed(Body body, std::uint32_t time = 100) {
    Event event{{}, std::move(body)};
    event.header.timestamp = time;
    const auto verdict = selection.feed(event);
    EXPECT_TRUE(verdict);
    return verdict ? *verdict : Verdict::kOther;
  }
  void gtid(std::uint64_t number, std::uint32_t time = 100) {
    Gtid gtid;
    gtid.gtid = MysqlGtid{{}, "", number};
    feed(std::move(gtid), time);
  }
  void query(const std::string& sql, std::uint32_t thread = 5) {
    Query query;
    query.thread_id = thread;
    query.sql = sql;
    feed(std::move(query));
  }
  Verdict rows(const std::string& table = "t") {
    auto map = std::make_shared<TableMap>();
    map->schema = "d";
    map->table = table;
    Rows rows;
    rows.table = map;
    return feed(std::move(rows));
  }
  void transaction(std::uint64_t number, std::uint32_t thread, Verdict expected) {
    gtid(number);
    query("BEGIN", thread);
    EXPECT_EQ(rows(), expected);
    feed(Xid{number});
  }
  Selection selection;
};

const std::string kUuid = "00000000-0000-0000-0000-000000000000";

TEST(Select, ByThread) {
  Criteria criteria;
  criteria.thread_id = 5;
  Stream s(criteria);
  s.transaction(1, 5, Verdict::kTake);
  s.transaction(2, 6, Verdict::kSkip);
  s.transaction(3, 5, Verdict::kTake);
  s.selection.finish();
  EXPECT_TRUE(s.selection.obstacles().empty());
  EXPECT_EQ(s.selection.taken().text(), kUuid + ":1:3");
}

TEST(Select, ByGtidSaysWhatIsMissing) {
  Criteria criteria;
  criteria.gtids = *GtidSet::parse(kUuid + ":2:9");
  Stream s(criteria);
  s.transaction(1, 5, Verdict::kSkip);
  s.transaction(2, 6, Verdict::kTake);
  EXPECT_EQ(s.selection.missing().text(), kUuid + ":9");
}

TEST(Select, ByTimeAndTable) {
  Criteria criteria;
  criteria.start_time = 50;
  criteria.stop_time = 60;
  criteria.tables = {{"d", "u"}};
  Stream s(criteria);
  for (const auto& [time, table, expected] :
       {std::tuple{49U, "u", Verdict::kSkip}, std::tuple{50U, "u", Verdict::kTake},
        std::tuple{50U, "t", Verdict::kSkip}, std::tuple{60U, "u", Verdict::kSkip}}) {
    s.gtid(time, time);
    s.query("BEGIN");
    EXPECT_EQ(s.rows(table), expected) << time << table;
    s.feed(Xid{});
  }
}

TEST(Select, MariadbHasNoThreads) {
  Criteria criteria;
  criteria.thread_id = 5;
  Stream s(criteria);
  s.feed(FormatDescription{4, "10.11.19-MariaDB", true, true, {}, false});
  MariaGtidEvent gtid;
  gtid.gtid = {0, 1, 7};
  s.feed(gtid);
  Rows rows;
  rows.table = std::make_shared<TableMap>();
  const auto verdict = s.selection.feed(Event{{}, rows});
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, HasSubstr("GTID"));
}

TEST(Select, ByMariadbsMarkOfASession) {
  Criteria criteria;
  criteria.skips_parallel = true;
  Stream s(criteria);
  s.feed(FormatDescription{4, "10.11.19-MariaDB", true, true, {}, false});
  for (const bool marked : {false, true, false}) {
    MariaGtidEvent gtid;
    gtid.gtid = {0, 1, marked ? 8U : 7U};
    gtid.parallel = !marked;
    s.feed(gtid);
    EXPECT_EQ(s.rows(), marked ? Verdict::kTake : Verdict::kSkip);
    s.feed(Xid{});
  }
  EXPECT_EQ(s.selection.taken().text(), "0-1-8");
}

TEST(Select, TextsOfTheChangeAndAfterIt) {
  Criteria criteria;
  criteria.thread_id = 5;
  Stream s(criteria);
  s.gtid(1);
  s.query("CREATE TABLE before (a int)", 6);
  s.transaction(2, 5, Verdict::kTake);
  s.gtid(3);
  s.query("ALTER TABLE t ADD b int", 6);
  s.gtid(4);
  s.query("TRUNCATE t", 5);
  ASSERT_EQ(s.selection.texts().size(), 2U);
  EXPECT_FALSE(s.selection.texts()[0].selected);
  EXPECT_TRUE(s.selection.texts()[1].selected);
}

TEST(Select, PreparedTransactions) {
  Stream s(Criteria{});
  for (const std::string name : {"a", "b", "c"}) {
    s.gtid(1);
    s.query("XA START X'" + name + "'");
    EXPECT_EQ(s.rows(), Verdict::kTake);
    s.query("XA END");
    s.feed(XaPrepare{false, 1, name, "x"});
  }
  s.gtid(4);
  s.query("XA ROLLBACK X'62',X'78',1");
  s.gtid(5);
  s.query("XA COMMIT X'61',X'78',1");
  s.selection.finish();
  EXPECT_FALSE(s.selection.withdrawn(1));
  EXPECT_TRUE(s.selection.withdrawn(2));
  ASSERT_EQ(s.selection.obstacles().size(), 1U);
  EXPECT_EQ(s.selection.obstacles()[0].group, 3U);
}

TEST(Select, WhatHasNoEndOrWasRolledBack) {
  Stream open(Criteria{});
  open.gtid(1);
  open.query("BEGIN");
  open.rows();
  open.selection.finish();
  EXPECT_EQ(open.selection.obstacles().size(), 1U);

  Stream fell(Criteria{});  // the server's next file begins: the transaction never was
  fell.gtid(1);
  fell.query("BEGIN");
  fell.rows();
  fell.feed(FormatDescription{});
  fell.selection.finish();
  EXPECT_TRUE(fell.selection.obstacles().empty());
  EXPECT_TRUE(fell.selection.withdrawn(1));

  Stream rolled(Criteria{});
  rolled.gtid(1);
  rolled.query("BEGIN");
  rolled.rows();
  rolled.query("ROLLBACK");
  ASSERT_EQ(rolled.selection.obstacles().size(), 1U);
  EXPECT_THAT(rolled.selection.obstacles()[0].what, HasSubstr("rolled back"));

  Stream lost(Criteria{});
  lost.feed(Incident{1, "LOST_EVENTS"});
  EXPECT_EQ(lost.selection.obstacles().size(), 1U);
}

}  // namespace
}  // namespace sluice::binlog
