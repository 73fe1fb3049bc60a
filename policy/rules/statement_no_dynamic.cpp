// statement.no-dynamic: what a prepared text does is decided when it runs, so that a review of it
// is not one of what will run.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_dynamic(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (part.tokens.empty()) continue;
      const auto& name = part.facts->class_name;
      const bool prepared =
          name == "prepare_sql" || name == "execute_sql" || name == "execute_immediate";
      const bool called = name == "call_procedure" && check.flag("call");
      if (!prepared && !called) continue;
      check.report(step, part, part.tokens.front(),
                   std::string(called ? "What the procedure does is not in this sheet"
                                      : "What a prepared statement does is decided when it runs") +
                       "; write the statements themselves.");
    }
  }
}

}  // namespace sluice::policy::rules
