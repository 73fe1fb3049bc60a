// statement.algorithm-option: an ALTER TABLE that says its ALGORITHM fails where the server would
// do it in a slower way.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_algorithm_option(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* alter = std::get_if<schema::AlterTable>(&step.statement->ddl.body);
    if (!alter) continue;
    const bool said = std::ranges::any_of(alter->actions, [](const schema::AlterAction& action) {
      return schema::upper(action.text).starts_with("ALGORITHM");
    });
    if (said) continue;
    check.report(
        step, alter->name.name,
        "The statement does not say its ALGORITHM; add ALGORITHM=, so that it fails rather than "
        "block the table for long.");
  }
}

}  // namespace sluice::policy::rules
