// column.required: each table keeps the columns that every table shares.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_required(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    std::vector<std::string> missing;
    const auto* after = defined->after();
    const bool partial = defined->change && defined->change->partial;
    for (const auto& wanted : check.list("columns")) {
      if (after && after->column(wanted)) continue;
      const auto lost = lost_columns(*defined);
      const bool loses = std::ranges::any_of(
          lost, [&](const auto& name) { return schema::same_name(name, wanted); });
      if (loses || (defined->create && after && !partial)) missing.push_back(wanted);
    }
    if (missing.empty()) continue;
    check.report(step, defined->create ? defined->table.name : missing.front(),
                 "Table '" + defined->table.name + "' must have " + quoted_list(missing) +
                     (defined->create ? "; add it." : "; keep it."));
  }
}

}  // namespace sluice::policy::rules
