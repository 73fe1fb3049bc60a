// database.drop-empty: only a database without tables is dropped. One that is not known may have
// tables.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void database_drop_empty(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* drop = std::get_if<schema::Drop>(&step.statement->ddl.body);
    if (!drop || drop->kind != schema::ObjectKind::Database) continue;
    for (const auto& name : drop->names) {
      const auto state =
          std::ranges::find(step.dropped_databases, name.name, &DroppedDatabase::name);
      const bool known = state != step.dropped_databases.end() && state->complete;
      if (known && state->tables == 0) continue;
      check.report(
          step, name.name,
          known ? "Database '" + name.name + "' has " + std::to_string(state->tables) +
                      (state->tables == 1 ? " table" : " tables") +
                      "; drop them first, each by its rules."
                : "Database '" + name.name +
                      "' may have tables; drop them first, and review the change against it.");
    }
  }
}

}  // namespace sluice::policy::rules
