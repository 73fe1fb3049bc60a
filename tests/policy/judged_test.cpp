#include "policy/judged.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

using parser::ActionGroup;

parser::Dialect dialect() {
  parser::Dialect dialect;
  dialect.multi_statements = true;
  return dialect;
}

// "read+opaque": the groups of a text, with what `programs` knows of the default schema `d`.
std::string groups(std::string_view text, const Programs* programs = nullptr) {
  const Judged judged = judge_text(text, dialect());
  Groups groups = judged.groups;
  if (judged.needs_lookup) {
    groups = {};
    for (const auto& facts : judged.statements) groups.add(groups_of(facts, "d", programs));
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    const auto group = static_cast<ActionGroup>(i);
    if (groups.has(group)) out += (out.empty() ? "" : "+") + std::string(parser::to_string(group));
  }
  return out;
}

Programs programs_of_d() {
  Programs programs;
  programs.add_routine("d", "Looks", ActionGroup::Read);
  programs.add_routine("d", "writes", ActionGroup::Dml);
  programs.add_trigger("d", "t", ActionGroup::Opaque);
  programs.add_trigger("d", "t", ActionGroup::Dml);
  programs.complete("d");
  return programs;
}

TEST(Judged, a_text_is_of_the_groups_of_all_its_statements) {
  EXPECT_EQ(groups("SELECT 1"), "read");
  EXPECT_EQ(groups("SELECT 1; BEGIN; DROP TABLE t"), "read+transaction+ddl");
  EXPECT_EQ(groups("CREATE TEMPORARY TABLE t (a int)"), "session");
  EXPECT_EQ(groups("SELEC 1"), "opaque");
  // Both servers answer that the query was empty, and do nothing.
  EXPECT_EQ(groups(""), "read");
  EXPECT_EQ(groups("/* x */ -- y"), "read");
  EXPECT_EQ(groups("SELECT 1; SELEC 2"), "opaque");
}

TEST(Judged, a_prepare_with_a_mode_of_its_own_does_not_only_prepare) {
  parser::Dialect mariadb = dialect();
  mariadb.engine = parser::Engine::MariaDb;
  mariadb.server_version = 101119;
  EXPECT_TRUE(judge_text("PREPARE s FROM 'SELECT 1'", mariadb).only_prepares());
  EXPECT_FALSE(
      judge_text("SET STATEMENT sql_mode='ANSI_QUOTES' FOR PREPARE s FROM 'SELECT 1'", mariadb)
          .only_prepares());
  const auto hidden = judge_text("SET STATEMENT sql_log_bin=0 FOR DELETE FROM t", mariadb);
  EXPECT_TRUE(hidden.accepted && hidden.groups.has(ActionGroup::Server));
}

TEST(Judged, what_a_prepared_text_does_counts_and_what_is_only_stored_or_explained_does_not) {
  EXPECT_NE(groups("PREPARE s FROM 'DROP TABLE t'").find("ddl"), std::string::npos);
  EXPECT_NE(groups("PREPARE s FROM 'SELECT 1 INTO OUTFILE \"x\"'").find("server"),
            std::string::npos);
  EXPECT_EQ(groups("EXPLAIN DELETE FROM t"), "read");
  EXPECT_EQ(groups("CREATE PROCEDURE p() BEGIN FLUSH TABLES; CALL q(); END"), "ddl");
}

TEST(Judged, files_and_hidden_changes_are_the_servers) {
  EXPECT_EQ(groups("SELECT 1 INTO OUTFILE '/tmp/x'"), "read+server");
  EXPECT_EQ(groups("SELECT 1 INTO DUMPFILE '/tmp/x'"), "read+server");
  EXPECT_EQ(groups("SELECT 1 INTO @a"), "read");
  for (const char* set : {"SET sql_log_bin = 0", "SET @@session.sql_log_bin = 0",
                          "SET SESSION Binlog_Format = 'STATEMENT'", "SET gtid_next = 'AUTOMATIC'",
                          "SET autocommit = 0, @@binlog_row_image = MINIMAL"}) {
    EXPECT_NE(groups(set).find("server"), std::string::npos) << set;
  }
  EXPECT_EQ(groups("SET sql_mode = '', autocommit = 0"), "session");
}

TEST(Judged, programs_are_judged_by_what_is_known_of_them) {
  const Programs programs = programs_of_d();
  EXPECT_EQ(groups("CALL writes()"), "opaque");
  EXPECT_EQ(groups("CALL writes()", &programs), "dml");
  EXPECT_EQ(groups("CALL d.LOOKS()", &programs), "read");
  EXPECT_EQ(groups("CALL other.looks()", &programs), "opaque");
  EXPECT_EQ(groups("CALL looks(unknown_f())", &programs), "read+opaque");
  EXPECT_EQ(groups("SELECT looks()", &programs), "read");
  EXPECT_EQ(groups("SELECT writes(), CONCAT('a')", &programs), "read+dml");
  EXPECT_EQ(groups("SELECT loadable(1)", &programs), "read+opaque");
  EXPECT_EQ(groups("SELECT writes()"), "read+opaque");
}

TEST(Judged, a_view_that_is_made_runs_nothing_of_its_query) {
  Programs programs = programs_of_d();
  programs.add_routine("d", "exports", ActionGroup::Server);
  programs.add_view("d", "old", ActionGroup::Server);
  EXPECT_EQ(groups("CREATE VIEW v AS SELECT exports(1)", &programs), "ddl");
  EXPECT_EQ(groups("CREATE OR REPLACE VIEW v AS SELECT nobody_knows(1) FROM old", &programs),
            "ddl");
  EXPECT_EQ(groups("ALTER VIEW v AS SELECT exports(1)", &programs), "ddl");
  EXPECT_EQ(groups("CREATE TABLE c AS SELECT exports(1)", &programs), "ddl+server");
  EXPECT_EQ(groups("SELECT * FROM old", &programs), "read+server");
}

TEST(Judged, a_write_is_as_bad_as_the_tables_triggers) {
  const Programs programs = programs_of_d();
  EXPECT_EQ(groups("INSERT INTO t VALUES (1)", &programs), "dml+opaque");
  EXPECT_EQ(groups("INSERT INTO u VALUES (1)", &programs), "read+dml");
  EXPECT_EQ(groups("SELECT * FROM t", &programs), "read");
}

TEST(Judged, the_gate_itself_is_spoken_to_by_one_call_alone) {
  EXPECT_TRUE(judge_text("CALL sluice.status()", dialect()).calls_sluice);
  EXPECT_FALSE(judge_text("CALL sluice.status(); DROP TABLE t", dialect()).calls_sluice);
  EXPECT_FALSE(judge_text("CALL status()", dialect()).calls_sluice);
  EXPECT_EQ(judge_text("PREPARE s FROM @v", dialect()).prepares_from(), "v");
}

TEST(Groups, the_most_restricted_is_the_last_in_order) {
  Groups groups;
  EXPECT_EQ(groups.most(), ActionGroup::Read);
  groups.add(ActionGroup::Dml);
  groups.add(ActionGroup::Session);
  EXPECT_EQ(groups.most(), ActionGroup::Dml);
}

}  // namespace
}  // namespace sluice::policy
