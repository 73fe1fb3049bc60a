// column.require-collation: a text column does not depend on the default that its table has.
#include "parser/schema/canonical.h"
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_require_collation(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = *one.written;
      if (!schema::has_charset(column.type) || !column.type.collation.empty()) continue;
      check.report(step, column.name,
                   "Column '" + column.name + "' of table '" + defined->table.name +
                       "' does not say its collation; add it.");
    }
  }
}

}  // namespace sluice::policy::rules
