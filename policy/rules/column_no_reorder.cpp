// column.no-reorder: FIRST and AFTER of a column that is there copy the table for looks alone.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_reorder(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || !defined->actions) continue;
    for (const auto& action : *defined->actions) {
      if (!action.first && action.after.empty()) continue;
      if (action.kind == schema::AlterAction::Kind::AddColumn && !check.flag("add")) continue;
      check.report(step, action.column.name,
                   "Column '" + action.column.name + "' of table '" + defined->table.name +
                       "' is put to another place, which copies the table; leave FIRST or AFTER "
                       "out.");
    }
  }
}

}  // namespace sluice::policy::rules
