// statement.execution-time: the sheet limits the time of its queries before the first of them, by
// max_execution_time, on MariaDB max_statement_time.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_execution_time(Check& check) {
  const bool mariadb = check.situation().server.engine == parser::Engine::MariaDb;
  const std::string variable = mariadb ? "max_statement_time" : "max_execution_time";
  for (const auto& step : check.steps()) {
    const auto* facts = step.statement->facts();
    if (!facts) continue;
    for (const auto& set : facts->system_variables_set) {
      if (set.ends_with("." + variable)) return;
    }
    if (facts->group == parser::ActionGroup::Session) continue;  // USE and other SETs may be first
    check.report(
        step, "Nothing limits the time of this statement; SET SESSION " + variable + " before it.");
    return;
  }
}

}  // namespace sluice::policy::rules
