// table.require-charset: a new table does not depend on the default that its database has.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_require_charset(Check& check) {
  for (const auto& step : check.steps()) {
    const auto* create = std::get_if<schema::CreateTable>(&step.statement->ddl.body);
    if (!create || create->table.temporary || create->like) continue;
    if (!create->table.options.charset.empty()) continue;
    check.report(step, create->name.name,
                 "Table '" + create->name.name + "' does not say its character set; add it.");
  }
}

}  // namespace sluice::policy::rules
