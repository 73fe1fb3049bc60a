#include "policy/judged.h"

#include <algorithm>
#include <array>

#include "parser/parse.h"

namespace sluice::policy {
namespace {

using parser::Access;
using parser::ActionGroup;
using parser::StatementFacts;

// Session variables with which a session could change data that the binary log, the server's own
// attribution or the proxy's view of the session would not have. Lower case, without scope.
constexpr std::array<std::string_view, 10> kHiding{
    "sql_log_bin",       "binlog_format",    "binlog_row_image", "gtid_next",
    "gtid_domain_id",    "server_id",        "pseudo_thread_id", "pseudo_replica_mode",
    "pseudo_slave_mode", "skip_replication",
};

bool hides(const StatementFacts& facts) {
  return std::ranges::any_of(facts.system_variables_set, [](std::string_view variable) {
    const std::size_t dot = variable.rfind('.');
    const std::string_view plain =
        dot == std::string_view::npos ? variable : variable.substr(dot + 1);
    return std::ranges::find(kHiding, plain) != kHiding.end();
  });
}

bool writes_file(const StatementFacts& facts) {
  return facts.into == parser::IntoKind::Outfile || facts.into == parser::IntoKind::Dumpfile;
}

bool is_call(const StatementFacts& facts) {
  return facts.class_name == "call_procedure";
}

bool is_sluice_call(const StatementFacts& facts) {
  return is_call(facts) && !facts.objects.empty() && facts.objects.front().schema == "sluice" &&
         facts.objects.front().kind == parser::ObjectKind::Routine;
}

// A view's query is only stored.
bool only_stores(const StatementFacts& facts) {
  return facts.class_name == "create_view" || facts.class_name == "alter_view";
}

bool calls_programs(const StatementFacts& facts) {
  return is_call(facts) ||
         std::ranges::any_of(facts.functions, [](const auto& f) { return !f.builtin; });
}

// Tables may have triggers, and may be views that call functions.
bool uses_tables(const StatementFacts& facts) {
  return std::ranges::any_of(facts.objects, [](const parser::ObjectUse& object) {
    return has(object.access, Access::Write) || has(object.access, Access::Read);
  });
}

// A body that is only stored runs, and is judged, when it is called; what EXPLAIN explains does not
// run at all.
bool runs_nested(const StatementFacts& facts) {
  const std::string_view name = facts.class_name;
  return !name.starts_with("create_") && !name.starts_with("alter_") &&
         (facts.group != ActionGroup::Read || name == "prepare_sql");
}

Groups own_groups(const StatementFacts& facts) {
  Groups groups = facts.group;
  if (writes_file(facts) || hides(facts)) groups.add(ActionGroup::Server);
  if (runs_nested(facts)) {
    for (const StatementFacts& inner : facts.nested) groups.add(own_groups(inner));
  }
  return groups;
}

}  // namespace

ActionGroup Groups::most() const noexcept {
  for (std::size_t i = 8; i-- > 0;) {
    if (has(static_cast<ActionGroup>(i))) return static_cast<ActionGroup>(i);
  }
  return ActionGroup::Read;
}

std::string_view Judged::prepares_from() const noexcept {
  if (statements.size() != 1) return {};
  return statements.front().dynamic_variable;
}

bool Judged::only_prepares() const noexcept {
  return accepted && statements.size() == 1 && statements.front().class_name == "prepare_sql" &&
         statements.front().dynamic_variable.empty() &&
         statements.front().system_variables_set.empty();
}

Judged judge_text(std::string_view text, const parser::Dialect& dialect) {
  const parser::Parsed parsed = parser::parse(text, dialect);
  Judged judged;
  judged.accepted = parsed.accepted() && !parsed.statements.empty();
  for (const parser::Statement& statement : parsed.statements) {
    judged.statements.push_back(statement.facts);
  }
  if (!judged.accepted) return judged;
  judged.groups = {};
  for (const StatementFacts& facts : judged.statements) {
    judged.groups.add(own_groups(facts));
    judged.needs_lookup = judged.needs_lookup || calls_programs(facts) || uses_tables(facts) ||
                          facts.class_name == "execute_sql" ||
                          facts.class_name == "execute_immediate" ||
                          !facts.dynamic_variable.empty();
  }
  judged.calls_sluice = judged.statements.size() == 1 && is_sluice_call(judged.statements.front());
  return judged;
}

Groups groups_of(const StatementFacts& facts, std::string_view default_schema,
                 const Programs* programs) {
  const auto routine = [&](std::string_view schema, std::string_view name) {
    return programs == nullptr ? ActionGroup::Opaque
                               : programs->routine(schema.empty() ? default_schema : schema, name);
  };
  Groups groups;
  if (is_call(facts)) {  // its body counts instead of the parser's "opaque"
    for (const auto& object : facts.objects) {
      if (object.kind == parser::ObjectKind::Routine)
        groups.add(routine(object.schema, object.name));
    }
    if (facts.objects.empty()) groups.add(ActionGroup::Opaque);
  } else {
    groups = own_groups(facts);
  }
  if (only_stores(facts)) return groups;
  for (const auto& function : facts.functions) {
    if (!function.builtin) groups.add(routine(function.schema, function.name));
  }
  if (programs == nullptr) return groups;
  for (const auto& object : facts.objects) {
    if (object.temporary) continue;
    const std::string_view schema = object.schema.empty() ? default_schema : object.schema;
    if (has(object.access, Access::Write)) groups.add(programs->triggers(schema, object.name));
    if (has(object.access, Access::Read) || has(object.access, Access::Write)) {
      const auto view = programs->view(schema, object.name);
      if (view != ActionGroup::Read) groups.add(view);
    }
  }
  return groups;
}

}  // namespace sluice::policy
