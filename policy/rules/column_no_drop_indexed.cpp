// column.no-drop-indexed: a column that leaves takes its indexes along, or leaves them shorter.
// Indexes are those of the schema; without it nothing is said.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_drop_indexed(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || !defined->actions || !defined->before()) continue;
    for (const auto& action : *defined->actions) {
      if (action.kind != schema::AlterAction::Kind::DropColumn) continue;
      for (const auto& index : defined->before()->indexes) {
        const bool part = std::ranges::any_of(index.parts, [&](const schema::IndexPart& x) {
          return schema::same_name(x.column, action.name);
        });
        // An index that the statement itself drops is meant to go.
        const bool dropped =
            std::ranges::any_of(*defined->actions, [&](const schema::AlterAction& other) {
              return other.kind == schema::AlterAction::Kind::DropIndex &&
                     schema::same_name(other.name, index.name);
            });
        if (!part || dropped) continue;
        check.report(step, action.name,
                     "Column '" + action.name + "' of table '" + defined->table.name +
                         "' is part of index '" + index.name +
                         "'; drop or change the index first.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
