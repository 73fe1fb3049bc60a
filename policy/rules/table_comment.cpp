// table.comment: a new table says what it is for.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_comment(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("max-length"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto* options : defined->options) {
      const auto size = length(options->comment);
      const bool missing = defined->create && size == 0 && check.flag("required") &&
                           !std::get<schema::CreateTable>(step.statement->ddl.body).like;
      if (missing) {
        check.report(step, defined->table.name,
                     "Table '" + defined->table.name + "' has no comment; add COMMENT = '…'.");
      } else if (size > most) {
        check.report(step, options->comment,
                     "The comment of table '" + defined->table.name + "' has " +
                         std::to_string(size) + " characters, more than " + std::to_string(most) +
                         "; shorten it.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
