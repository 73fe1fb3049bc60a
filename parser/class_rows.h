// Statement rules whose class or group is not what their name and family say. Used by classify.cpp
// only.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "parser/facts.h"

namespace sluice::parser {

struct Row {
  std::string_view rule;        // snake_case
  std::string_view class_name;  // empty: the same
  ActionGroup group;
  bool commits;
};

// Rules whose name is not the server's class, or whose group is not that of their family.
inline constexpr std::array kRows{
    Row{"create_schema", "create_db", ActionGroup::Ddl, true},
    Row{"alter_schema", "alter_db", ActionGroup::Ddl, true},
    Row{"drop_schema", "drop_db", ActionGroup::Ddl, true},
    Row{"truncate_table", "truncate", ActionGroup::Ddl, true},
    Row{"import_table", "import", ActionGroup::Ddl, true},
    Row{"alter_view", "create_view", ActionGroup::Ddl, true},
    Row{"create_loadable_function", "create_udf", ActionGroup::Server, true},
    Row{"create_tablespace", "alter_tablespace", ActionGroup::Ddl, true},
    Row{"drop_tablespace", "alter_tablespace", ActionGroup::Ddl, true},
    Row{"create_logfile_group", "alter_tablespace", ActionGroup::Ddl, true},
    Row{"alter_logfile_group", "alter_tablespace", ActionGroup::Ddl, true},
    Row{"drop_logfile_group", "alter_tablespace", ActionGroup::Ddl, true},
    Row{"create_srs", "create_spatial_reference_system", ActionGroup::Ddl, true},
    Row{"drop_srs", "drop_spatial_reference_system", ActionGroup::Ddl, true},
    Row{"alter_instance", "", ActionGroup::Server, true},
    Row{"create_server", "", ActionGroup::Ddl, true},
    Row{"alter_server", "", ActionGroup::Ddl, true},
    Row{"drop_server", "", ActionGroup::Ddl, true},
    Row{"upgrade_schema", "alter_db_upgrade", ActionGroup::Ddl, true},
    Row{"set_role", "", ActionGroup::Session, false},
    Row{"set_default_role", "alter_user_default_role", ActionGroup::Account, true},
    Row{"analyze_table", "analyze", ActionGroup::Ddl, true},
    Row{"check_table", "check", ActionGroup::Ddl, true},
    Row{"checksum_table", "checksum", ActionGroup::Read, false},
    Row{"optimize_table", "optimize", ActionGroup::Ddl, true},
    Row{"repair_table", "repair", ActionGroup::Ddl, true},
    Row{"cache_index", "assign_to_keycache", ActionGroup::Server, true},
    Row{"load_index", "preload_keys", ActionGroup::Server, true},
    Row{"clone_statement", "clone", ActionGroup::Server, false},
    Row{"kill", "", ActionGroup::Server, false},
    Row{"shutdown", "", ActionGroup::Server, false},
    Row{"restart", "", ActionGroup::Server, false},
    Row{"binlog_event", "binlog", ActionGroup::Server, false},
    Row{"reset_statement", "reset", ActionGroup::Server, true},
    Row{"change_replication_filter", "change_repl_filter", ActionGroup::Server, false},
    Row{"start_replica", "replica_start", ActionGroup::Server, true},
    Row{"stop_replica", "replica_stop", ActionGroup::Server, true},
    Row{"start_group_replication", "group_replication_start", ActionGroup::Server, false},
    Row{"stop_group_replication", "group_replication_stop", ActionGroup::Server, false},
    Row{"signal_statement", "signal", ActionGroup::Session, false},
    Row{"resignal_statement", "resignal", ActionGroup::Session, false},
    Row{"get_diagnostics", "", ActionGroup::Session, false},
    Row{"use_statement", "change_db", ActionGroup::Session, false},
    Row{"call_statement", "call_procedure", ActionGroup::Opaque, false},
    Row{"do_statement", "do", ActionGroup::Read, false},
    Row{"prepare_statement", "prepare_sql", ActionGroup::Opaque, false},
    Row{"execute_statement", "execute_sql", ActionGroup::Opaque, false},
    Row{"deallocate_statement", "dealloc_sql", ActionGroup::Session, false},
    Row{"help_statement", "help", ActionGroup::Read, false},
    Row{"load_statement", "load", ActionGroup::Dml, false},
};

[[nodiscard]] inline const Row* row_of(std::string_view rule) {
  const auto* found =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.rule == rule; });
  return found == kRows.end() ? nullptr : found;
}

}  // namespace sluice::parser
