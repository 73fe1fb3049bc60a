// What is made of the evidence of an interrupted statement.
#include <gtest/gtest.h>

#include "admin/change/recovery.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

using parser::ActionGroup;

parser::StatementFacts facts(ActionGroup group, const std::string& name) {
  parser::StatementFacts made;
  made.group = group;
  made.class_name = name;
  return made;
}

TEST(Judge, TheBinaryLogsTagGoesBeforeEverything) {
  const BinlogEvidence log{false, {3}};
  const auto insert = facts(ActionGroup::Dml, "insert");
  EXPECT_EQ(judge(insert, 3, log, false, SchemaEvidence::kBefore).fate, Fate::kRan);
  EXPECT_EQ(judge(insert, 2, log, true, SchemaEvidence::kNothing).fate, Fate::kUnknown);
}

TEST(Judge, AWholeLogWithoutTheTagIsEvidenceWhereTheTextWouldBeThere) {
  const BinlogEvidence whole{true, {}};
  const auto none = SchemaEvidence::kNothing;
  const auto insert = facts(ActionGroup::Dml, "insert");
  EXPECT_EQ(judge(insert, 0, whole, true, none).fate, Fate::kDidNotRun);
  EXPECT_EQ(judge(insert, 0, whole, false, none).fate, Fate::kUnknown);
  auto call = insert;
  call.dynamic = true;
  EXPECT_EQ(judge(call, 0, whole, true, none).fate, Fate::kUnknown);
  EXPECT_EQ(judge(facts(ActionGroup::Ddl, "alter_table"), 0, whole, false, none).fate,
            Fate::kDidNotRun);
  for (const auto* rewritten : {"drop_table", "create_view", "create_trigger"}) {
    EXPECT_EQ(judge(facts(ActionGroup::Ddl, rewritten), 0, whole, true, none).fate, Fate::kUnknown);
  }
  EXPECT_EQ(judge(facts(ActionGroup::Account, "grant"), 0, whole, true, none).fate, Fate::kUnknown);
  EXPECT_EQ(judge(facts(ActionGroup::Opaque, "error"), 0, whole, true, none).fate, Fate::kUnknown);
}

TEST(Judge, TheLiveSchemaTellsOfDdl) {
  const BinlogEvidence nothing;
  const auto drop = facts(ActionGroup::Ddl, "drop_table");
  EXPECT_EQ(judge(drop, 0, nothing, true, SchemaEvidence::kAfter).fate, Fate::kRan);
  EXPECT_EQ(judge(drop, 0, nothing, true, SchemaEvidence::kBefore).fate, Fate::kDidNotRun);
  EXPECT_EQ(judge(drop, 0, nothing, true, SchemaEvidence::kNothing).fate, Fate::kUnknown);
}

TEST(Judge, WhatChangesNothingMayRunAgain) {
  const BinlogEvidence nothing;
  const auto none = SchemaEvidence::kNothing;
  for (const auto& [group, name] :
       {std::pair(ActionGroup::Read, "select"), std::pair(ActionGroup::Session, "set_option"),
        std::pair(ActionGroup::Transaction, "begin")}) {
    EXPECT_EQ(judge(facts(group, name), 0, nothing, false, none).fate, Fate::kDidNotRun);
  }
  EXPECT_EQ(judge(facts(ActionGroup::Transaction, "xa_commit"), 0, nothing, false, none).fate,
            Fate::kUnknown);
}

// Before and after a statement, on a database with one table and one view.
SchemaEvidence evidence(const std::string& statement, const std::string& live) {
  const schema::Target target;
  const std::string base = "CREATE TABLE t (id INT); CREATE VIEW w AS SELECT 1 AS x;";
  const auto before = schema::read(base, target);
  const auto now = schema::read(live.empty() ? base : live, target);
  const policy::rules::Sheet sheet(statement, {}, "");
  return compare_schema(before.schema, sheet.statements().at(0), now.schema, target);
}

TEST(Judge, SchemasAreComparedWithAndWithoutTheStatement) {
  const std::string view = "CREATE VIEW w AS SELECT 1 AS x;";
  EXPECT_EQ(evidence("ALTER TABLE t ADD c INT", ""), SchemaEvidence::kBefore);
  EXPECT_EQ(evidence("ALTER TABLE t ADD c INT", "CREATE TABLE t (id INT, c INT);" + view),
            SchemaEvidence::kAfter);
  // Neither: somebody else was at it.
  EXPECT_EQ(evidence("ALTER TABLE t ADD c INT", "CREATE TABLE t (id INT, d INT);" + view),
            SchemaEvidence::kNothing);
  EXPECT_EQ(evidence("DROP TABLE t", view), SchemaEvidence::kAfter);
  EXPECT_EQ(evidence("INSERT INTO t VALUES (1)", ""), SchemaEvidence::kNothing);
  EXPECT_EQ(evidence("TRUNCATE TABLE t", ""), SchemaEvidence::kNothing);
  // The server's words for a view are not those of the statement.
  EXPECT_EQ(evidence("CREATE VIEW v AS SELECT id FROM t",
                     "CREATE TABLE t (id INT); CREATE VIEW v AS SELECT `t`.`id` AS `id` FROM `t`;" +
                         view),
            SchemaEvidence::kAfter);
  EXPECT_EQ(evidence("CREATE VIEW v AS SELECT id FROM t", ""), SchemaEvidence::kBefore);
}

TEST(Judge, ATagIsFoundWhereItStandsAndNowhereElse) {
  store::Run run;
  run.id = 7;
  run.task = 9;
  run.started_at = store::Time(std::chrono::microseconds(123));
  const std::string tag = statement_tag(run, 12);
  EXPECT_EQ(find_tag(run, tag + "ALTER TABLE t"), 12);
  EXPECT_EQ(find_tag(run, "use `db`; " + tag + "ALTER TABLE t"), 12);
  EXPECT_EQ(find_tag(run, "# " + tag), 12);
  EXPECT_EQ(without_tag(tag + "ALTER TABLE t /* a */ "), "ALTER TABLE t /* a */ ");
  EXPECT_EQ(without_tag("/* a */ ALTER TABLE t"), "/* a */ ALTER TABLE t");
  EXPECT_EQ(find_tag(run, "INSERT INTO log VALUES ('" + std::string(400, 'x') + tag + "')"),
            std::nullopt);
  run.id = 8;
  EXPECT_EQ(find_tag(run, tag), std::nullopt);
}

TEST(Judge, SessionStateThatIsGoneIsFound) {
  const auto state = [](const std::string& text) {
    const policy::rules::Sheet sheet(text, {}, "db");
    return session_state_before(sheet, sheet.statements().size() - 1);
  };
  EXPECT_EQ(state("SET NAMES utf8mb4; USE other; SET SESSION sql_mode = ''; SELECT 1"), "");
  EXPECT_EQ(state("INSERT INTO t VALUES (1); SELECT 1"), "");
  EXPECT_NE(state("SET @x = (SELECT COUNT(*) FROM t); SELECT 1"), "");
  EXPECT_NE(state("CREATE TEMPORARY TABLE x (id INT); SELECT 1"), "");
  EXPECT_NE(state("SET SESSION sql_log_bin = 0; SELECT 1"), "");
  EXPECT_NE(state("LOCK TABLES t WRITE; SELECT 1"), "");
}

}  // namespace
}  // namespace sluice::change
