// table.no-charset: character sets and collations are the database's; a table says none of its own.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_charset(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto* options : defined->options) {
      const auto& said = options->charset.empty() ? options->collation : options->charset;
      if (said.empty()) continue;
      check.report(step, said,
                   "Table '" + defined->table.name + "' says " + said +
                       " itself; leave it to the database's default.");
    }
  }
}

}  // namespace sluice::policy::rules
