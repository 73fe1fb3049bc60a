// program.no-procedure: what it does is in no review of the program.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void program_no_procedure(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* create = std::get_if<schema::Create>(&step.statement->ddl.body);
    if (!create) continue;
    const auto* made = std::get_if<schema::Routine>(&create->object);
    if (!made || made->kind != schema::Routine::Kind::Procedure) continue;
    check.report(step, create->name.name,
                 "Procedure '" + create->name.name + "' is not allowed; do it in the program.");
  }
}

}  // namespace sluice::policy::rules
