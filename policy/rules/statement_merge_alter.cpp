// statement.merge-alter: every ALTER TABLE may copy the table; several of one table are cheaper as
// one.
#include <map>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_merge_alter(Check& check) {
  std::map<std::string, const Step*> seen;
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    const auto name = defined->table.schema + "." + defined->table.name;
    const auto [first, fresh] = seen.try_emplace(name, &step);
    if (fresh || defined->create) continue;
    const auto line = check.sheet().place(first->second->statement->range.begin).first;
    check.report(step, defined->table.name,
                 "Table '" + defined->table.name + "' is defined in line " + std::to_string(line) +
                     " of this sheet already; make one statement of them.");
  }
}

}  // namespace sluice::policy::rules
