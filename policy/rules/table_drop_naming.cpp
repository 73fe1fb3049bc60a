// table.drop-naming: a table is renamed first, seen to be missed by nobody, and dropped then.
// Temporary tables, and those that the sheet itself created, may be dropped at once.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_drop_naming(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* drop = std::get_if<schema::Drop>(&step.statement->ddl.body);
    if (!drop || drop->kind != schema::ObjectKind::Table || drop->temporary) continue;
    for (const auto& name : drop->names) {
      bool own = false;
      for (const auto& change : step.tables) own = own || (change.own && change.name == name.name);
      if (own || matches(name.name, check.pattern("pattern"))) continue;
      check.report(
          step, name.name,
          "Table '" + name.name + "' may not be dropped under this name, which does not match " +
              check.pattern("pattern") + "; rename it so, and drop it once nobody missed it.");
    }
  }
}

}  // namespace sluice::policy::rules
