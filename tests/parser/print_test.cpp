// The law of the statement tree: what is printed parses to the same tree, has the same digest and
// the same facts. Held over every text of cases/ that is accepted.
#include "parser/print.h"

#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "parser/digest.h"
#include "parser/parse.h"
#include "parser/statement.h"

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

// Without a closing `;`, which is no part of the tree.
std::string_view without_end(std::string_view sql, const StatementFacts& facts) {
  return sql.substr(facts.start, facts.end - facts.start);
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
    EXPECT_EQ(digest(without_end(sql, statement.facts), dialect), digest(text, dialect)) << text;
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

}  // namespace
}  // namespace sluice::parser
