// statement.no-mixed-ddl-dml: DDL commits what came before it, so a sheet with both cannot be
// undone as one; a data change with its rollback and a schema change are two issues.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_mixed_ddl_dml(Check& check) {
  const Step* ddl = nullptr;
  const Step* dml = nullptr;
  for (const auto& step : check.steps()) {
    const auto* facts = step.statement->facts();
    if (!facts) continue;
    const bool is_ddl = facts->group == parser::ActionGroup::Ddl;
    const bool is_dml = facts->group == parser::ActionGroup::Dml;
    const bool turns = (is_ddl && dml && !ddl) || (is_dml && ddl && !dml);
    if (is_ddl && !ddl) ddl = &step;
    if (is_dml && !dml) dml = &step;
    if (!turns) continue;
    const auto& first = is_ddl ? *dml : *ddl;
    const auto line = check.sheet().place(first.statement->range.begin).first;
    check.report(step, std::string(is_ddl ? "This changes the schema, the statement of line "
                                          : "This changes data, the statement of line ") +
                           std::to_string(line) + (is_ddl ? " data" : " the schema") +
                           "; DDL commits what came before. Make two changes of it.");
  }
}

}  // namespace sluice::policy::rules
