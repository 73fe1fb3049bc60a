// column.auto-increment-unsigned: numbers are never negative, and UNSIGNED has twice as many.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_auto_increment_unsigned(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = *one.written;
      if (!column.auto_increment || column.type.is_unsigned) continue;
      check.report(step, column.name,
                   "Column '" + column.name + "' of table '" + defined->table.name +
                       "' is AUTO_INCREMENT and signed; make it UNSIGNED.");
    }
  }
}

}  // namespace sluice::policy::rules
