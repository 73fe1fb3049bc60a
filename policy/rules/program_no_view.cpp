// program.no-view: it hides which tables a query reads.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void program_no_view(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* create = std::get_if<schema::Create>(&step.statement->ddl.body);
    if (!create) continue;
    if (!std::holds_alternative<schema::View>(create->object)) continue;
    check.report(step, create->name.name,
                 "View '" + create->name.name + "' is not allowed; do it in the program.");
  }
}

}  // namespace sluice::policy::rules
