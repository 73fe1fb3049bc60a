// index.column-limit: how many columns one index has.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void index_column_limit(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& index : defined->indexes) {
      if (index.parts.size() <= most) continue;
      check.report(step, index.name.empty() ? index.parts.front().column : index.name,
                   "An index of table '" + defined->table.name + "' has " +
                       std::to_string(index.parts.size()) + " columns, more than " +
                       std::to_string(most) + "; keep those that queries search by.");
    }
  }
}

}  // namespace sluice::policy::rules
