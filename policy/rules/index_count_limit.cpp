// index.count-limit: how many indexes a table has after the statement; every write keeps all of
// them.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void index_count_limit(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || defined->indexes.empty()) continue;
    const auto count =
        defined->after() ? defined->after()->indexes.size() : defined->indexes.size();
    if (count <= most) continue;
    check.report(step, defined->table.name,
                 "Table '" + defined->table.name + "' would have " + std::to_string(count) +
                     " indexes, more than " + std::to_string(most) +
                     "; drop one that is not used.");
  }
}

}  // namespace sluice::policy::rules
