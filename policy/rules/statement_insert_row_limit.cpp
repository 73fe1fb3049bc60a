// statement.insert-row-limit: many rows in one statement are one large transaction. Rows of VALUES
// are counted; those of a query are EXPLAIN's estimate.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_insert_row_limit(Check& check) {
  const auto limit = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (!is_insert(part) || part.tokens.empty()) continue;
      auto rows = part.facts->inserted_rows;
      const auto estimate = check.situation().affected_rows.find(step.index);
      const bool whole = part.facts == step.statement->facts();
      if (!rows && whole && estimate != check.situation().affected_rows.end())
        rows = estimate->second;
      if (!rows || *rows <= limit) continue;
      check.report(step, part, part.tokens.front(),
                   "The statement inserts " + std::to_string(*rows) + " rows, more than " +
                       std::to_string(limit) + "; insert them in several statements.");
    }
  }
}

}  // namespace sluice::policy::rules
