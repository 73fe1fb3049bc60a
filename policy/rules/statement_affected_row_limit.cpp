// statement.affected-row-limit: one statement that changes many rows holds many locks for long. The
// number is EXPLAIN's estimate, at most a literal LIMIT; without an estimate nothing is said, but
// of the rows that an INSERT … VALUES counts itself the rule statement.insert-row-limit speaks.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_affected_row_limit(Check& check) {
  const auto limit = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto estimate = check.situation().affected_rows.find(step.index);
    const auto* facts = step.statement->facts();
    if (estimate == check.situation().affected_rows.end() || !facts) continue;
    auto rows = estimate->second;
    if (facts->limit && !facts->class_name.ends_with("_select"))
      rows = std::min(rows, *facts->limit);
    if (rows <= limit) continue;
    check.report(step, "The statement changes about " + std::to_string(rows) +
                           " rows by EXPLAIN's estimate, more than " + std::to_string(limit) +
                           "; change them in several statements, each for a range of the key.");
  }
}

}  // namespace sluice::policy::rules
