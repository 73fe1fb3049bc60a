// statement.no-truncate: TRUNCATE commits, fires no trigger, sets AUTO_INCREMENT back and leaves
// nothing in the binlog that could undo it.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_truncate(Check& check) {
  const std::string why =
      " cannot be undone and fires no triggers; DELETE in pieces, or drop the table by its rule.";
  for (const auto& step : check.steps()) {
    const auto& body = step.statement->ddl.body;
    if (const auto* truncate = std::get_if<schema::Truncate>(&body))
      check.report(step, truncate->name.name, "TRUNCATE" + why);
    const auto* alter = std::get_if<schema::AlterTable>(&body);
    for (const auto& action : alter ? alter->actions : std::vector<schema::AlterAction>{}) {
      if (action.kind == schema::AlterAction::Kind::TruncatePartition)
        check.report(step, alter->name.name, "TRUNCATE PARTITION" + why);
    }
  }
}

}  // namespace sluice::policy::rules
