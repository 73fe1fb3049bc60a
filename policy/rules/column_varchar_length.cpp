// column.varchar-length: how long a VARCHAR may be declared.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_varchar_length(Check& check) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& type = one.written->type;
      if (type.name != "varchar" || type.length.value_or(1) <= most) continue;
      check.report(step, one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined->table.name +
                       "' is VARCHAR(" + std::to_string(*type.length) + "), longer than " +
                       std::to_string(most) + "; shorten it, or make it TEXT.");
    }
  }
}

}  // namespace sluice::policy::rules
