// column.no-null: NULL makes comparisons three-valued. Columns of the primary key are NOT NULL by
// themselves; a generated column is what its expression is.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_null(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = one.column();
      if (!column.nullable || one.primary || column.generated) continue;
      check.report(step, column.name,
                   "Column '" + column.name + "' of table '" + defined->table.name +
                       "' can be NULL; make it NOT NULL, with a DEFAULT where rows exist.");
    }
  }
}

}  // namespace sluice::policy::rules
