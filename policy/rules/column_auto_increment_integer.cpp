// column.auto-increment-integer: numbers of FLOAT and DOUBLE columns are no longer exact above 2^24
// and 2^53.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_auto_increment_integer(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = *one.written;
      if (!column.auto_increment || column.type.name.ends_with("int")) continue;
      check.report(step, column.name,
                   "Column '" + column.name + "' of table '" + defined->table.name +
                       "' is AUTO_INCREMENT and " + column.type.name + "; make it BIGINT.");
    }
  }
}

}  // namespace sluice::policy::rules
