// The law of the statement tree: what is printed parses to the same tree, has the same digest and
// the same facts. Held over every text of cases/ that is accepted.
#include "parser/print.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "parser/digest.h"
#include "parser/parse.h"
#include "parser/statement.h"
#include "tests/support/diverse_sql.h"

namespace sluice::parser {
namespace {

Dialect dialect_of(Engine engine) {
  Dialect dialect;
  dialect.engine = engine;
  dialect.server_version = engine == Engine::MySql ? 90704 : 101119;
  dialect.schema = "d";
  return dialect;
}

std::string digest(std::string_view sql, const Dialect& dialect) {
  const auto state = std::make_unique<StatementDigest>();
  state->read(sql, dialect);
  return state->text();
}

// Of the statement as it stands in the text. A cut could open a version comment, so a lone
// statement is taken with all that is around it, but for the `;` that is no part of the tree.
std::string original_digest(const std::string& sql, const Parsed& parsed, const Statement& one,
                            const Dialect& dialect) {
  if (parsed.statements.size() > 1)
    return digest(sql.substr(one.facts.start, one.facts.end - one.facts.start), dialect);
  std::string text = digest(sql, dialect);
  const auto last = sql.find_last_not_of(" \t\r\n");
  if (sql[last] == ';' && text.ends_with(" ;")) text.resize(text.size() - 2);
  return text;
}

// Classes whose statements have a shape: an Other would be one that was not understood.
bool has_shape(const std::string& class_name) {
  static const std::set<std::string> shaped{
      "select",       "insert",         "insert_select", "replace",      "replace_select",
      "update",       "update_multi",   "delete",        "delete_multi", "load",
      "do",           "ha_open",        "ha_read",       "ha_close",     "call_procedure",
      "prepare_sql",  "execute_sql",    "dealloc_sql",   "lock_tables",  "commit",
      "rollback",     "create_table",   "alter_table",   "drop_table",   "create_view",
      "create_index", "drop_index",     "grant",         "revoke",       "create_user",
      "change_db",    "create_trigger", "show_tables",   "savepoint"};
  return shaped.contains(class_name);
}

// Texts that held the law.
int hold(const std::string& sql, const Dialect& dialect) {
  const Parsed first = parse(sql, dialect, Detail::Tree);
  if (!first.accepted()) return 0;
  int held = 0;
  for (const Statement& statement : first.statements) {
    if (statement.tree == nullptr) {
      ADD_FAILURE() << "no tree: " << sql;
      continue;
    }
    const std::string text = print(*statement.tree, dialect);
    const Parsed second = parse(text, dialect, Detail::Tree);
    if (!second.accepted() || second.statements.size() != 1) {
      ADD_FAILURE() << sql << "\nis printed as\n" << text << "\nwhich is refused";
      continue;
    }
    const Statement& again = second.statements.front();
    EXPECT_TRUE(*statement.tree == *again.tree) << sql << "\nis printed as\n"
                                                << text << "\nand then as\n"
                                                << print(*again.tree, dialect);
    EXPECT_EQ(statement.facts.class_name, again.facts.class_name) << text;
    EXPECT_EQ(statement.facts.objects, again.facts.objects) << text;
    EXPECT_EQ(original_digest(sql, first, statement, dialect), digest(text, dialect)) << text;
    if (has_shape(statement.facts.class_name) &&
        std::holds_alternative<Other>(statement.tree->body))
      ADD_FAILURE() << "no shape: " << sql;
    ++held;
  }
  return held;
}

// Each line of a file of cases, as `text_of` takes the statement out of it.
int hold_file(const char* name, const std::function<std::string(const std::string&)>& text_of) {
  std::ifstream file(std::string(SLUICE_TEST_DIR "/parser/cases/") + name);
  EXPECT_TRUE(file.is_open()) << name;
  int held = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string sql = text_of(line);
    if (sql.empty()) continue;
    held += hold(sql, dialect_of(Engine::MySql));
    held += hold(sql, dialect_of(Engine::MariaDb));
  }
  return held;
}

TEST(Print, StatementCasesComeBack) {
  const auto after_class = [](const std::string& line) -> std::string {
    if (line.empty() || line.front() == '#') return {};
    return line.substr(line.find(' ', 3) + 1);
  };
  EXPECT_GT(hold_file("ddl.txt", after_class), 300);
  EXPECT_GT(hold_file("account.txt", after_class), 60);
  EXPECT_GT(hold_file("server.txt", after_class), 60);
  EXPECT_GT(hold_file("program.txt", after_class), 40);
}

TEST(Print, DigestCasesComeBack) {
  const auto text = [](const std::string& line) -> std::string {
    return line.starts_with("----") || line.starts_with("#") ? std::string() : line;
  };
  EXPECT_GT(hold_file("digest.txt", text), 1500);
}

TEST(Print, WaysToHideAChangeComeBack) {
  const auto text = [](const std::string& line) -> std::string {
    if (line.starts_with("----") || line.starts_with("#") || line.starts_with("{")) return {};
    return line.find('\\') == std::string::npos ? line : std::string();
  };
  EXPECT_GT(hold_file("bypass.txt", text), 80);
}

// Clauses of one server that are part of a query's shape.
TEST(Print, ClausesOfOneServerHaveAShape) {
  for (const char* sql :
       {"SELECT a, b FROM t GROUP BY GROUPING SETS ((a, b), (a), ()) HAVING a > 1",
        "SELECT a FROM t GROUP BY GROUPING SETS ((a + 1, (SELECT 1))) ORDER BY 1"}) {
    EXPECT_EQ(hold(sql, dialect_of(Engine::MySql)), 1) << sql;
  }
  for (const char* sql :
       {"SELECT * FROM t PROCEDURE ANALYSE(10, 2000)",
        "SELECT * FROM t LIMIT 1 PROCEDURE ANALYSE()",
        "SELECT * FROM t FOR SYSTEM_TIME AS OF '2026-01-01' AS x",
        "SELECT * FROM t FOR SYSTEM_TIME BETWEEN '2026-01-01' AND NOW() x JOIN u USING (a)",
        "SELECT * FROM (SELECT a FROM t) FOR SYSTEM_TIME ALL AS d",
        "UPDATE t FOR SYSTEM_TIME ALL SET a = 1", "SELECT * FROM (t JOIN u) FOR SYSTEM_TIME ALL"}) {
    EXPECT_EQ(hold(sql, dialect_of(Engine::MariaDb)),
              parse(sql, dialect_of(Engine::MariaDb)).accepted() ? 1 : 0)
        << sql;
  }
}

TEST(Print, ValuesIsAlsoAQuery) {
  for (const char* sql : {"INSERT INTO t VALUES ROW(1, 2), ROW(3, 4)",
                          "INSERT INTO t VALUES ROW(1) UNION SELECT a FROM u ORDER BY 1 LIMIT 1",
                          "REPLACE INTO t (a) (SELECT 1) UNION TABLE u",
                          "INSERT INTO t VALUES (1), (2) ON DUPLICATE KEY UPDATE a = VALUES(a)"}) {
    EXPECT_EQ(hold(sql, dialect_of(Engine::MySql)), 1) << sql;
  }
}

TEST(Print, RangesKeepTheirBlanks) {
  for (const char* range :
       {"1..10", "1 .. 10", "a..10", "a ..10", "1.. a", "a..b", "1 + 1 .. f(2)"}) {
    const std::string sql =
        std::string("CREATE PROCEDURE p() FOR i IN ") + range + " DO SET @a = i; END FOR";
    EXPECT_EQ(hold(sql, dialect_of(Engine::MariaDb)), 1) << sql;
  }
}

TEST(Print, DiverseStatementsComeBack) {
  testing_support::DiverseSql source(1);
  int held = 0;
  for (const auto& sql : source.statements(1000)) held += hold(sql, dialect_of(Engine::MySql));
  EXPECT_GT(held, 950);
}

// A large corpus that is not ours to ship: statements separated by zero bytes in the file that
// SLUICE_CORPUS names.
TEST(Print, CorpusComesBack) {
  const char* name = std::getenv("SLUICE_CORPUS");
  if (name == nullptr) GTEST_SKIP() << "SLUICE_CORPUS names no file of statements";
  std::ifstream file(name, std::ios::binary);
  ASSERT_TRUE(file.is_open()) << name;
  int held = 0;
  int texts = 0;
  for (std::string sql; std::getline(file, sql, '\0');) {
    ++texts;
    held += hold(sql, dialect_of(Engine::MySql));
    held += hold(sql, dialect_of(Engine::MariaDb));
  }
  std::cout << texts << " texts, " << held << " statements of them accepted and held\n";
  EXPECT_GT(held, 0);
}

StatementTree tree_of(std::string_view sql, const Dialect& dialect = dialect_of(Engine::MySql)) {
  const Parsed parsed = parse(sql, dialect, Detail::Tree);
  EXPECT_TRUE(parsed.accepted()) << sql;
  return parsed.accepted() ? *parsed.statements.front().tree : StatementTree{};
}

const Expression& item(const StatementTree& tree, std::size_t index = 0) {
  return std::get<Select>(tree.body).query.blocks.front().items.at(index).value;
}

TEST(Tree, PrecedenceIsTheServers) {
  using Kind = Expression::Kind;
  const auto tree = tree_of("SELECT NOT a = 1 + 2 * 3 - 4 AND b OR c BETWEEN 1 AND 2 AND d");
  const Expression& either = item(tree);
  ASSERT_EQ(either.kind, Kind::Chain);
  EXPECT_EQ(either.operators, std::vector<std::string>{"OR"});
  const Expression& both = either.operands.at(0);
  EXPECT_EQ(both.operators, std::vector<std::string>{"AND"});
  const Expression& negation = both.operands.at(0);
  ASSERT_EQ(negation.kind, Kind::Unary);
  const Expression& comparison = negation.operands.at(0);
  EXPECT_EQ(comparison.operators, std::vector<std::string>{"="});
  const Expression& sum = comparison.operands.at(1);
  EXPECT_EQ(sum.operators, (std::vector<std::string>{"+", "-"}));
  EXPECT_EQ(sum.operands.at(1).operators, std::vector<std::string>{"*"});
  const Expression& right = either.operands.at(1);
  EXPECT_EQ(right.operands.at(0).kind, Kind::Between);
  EXPECT_EQ(right.operands.at(1).name.at(0).text, "d");
}

TEST(Tree, TightAndLooseOperators) {
  using Kind = Expression::Kind;
  const auto tree =
      tree_of("SELECT -a COLLATE utf8mb4_bin, @x := 1 OR 2, a LIKE 'x' ESCAPE '|' IS TRUE, !a ^ b");
  EXPECT_EQ(item(tree, 0).kind, Kind::Unary);
  EXPECT_EQ(item(tree, 0).operands.at(0).kind, Kind::Collate);
  EXPECT_EQ(item(tree, 1).kind, Kind::Assign);
  EXPECT_EQ(item(tree, 1).operands.at(1).operators, std::vector<std::string>{"OR"});
  EXPECT_EQ(item(tree, 2).operators, std::vector<std::string>{"IS TRUE"});
  EXPECT_EQ(item(tree, 2).operands.at(0).operands.size(), 3U);
  EXPECT_EQ(item(tree, 3).operators, std::vector<std::string>{"^"});
}

TEST(Tree, GroupingSetsAreRows) {
  const auto tree = tree_of("SELECT a FROM t GROUP BY GROUPING SETS ((a, b), ())");
  const auto& sets = std::get<Select>(tree.body).query.blocks.at(0).grouping_sets;
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].operands.size(), 2U);
  EXPECT_TRUE(sets[1].operands.empty());
}

TEST(Tree, QueriesHaveTheirParts) {
  const auto tree = tree_of(
      "WITH c AS (SELECT 1) SELECT DISTINCT t.a AS x, COUNT(*) FROM s.t AS t LEFT JOIN u USING "
      "(id) "
      "WHERE a > 1 GROUP BY a WITH ROLLUP HAVING x UNION ALL (TABLE v) ORDER BY 1 DESC LIMIT 5, 10 "
      "FOR UPDATE OF t SKIP LOCKED");
  const Query& query = std::get<Select>(tree.body).query;
  ASSERT_EQ(query.blocks.size(), 2U);
  EXPECT_EQ(query.operators, std::vector<std::string>{"UNION ALL"});
  EXPECT_EQ(query.with->tables.at(0).name.text, "c");
  const QueryBlock& block = query.blocks.front();
  EXPECT_EQ(block.options, std::vector<std::string>{"DISTINCT"});
  EXPECT_EQ(block.items.at(0).alias->name.text, "x");
  const TableReference& join = block.from.at(0);
  ASSERT_EQ(join.kind, TableReference::Kind::Join);
  EXPECT_EQ(join.of.at(0).name.schema->text, "s");
  EXPECT_EQ(join.steps.at(0).words, "LEFT JOIN");
  EXPECT_EQ(join.steps.at(0).conditions.at(0).using_columns.at(0).text, "id");
  EXPECT_EQ(block.rollup, "WITH ROLLUP");
  EXPECT_EQ(query.order_by.at(0).direction, "DESC");
  EXPECT_EQ(query.limit->offset->text, "5");
  EXPECT_EQ(query.limit->count->text, "10");
  EXPECT_EQ(query.locks.at(0).tables.at(0).name.text, "t");
  EXPECT_EQ(query.locks.at(0).wait, "SKIP LOCKED");
}

TEST(Tree, ListsThatAreNotReadAreKept) {
  const auto insert =
      std::get<Insert>(tree_of("INSERT INTO t VALUES (1, 'a'), (-2,'b'),(3,'c')").body);
  ASSERT_EQ(insert.rows.size(), 1U);
  EXPECT_EQ(insert.rows[0].more, "(- 2, 'b'), (3, 'c')");
  const auto tree =
      tree_of("SELECT a IN (1, -2, 'x' 'y', NULL), a IN ((1, 2), (3, 4)), a IN (1, b, 2)");
  EXPECT_EQ(item(tree, 0).operands.at(1).operands.at(0).more, "- 2, 'x' 'y', NULL");
  EXPECT_EQ(item(tree, 1).operands.at(1).operands.at(0).more, "(3, 4)");
  EXPECT_EQ(item(tree, 2).operands.at(1).operands.size(), 3U);
}

TEST(Tree, NamesKeepWhatTheyAre) {
  const auto tree = tree_of("SELECT `a``b`, date, `date`, t.`select`, 1 AS 'x'");
  EXPECT_EQ(item(tree, 0).name.at(0).text, "a`b");
  EXPECT_EQ(item(tree, 1).name.at(0).spelling, Name::Spelling::Keyword);
  EXPECT_EQ(item(tree, 2).name.at(0).spelling, Name::Spelling::Plain);
  EXPECT_EQ(print(tree, dialect_of(Engine::MySql)),
            "SELECT `a``b`, date, `date`, t.`select`, 1 AS 'x'");
  // 0x60 is the second byte of a character here, no quote.
  Dialect gbk = dialect_of(Engine::MySql);
  gbk.charset = Charset::Gbk;
  const auto wide = tree_of("SELECT `\xa8\x60`", gbk);
  EXPECT_EQ(item(wide, 0).name.at(0).text, "\xa8\x60");
  EXPECT_EQ(print(wide, gbk), "SELECT `\xa8\x60`");
}

// MariaDB's .t is the default schema's t, and a name whatever the word.
TEST(Print, DotsBeforeTablesComeBack) {
  const Dialect dialect = dialect_of(Engine::MariaDb);
  for (const char* sql :
       {"SELECT * FROM .t", "SELECT * FROM . option", "DELETE FROM .t", "DELETE a FROM .t AS a",
        "INSERT INTO .value VALUES (1)", "REPLACE .t (a) VALUES (1)", "UPDATE .t SET a = 1",
        "LOCK TABLES .t READ, .u AS v WRITE", "HANDLER .t OPEN",
        "LOAD DATA INFILE 'x' INTO TABLE .t", "SELECT .t.a FROM u JOIN .t USING (a)"}) {
    EXPECT_EQ(hold(sql, dialect), 1) << sql;
  }
  const auto tree = tree_of("SELECT * FROM .t", dialect);
  EXPECT_TRUE(std::get<Select>(tree.body).query.blocks.front().from.at(0).name.leading_dot);
  EXPECT_EQ(print(tree, dialect), "SELECT * FROM .t");
}

TEST(Tree, DefinitionsCarryTheSchemaModel) {
  const auto create = std::get<Definition>(
      tree_of("CREATE TABLE s.t (id INT PRIMARY KEY, n VARCHAR(9) DEFAULT 'x')").body);
  const auto& table = std::get<schema::CreateTable>(create.definition);
  EXPECT_EQ(table.name.schema, "s");
  EXPECT_EQ(table.table.columns.size(), 2U);
  const auto alter = std::get<Definition>(
      tree_of("ALTER TABLE t ADD COLUMN a INT, DROP COLUMN b, ALGORITHM=INSTANT").body);
  EXPECT_EQ(std::get<schema::AlterTable>(alter.definition).actions.size(), 3U);
  const auto drop = std::get<Definition>(tree_of("DROP TABLE a, b").body);
  EXPECT_EQ(std::get<schema::Drop>(drop.definition).names.size(), 2U);
}

TEST(Tree, AccountsAndPrivileges) {
  const auto grant = std::get<Account>(
      tree_of("GRANT SELECT (a, b), INSERT ON s.* TO 'u'@'h', r WITH GRANT OPTION").body);
  ASSERT_EQ(grant.privileges.size(), 2U);
  EXPECT_EQ(grant.privileges[0].words, "SELECT");
  EXPECT_EQ(grant.privileges[0].columns.size(), 2U);
  EXPECT_EQ(grant.object, "s.*");
  ASSERT_EQ(grant.accounts.size(), 2U);
  EXPECT_EQ(grant.accounts[0].host->text, "'h'");
}

TEST(Tree, ProgramsHoldTheirStatements) {
  const auto made = std::get<Definition>(
      tree_of("CREATE PROCEDURE p() BEGIN IF a > 1 THEN DELETE FROM t; END IF; END").body);
  const auto count = std::count_if(made.pieces.begin(), made.pieces.end(), [](const Piece& piece) {
    const auto* inner = std::get_if<Box<StatementTree>>(&piece.value);
    return inner != nullptr && std::holds_alternative<Delete>((*inner)->body);
  });
  EXPECT_EQ(count, 1);
}

// Tens of thousands of operators, joins and arms: a tree that is flat, or words; no stack runs out.
TEST(Tree, LongChainsAreFlatOrWords) {
  constexpr int kMany = 20'000;
  const auto repeated = [](std::string text, const char* part, const char* end = "") {
    for (int i = 0; i < kMany; ++i) text += part;
    return text + end;
  };
  for (const std::string& sql :
       {repeated("SELECT a", " OR b AND c"), repeated("SELECT a", " - 1 + b"),
        repeated("SELECT a", " COLLATE utf8mb4_bin"), repeated("SELECT a", " -> '$.b'"),
        repeated("SELECT a", " -> '$.b' COLLATE utf8mb4_bin"), repeated("SELECT ", "- ", "1"),
        repeated("SELECT ", "NOT ", "1"), repeated("SELECT a", " = b IS NULL"),
        repeated("SELECT a", " BETWEEN 1 AND b"), repeated("SELECT 1", " UNION SELECT 1"),
        repeated("SELECT 1 FROM a", " JOIN b ON c"), repeated("SELECT 1 FROM a", ", b"),
        repeated("SELECT ", "@a := ", "1")}) {
    const std::string text = print(tree_of(sql), dialect_of(Engine::MySql));
    EXPECT_EQ(digest(text, dialect_of(Engine::MySql)), digest(sql, dialect_of(Engine::MySql)));
  }
}

// What is nested beyond kMaxTreeDepth, or is in no order that a server has, is words and comes
// back.
TEST(Tree, WhatHasNoShapeIsWords) {
  std::string deep = "1";
  for (int i = 0; i < 290; ++i) deep = "(" + deep + ")";
  EXPECT_TRUE(std::holds_alternative<Select>(tree_of("SELECT " + deep).body));
  std::string assigned = "SELECT ";
  for (int i = 0; i < 2000; ++i) assigned += "@a := ";
  EXPECT_TRUE(std::holds_alternative<Other>(tree_of(assigned + "1").body));
  EXPECT_EQ(
      print(tree_of("SELECT date '2026-01-01', DATE, TIMESTAMP'1' + 1"), dialect_of(Engine::MySql)),
      "SELECT DATE '2026-01-01', DATE, TIMESTAMP '1' + 1");
  EXPECT_EQ(print(tree_of("SELECT @a := @a := 1"), dialect_of(Engine::MySql)),
            "SELECT @a := @a := 1");
}

}  // namespace
}  // namespace sluice::parser
