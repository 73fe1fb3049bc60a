// column.auto-increment-start: where the numbers of a new table begin.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_auto_increment_start(Check& check) {
  const auto wanted = static_cast<std::uint64_t>(check.number("value"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto* options : defined->options) {
      if (!options->auto_increment || *options->auto_increment == wanted) continue;
      check.report(step, "AUTO_INCREMENT",
                   "The numbers of table '" + defined->table.name + "' would begin at " +
                       std::to_string(*options->auto_increment) + "; begin at " +
                       std::to_string(wanted) + ".");
    }
  }
}

}  // namespace sluice::policy::rules
