// What is taken for a change of a schema in a binary log.
#include "admin/change/log_follower.h"

#include <gmock/gmock.h>

namespace sluice::change {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LoggedStatement logged(std::string sql, std::string schema = "shop") {
  LoggedStatement statement;
  statement.sql = std::move(sql);
  statement.schema = std::move(schema);
  return statement;
}

std::vector<TouchedDatabase> touched(std::string sql, std::string schema = "shop",
                                     std::uint64_t sql_mode = 0) {
  auto statement = logged(std::move(sql), std::move(schema));
  statement.sql_mode = sql_mode;
  return touched_by(statement, {});
}

TEST(LogFollowerTest, OnlyTheFirstWordIsReadToTellWhatIsNoDdl) {
  for (const auto* sql :
       {"ALTER TABLE t ADD a int", " /* by x */ -- y\n# z\ncreate table t (a int)",
        "/*!50001 CREATE VIEW v AS SELECT 1 */", "RENAME TABLE a TO b", "drop table t"}) {
    EXPECT_TRUE(may_be_ddl(sql)) << sql;
  }
  for (const auto* sql : {"INSERT INTO t VALUES (1)", "BEGIN", "/* CREATE */ UPDATE t SET a = 1",
                          "-- ALTER", "", "TRUNCATE t", "SAVEPOINT create_x", "/* open"}) {
    EXPECT_FALSE(may_be_ddl(sql)) << sql;
  }
}

TEST(LogFollowerTest, TheTouchedDatabasesAreThoseOfTheObjects) {
  EXPECT_THAT(touched("ALTER TABLE t1 ADD COLUMN age integer"),
              ElementsAre(TouchedDatabase{"shop", {"t1"}, false}));
  EXPECT_THAT(touched("CREATE TABLE other.t (a int)"),
              ElementsAre(TouchedDatabase{"other", {"t"}, false}));
  EXPECT_THAT(
      touched("DROP TABLE a, other.b"),
      ElementsAre(TouchedDatabase{"shop", {"a"}, false}, TouchedDatabase{"other", {"b"}, false}));
  EXPECT_THAT(touched("CREATE TABLE \"t\" (a int)", "shop", 4),
              ElementsAre(TouchedDatabase{"shop", {"t"}, false}));
  EXPECT_THAT(touched("CREATE TEMPORARY TABLE t (a int)"), IsEmpty());
  EXPECT_THAT(touched("CREATE USER u"), IsEmpty());
  const auto made = touched("DROP DATABASE shop", "");
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].name, "shop");
  EXPECT_TRUE(made[0].itself);
}

TEST(LogFollowerTest, WhatCannotBeReadIsAChangeOfItsDatabase) {
  EXPECT_THAT(touched("ALTER TABLE t SOMETHING NEW (1)"),
              ElementsAre(TouchedDatabase{"shop", {}, false}));
  EXPECT_THAT(touched("ALTER NONSENSE", ""), IsEmpty());
}

TEST(LogFollowerTest, BytesThatAreNoEventAreAFault) {
  LogFollower follower({"s", "binlog.000001", 4, ""}, false);
  const std::vector<std::uint8_t> bytes(25, 0xFF);
  mysql::BinlogEventView event;
  event.bytes = bytes;
  event.type = 2;
  EXPECT_FALSE(follower.take(event, {"binlog.000001", 29}));
  event.type = 19;  // rows are not looked at
  EXPECT_TRUE(follower.take(event, {"binlog.000001", 29}));
  EXPECT_EQ(follower.place().position, 4);
}

}  // namespace
}  // namespace sluice::change
