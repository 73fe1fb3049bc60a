// index.no-duplicate-column: a column stands once in an index.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void index_no_duplicate_column(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& index : defined->indexes) {
      for (std::size_t i = 1; i < index.parts.size(); ++i) {
        const auto& name = index.parts[i].column;
        const bool again =
            !name.empty() &&
            std::any_of(index.parts.begin(), index.parts.begin() + static_cast<std::ptrdiff_t>(i),
                        [&](const auto& x) { return schema::same_name(x.column, name); });
        if (!again) continue;
        check.report(step, name,
                     "Column '" + name + "' is twice in an index of table '" + defined->table.name +
                         "'; leave one out.");
        break;
      }
    }
  }
}

}  // namespace sluice::policy::rules
