// column.no-charset: character sets and collations are the table's; a column says none of its own.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_charset(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& type = one.written->type;
      // MariaDB's JSON brings its own.
      if (one.written->check && one.written->check->sql.starts_with("json_valid")) continue;
      const auto& said = type.charset.empty() ? type.collation : type.charset;
      if (said.empty()) continue;
      check.report(step, said,
                   "Column '" + one.written->name + "' of table '" + defined->table.name +
                       "' says " + said + " itself; leave it to the table's default.");
    }
  }
}

}  // namespace sluice::policy::rules
