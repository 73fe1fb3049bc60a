// column.comment: a column says what it is for.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_comment(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("max-length"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& column = *one.written;
      const auto which = "olumn '" + column.name + "' of table '" + defined->table.name + "'";
      const auto size = length(column.comment);
      if (size == 0 && check.flag("required")) {
        check.report(step, column.name, "C" + which + " has no comment; add COMMENT '…'.");
      } else if (size > most) {
        check.report(step, column.name,
                     "The comment of c" + which + " has " + std::to_string(size) +
                         " characters, more than " + std::to_string(most) + "; shorten it.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
