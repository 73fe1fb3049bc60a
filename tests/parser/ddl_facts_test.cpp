// The facts of DDL, account and server statements: cases/ddl_facts.txt, a statement and what is
// expected of it.
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "parser/parse.h"

namespace sluice::parser {
namespace {

constexpr std::string_view kMariaDb = "mariadb:";

std::string access_text(Access access) {
  std::string text;
  const auto add = [&](Access bit, std::string_view name) {
    if (has(access, bit)) text.append(text.empty() ? "" : "+").append(name);
  };
  add(Access::Read, "read");
  add(Access::Write, "write");
  add(Access::Create, "create");
  add(Access::Alter, "alter");
  add(Access::Drop, "drop");
  add(Access::Execute, "execute");
  return text;
}

std::string facts_text(const StatementFacts& facts) {
  std::string text = std::string("---- ") + to_string(facts.group) + " " + facts.class_name;
  if (facts.implicit_commit) text += " commit";
  for (const auto& use : facts.objects) {
    text += std::string(" ") + to_string(use.kind) + ":";
    if (!use.schema.empty()) text += use.schema + ".";
    text += use.name + ":" + access_text(use.access);
  }
  return text;
}

TEST(DdlFacts, AreThoseOfTheCases) {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/ddl_facts.txt");
  ASSERT_TRUE(file.is_open());
  int cases = 0;
  std::string sql;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    if (!line.starts_with("---- ")) {
      sql = line;
      continue;
    }
    ++cases;
    Dialect dialect;
    dialect.schema = "d";
    if (sql.starts_with(kMariaDb)) {
      sql.erase(0, kMariaDb.size());
      dialect.engine = Engine::MariaDb;
      dialect.server_version = 101119;
    }
    const auto parsed = parse(sql, dialect);
    ASSERT_TRUE(parsed.accepted()) << sql;
    ASSERT_EQ(parsed.statements.size(), 1U) << sql;
    EXPECT_EQ(facts_text(parsed.statements[0].facts), line) << sql;
  }
  EXPECT_GE(cases, 50);
}

TEST(DdlFacts, AProgramsBodyHasFactsOfItsOwn) {
  Dialect dialect;
  dialect.schema = "d";
  const auto parsed = parse(
      "CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN IF 1 THEN INSERT INTO t VALUES (1); END IF; DROP "
      "TABLE u; END",
      dialect);
  ASSERT_TRUE(parsed.accepted());
  ASSERT_EQ(parsed.statements.size(), 1U);
  const auto& facts = parsed.statements[0].facts;
  EXPECT_FALSE(facts.definer.empty());
  ASSERT_EQ(facts.nested.size(), 2U);
  EXPECT_EQ(facts.nested[0].class_name, "insert");
  EXPECT_EQ(facts.nested[0].group, ActionGroup::Dml);
  EXPECT_EQ(facts.nested[1].class_name, "drop_table");
  EXPECT_EQ(facts.nested[1].group, ActionGroup::Ddl);
}

}  // namespace
}  // namespace sluice::parser
