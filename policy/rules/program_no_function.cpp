// program.no-function: it is called once a row, and no plan sees into it.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void program_no_function(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* create = std::get_if<schema::Create>(&step.statement->ddl.body);
    if (!create) continue;
    const auto* made = std::get_if<schema::Routine>(&create->object);
    if (!made || made->kind != schema::Routine::Kind::Function) continue;
    check.report(step, create->name.name,
                 "Function '" + create->name.name + "' is not allowed; do it in the program.");
  }
}

}  // namespace sluice::policy::rules
