// table.no-dml: tables that no change may touch in this way.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_dml(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto* facts = part.facts;
      if (facts->group != parser::ActionGroup::Dml) continue;
      for (const auto& use : facts->objects) {
        if (use.kind != parser::ObjectKind::Table || use.temporary) continue;
        if (!has(use.access, parser::Access::Write) || !check.lists("tables", use.name)) continue;
        check.report(step, use.name, "Table '" + use.name + "' may not be written; ask its owner.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
