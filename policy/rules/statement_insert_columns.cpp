// statement.insert-columns: without its list of columns an INSERT fails, or fills other columns,
// when the table gets one more.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_insert_columns(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (!is_insert(part) || part.tokens.empty()) continue;
      const auto shape = insert_shape(part);
      if (shape.columns || shape.set) continue;
      const auto& first = part.tokens.front();
      check.report(step, part, first,
                   std::string(first.text(part.text)) +
                       " does not name its columns; write them in parentheses behind the table.");
    }
  }
}

}  // namespace sluice::policy::rules
