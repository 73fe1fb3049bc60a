// column.char-length: how long a CHAR may be declared.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_char_length(Check& check) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& type = one.written->type;
      if (type.name != "char" || type.length.value_or(1) <= most) continue;
      check.report(step, one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined->table.name +
                       "' is CHAR(" + std::to_string(*type.length) + "), longer than " +
                       std::to_string(most) + "; make it VARCHAR.");
    }
  }
}

}  // namespace sluice::policy::rules
