// naming.auto-increment: the name of the column that numbers the rows.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void naming_auto_increment(Check& check) {
  const auto& pattern = check.pattern("pattern");
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      if (!one.written->auto_increment || matches(one.written->name, pattern)) continue;
      check.report(step, one.written->name,
                   "The AUTO_INCREMENT column '" + one.written->name + "' of table '" +
                       defined->table.name + "' does not match " + pattern +
                       "; choose another name.");
    }
  }
}

}  // namespace sluice::policy::rules
