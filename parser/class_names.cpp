#include "parser/class_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::parser {
namespace {

struct ShowRow {
  std::string_view words;  // the first row that `words` begins with
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
    ShowRow{"CREATE MASKING", "show_create_masking_policy"},
    ShowRow{"CREATE PACKAGE BODY", "show_create_package_body"},
    ShowRow{"CREATE PACKAGE", "show_create_package"},
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
    ShowRow{"PACKAGE STATUS", "show_package_status"},
    ShowRow{"PACKAGE BODY STATUS", "show_package_body_status"},
    ShowRow{"PACKAGE BODY CODE", "show_package_body_code"},
    ShowRow{"PACKAGE CODE", "show_package_code"},
    ShowRow{"SLAVES STATUS", "show_replica_status"},
    ShowRow{"REPLICAS STATUS", "show_replica_status"},
    ShowRow{"REPLICA HOSTS", "show_replicas"},
    ShowRow{"REPLICAS", "show_replicas"},
    ShowRow{"EXPLAIN", "show_explain"},
    ShowRow{"ANALYZE", "show_analyze"},
    ShowRow{"AUTHORS", "show_authors"},
    ShowRow{"CONTRIBUTORS", "show_contributors"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kMariaDb{{
    {"grant_roles", "grant_role"},
    {"revoke_roles", "revoke_role"},
    {"set_password", "set_option"},
    {"set_role", "set_option"},
    {"alter_user_default_role", "set_option"},
    {"change_replication_source", "change_master"},
    {"replica_start", "start_slave"},
    {"replica_stop", "stop_slave"},
    {"show_replica_status", "show_slave_status"},
    {"show_replicas", "show_slave_hosts"},
    {"show_binary_log_status", "show_binlog_status"},
    {"show_other", "show_generic"},
    {"explain_other", "show_explain"},
}};

}  // namespace

std::string_view show_class(std::string_view words) {
  // A package, or its schema, can be called BODY.
  if (words == "CREATE PACKAGE BODY " || words.starts_with("CREATE PACKAGE BODY . "))
    return "show_create_package";
  for (const auto& row : kShow) {
    if (words.starts_with(row.words) && words.substr(row.words.size()).starts_with(' '))
      return row.class_name;
  }
  if (!words.starts_with("ENGINE ")) return "show_other";
  if (words.find(" STATUS ") != std::string_view::npos) return "show_engine_status";
  return words.find(" MUTEX ") != std::string_view::npos ? "show_engine_mutex" : "show_engine_logs";
}

std::string mariadb_class(std::string_view mysql_class) {
  const auto* found = std::find_if(kMariaDb.begin(), kMariaDb.end(),
                                   [&](const auto& pair) { return pair.first == mysql_class; });
  return std::string(found == kMariaDb.end() ? mysql_class : found->second);
}

}  // namespace sluice::parser
