// table.no-foreign-key: foreign keys take locks on other tables, and their cascades are not in the
// binlog.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_foreign_key(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& key : defined->foreign_keys) {
      check.report(step, key.name.empty() ? key.table : key.name,
                   "A foreign key on " + quoted_list(key.columns) + " of table '" +
                       defined->table.name +
                       "' is not allowed; keep an index and check in the "
                       "program.");
    }
  }
}

}  // namespace sluice::policy::rules
