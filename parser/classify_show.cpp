// The class of a SHOW, by the words that follow it.
#include <array>
#include <string>

#include "parser/facts_walk.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

struct ShowRow {
  std::string_view words;  // what follows SHOW, in upper case; the first row that begins so
  std::string_view class_name;
};

constexpr std::array kShow{
    ShowRow{"CREATE SCHEMA", "show_create_db"},
    ShowRow{"CREATE DATABASE", "show_create_db"},
    ShowRow{"CREATE EVENT", "show_create_event"},
    ShowRow{"CREATE FUNCTION", "show_create_func"},
    ShowRow{"CREATE PROCEDURE", "show_create_proc"},
    ShowRow{"CREATE TABLE", "show_create_table"},
    ShowRow{"CREATE VIEW", "show_create_table"},
    ShowRow{"CREATE TRIGGER", "show_create_trigger"},
    ShowRow{"CREATE USER", "show_create_user"},
    ShowRow{"CREATE LIBRARY", "show_create_library"},
    ShowRow{"CREATE", "show_create_table"},
    ShowRow{"DATABASES", "show_databases"},
    ShowRow{"SCHEMAS", "show_databases"},
    ShowRow{"TABLES", "show_tables"},
    ShowRow{"TABLE STATUS", "show_table_status"},
    ShowRow{"TRIGGERS", "show_triggers"},
    ShowRow{"OPEN TABLES", "show_open_tables"},
    ShowRow{"COLUMNS", "show_fields"},
    ShowRow{"FIELDS", "show_fields"},
    ShowRow{"INDEX", "show_keys"},
    ShowRow{"INDEXES", "show_keys"},
    ShowRow{"KEYS", "show_keys"},
    ShowRow{"VARIABLES", "show_variables"},
    ShowRow{"STATUS", "show_status"},
    ShowRow{"PROCESSLIST", "show_processlist"},
    ShowRow{"WARNINGS", "show_warnings"},
    ShowRow{"COUNT ( * ) WARNINGS", "select"},
    ShowRow{"ERRORS", "show_errors"},
    ShowRow{"COUNT ( * ) ERRORS", "select"},
    ShowRow{"GRANTS", "show_grants"},
    ShowRow{"PLUGINS", "show_plugins"},
    ShowRow{"PRIVILEGES", "show_privileges"},
    ShowRow{"PROFILES", "show_profiles"},
    ShowRow{"PROFILE", "show_profile"},
    ShowRow{"BINARY LOG STATUS", "show_binary_log_status"},
    ShowRow{"MASTER STATUS", "show_binary_log_status"},
    ShowRow{"BINLOG STATUS", "show_binary_log_status"},
    ShowRow{"BINARY LOGS", "show_binlogs"},
    ShowRow{"MASTER LOGS", "show_binlogs"},
    ShowRow{"BINLOG EVENTS", "show_binlog_events"},
    ShowRow{"RELAYLOG EVENTS", "show_relaylog_events"},
    ShowRow{"REPLICA STATUS", "show_replica_status"},
    ShowRow{"SLAVE STATUS", "show_replica_status"},
    ShowRow{"REPLICAS", "show_replicas"},
    ShowRow{"SLAVE HOSTS", "show_replicas"},
    ShowRow{"CHARACTER SET", "show_charsets"},
    ShowRow{"CHAR SET", "show_charsets"},
    ShowRow{"CHARSET", "show_charsets"},
    ShowRow{"COLLATION", "show_collations"},
    ShowRow{"EVENTS", "show_events"},
    ShowRow{"ENGINES", "show_storage_engines"},
    ShowRow{"STORAGE ENGINES", "show_storage_engines"},
    ShowRow{"FUNCTION STATUS", "show_function_status"},
    ShowRow{"PROCEDURE STATUS", "show_procedure_status"},
    ShowRow{"FUNCTION CODE", "show_function_code"},
    ShowRow{"PROCEDURE CODE", "show_procedure_code"},
    ShowRow{"LIBRARY STATUS", "show_library_status"},
    ShowRow{"PARSE_TREE", "show_parse_tree"},
};

}  // namespace

void classify_show(const antlr4::ParserRuleContext* at, const SqlTokenStream& tokens,
                   const Dialect& dialect, StatementFacts& facts) {
  std::string words;
  bool lead = true;
  for (std::size_t i = at->start->getTokenIndex() + 1;
       i <= at->stop->getTokenIndex() && words.size() < 40; ++i) {
    const auto& token = tokens.at(i);
    const auto t = token.type;
    if (lead && (t == G::FULL || t == G::EXTENDED || t == G::GLOBAL || t == G::SESSION ||
                 t == G::LOCAL || t == G::ALL)) {
      continue;
    }
    lead = false;
    words += upper_case(tokens.text().substr(token.start, token.stop - token.start)) + " ";
  }
  facts.class_name = "show_other";
  facts.group = ActionGroup::Read;
  // Old spellings that MySQL 8.4 no longer has, and names where none may stand.
  const bool modern = dialect.engine == Engine::MySql && dialect.server_version >= 80400;
  const bool old = words.starts_with("MASTER ") || words.starts_with("SLAVE ");
  const bool stray = words.starts_with("TABLES ") && words.size() > 7 &&
                     !words.starts_with("TABLES FROM ") && !words.starts_with("TABLES IN ") &&
                     !words.starts_with("TABLES LIKE ") && !words.starts_with("TABLES WHERE ");
  if ((modern && old) || stray) return facts.class_name.clear();
  for (const auto& row : kShow) {
    const bool begins = words.starts_with(row.words) && words[row.words.size()] == ' ';
    if (begins) {
      facts.class_name = row.class_name;
      return;
    }
  }
  if (words.starts_with("ENGINE ")) {
    facts.class_name = words.find(" STATUS ") != std::string::npos  ? "show_engine_status"
                       : words.find(" MUTEX ") != std::string::npos ? "show_engine_mutex"
                                                                    : "show_engine_logs";
    return;
  }
  // Words that no server knows: a text that was not understood. MariaDB's plugins add tables to
  // SHOW.
  if (dialect.engine == Engine::MySql) facts.class_name.clear();
}

}  // namespace sluice::parser
