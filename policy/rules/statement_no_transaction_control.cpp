// statement.no-transaction-control: the runner of a change begins and ends its transactions; a
// COMMIT in the sheet makes what came before it impossible to undo as one.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_transaction_control(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* facts = step.statement->facts();
    if (!facts || facts->group != parser::ActionGroup::Transaction) continue;
    const auto& name = facts->class_name;
    if (name != "begin" && name != "commit" && name != "rollback") continue;
    check.report(step, "The sheet's transaction is the runner's; leave this statement out.");
  }
}

}  // namespace sluice::policy::rules
