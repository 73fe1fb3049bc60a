#include "proxy/session/text_hints.h"

#include <gtest/gtest.h>

namespace sluice::session {
namespace {

TEST(TextHints, TextsThatChangeNothingAskForNothing) {
  for (const char* text :
       {"SELECT c FROM sbtest1 WHERE id=5", "UPDATE users SET names = 'x', charset = 'y'",
        "INSERT INTO t SET sql_mode = 1", "SELECT * FROM t USE INDEX (a)",
        "SELECT * FROM t use key(a)", "SET autocommit = 0", "BEGIN", "CALL p(1)", "SHOW WARNINGS",
        "SELECT user, used, executed FROM settings"}) {
    const TextHints hints = look_at(text);
    EXPECT_EQ(hints.changes, 0) << text;
    EXPECT_FALSE(hints.ask || hints.names_trackers || hints.connection_id) << text;
  }
}

TEST(TextHints, EveryWayToChangeAFactIsSeen) {
  const auto changes = [](std::string_view text) { return look_at(text).changes; };
  EXPECT_EQ(changes("set names gbk"), fact::kCharset);
  EXPECT_EQ(changes("SET @a=1, CHARACTER SET latin1"), fact::kCharset);
  EXPECT_EQ(changes("SET charset latin1"), fact::kCharset);
  EXPECT_EQ(changes("SET @@session.character_set_client=sjis"), fact::kCharset);
  EXPECT_EQ(changes("/*!40101 SET SQL_MODE='' */"), fact::kSqlMode);
  EXPECT_EQ(changes("/*!40101SET sql_mode='' */"), fact::kSqlMode);
  EXPECT_EQ(changes("SET\n`sql_mode`=ansi_quotes"), fact::kSqlMode);
  EXPECT_EQ(changes("\xa0SET\xa0sql_mode=ansi"), fact::kSqlMode);
  EXPECT_EQ(changes("use shop"), fact::kSchema);
  EXPECT_EQ(changes("SELECT 1;USE`shop`"), fact::kSchema);
  EXPECT_EQ(changes("UPDATE t SET a=1; SET names gbk"), fact::kCharset);
  EXPECT_EQ(changes("/* update */ SET names gbk"), fact::kCharset);
  EXPECT_EQ(changes("BEGIN NOT ATOMIC SET sql_mode='ansi'; END"), fact::kSqlMode);
}

TEST(TextHints, WhatNoTrackerCanConfirmIsAskedFor) {
  for (const char* text :
       {"EXECUTE s", "EXECUTE IMMEDIATE @text", "/*!execute s*/",
        "SET STATEMENT sql_mode='ansi' FOR SELECT 1", "SET session_track_schema=0",
        "SET @@session.SESSION_TRACK_SYSTEM_VARIABLES=''",
        "SELECT @@session_track_system_variables", "PREPARE s FROM 'SET session_track_schema=0'"}) {
    EXPECT_TRUE(look_at(text).ask) << text;
    EXPECT_EQ(look_at(text).changes, fact::kAll) << text;
  }
  EXPECT_TRUE(look_at("SET session_track_schema=0").names_trackers);
  EXPECT_FALSE(look_at("EXECUTE s").names_trackers);
  EXPECT_TRUE(look_at("SELECT 1 + Connection_ID ()").connection_id);
}

TEST(TextHints, DiagnosticsAreReadBeforeAnythingIsAsked) {
  for (const char* text :
       {"SHOW WARNINGS", "show count(*) errors;", "SHOW ERRORS LIMIT 1", "SELECT @@warning_count",
        "SELECT ROW_COUNT(), FOUND_ROWS()", "GET DIAGNOSTICS @a = NUMBER"}) {
    EXPECT_TRUE(reads_diagnostics(text)) << text;
  }
  for (const char* text : {"SHOW TABLES", "SELECT ROW_COUNT() FROM t", "SELECT \"ROW_COUNT()\"",
                           "SELECT 1", "SHOW WARNINGS; DROP TABLE t", "SHOW WARNINGS /*!, x*/",
                           "SELECT FOUND_ROWS() INTO OUTFILE 'x'", "DROP TABLE ROW_COUNT"}) {
    EXPECT_FALSE(reads_diagnostics(text)) << text;
  }
}

}  // namespace
}  // namespace sluice::session
