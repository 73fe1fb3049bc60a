// column.require-default: every column says what it is when nobody says it. The primary key,
// numbered and generated columns, and types that take no literal default, need none.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_require_default(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = *one.written;
      if (one.primary || column.auto_increment || column.generated) continue;
      if (!std::holds_alternative<std::monostate>(column.default_value)) continue;
      if (!takes_default(column.type)) continue;
      check.report(step, column.name,
                   "Column '" + column.name + "' of table '" + defined->table.name +
                       "' has no DEFAULT; give it one.");
    }
  }
}

}  // namespace sluice::policy::rules
