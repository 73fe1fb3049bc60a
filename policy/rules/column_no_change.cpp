// column.no-change: CHANGE COLUMN renames and redefines at once, and a name that is not repeated
// exactly is a renamed column.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_change(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || !defined->actions) continue;
    for (const auto& action : *defined->actions) {
      if (action.kind != schema::AlterAction::Kind::ChangeColumn) continue;
      check.report(
          step, action.name,
          "CHANGE COLUMN renames and redefines at once; use RENAME COLUMN or MODIFY COLUMN.");
    }
  }
}

}  // namespace sluice::policy::rules
