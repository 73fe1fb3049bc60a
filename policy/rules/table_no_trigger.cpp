// table.no-trigger: a trigger changes what a statement says it changes.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_trigger(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* create = std::get_if<schema::Create>(&step.statement->ddl.body);
    if (!create || !std::holds_alternative<schema::Trigger>(create->object)) continue;
    check.report(step, create->name.name,
                 "Trigger '" + create->name.name + "' is not allowed; do it in the program.");
  }
}

}  // namespace sluice::policy::rules
