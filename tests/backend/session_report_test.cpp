#include "proxy/backend/session_report.h"

#include <gtest/gtest.h>

namespace sluice::backend {
namespace {

TEST(SessionReport, LinesAreReadInOrder) {
  const auto report = parse_report(
      "ANSI_QUOTES\nsjis\n0\nsjis_bin\n1\n1\nautocommit,sql_mode\nOWN_GTID\nodd\nname");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sql_mode, "ANSI_QUOTES");
  EXPECT_EQ(report->charset, "sjis");
  EXPECT_FALSE(report->default_charsets);
  EXPECT_EQ(report->collation, "sjis_bin");
  EXPECT_EQ(report->lower_case_table_names, 1);
  EXPECT_TRUE(report->track_schema);
  EXPECT_EQ(report->variables, "autocommit,sql_mode");
  EXPECT_EQ(report->gtids, "OWN_GTID");
  EXPECT_EQ(report->schema, "odd\nname");
}

TEST(SessionReport, AnEmptyModeAndNoSchemaAreNothingMissing) {
  EXPECT_TRUE(parse_report("a\nb\n0\nc\n0\nON\n\n0")->track_schema);
  const auto report = parse_report("\nutf8mb4\n1\nutf8mb4_bin\n0\n0\n\nOFF");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->sql_mode, "");
  EXPECT_TRUE(report->default_charsets);
  EXPECT_FALSE(report->track_schema);
  EXPECT_EQ(report->schema, "");
}

TEST(SessionReport, AnythingElseIsRefused) {
  for (const char* text :
       {"", "\n", "a\nb\n1\nc\n0\n0\n0", "a\nb\n1\nc\nx\n0\n0\nOFF", "a\n\n1\nc\n0\n0\n0\nOFF"}) {
    EXPECT_FALSE(parse_report(text)) << text;
  }
}

TEST(SessionReport, MissingNamesAreAddedOnce) {
  EXPECT_EQ(tracked_variables("", false),
            "sql_mode,character_set_client,session_track_system_variables");
  EXPECT_EQ(tracked_variables("autocommit, SQL_MODE", true),
            "autocommit, SQL_MODE,character_set_client,session_track_system_variables,last_gtid");
  EXPECT_EQ(tracked_variables("*", true), "*");
  // To MySQL a star among names is a name that no variable has.
  EXPECT_EQ(tracked_variables("*,a", false),
            "*,a,sql_mode,character_set_client,session_track_system_variables");
}

TEST(SessionReport, OrderAndCaseOfNamesDoNotMatter) {
  EXPECT_TRUE(same_names("a,b,c", "C, a ,b"));
  EXPECT_TRUE(same_names("", ""));
  EXPECT_FALSE(same_names("a,b", "a,b,c"));
  EXPECT_FALSE(same_names("a", ""));
}

}  // namespace
}  // namespace sluice::backend
