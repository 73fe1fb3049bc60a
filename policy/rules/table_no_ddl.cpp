// table.no-ddl: tables that no change may touch in this way.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_ddl(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto* facts = part.facts;
      if (facts->group != parser::ActionGroup::Ddl) continue;
      for (const auto& use : facts->objects) {
        if (use.kind != parser::ObjectKind::Table || use.temporary) continue;
        if (!has(use.access,
                 parser::Access::Create | parser::Access::Alter | parser::Access::Drop) ||
            !check.lists("tables", use.name))
          continue;
        check.report(
            step, use.name,
            "Table '" + use.name + "' may not be changed in its definition; ask its owner.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
