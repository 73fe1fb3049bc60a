// table.no-partition: partitions forbid foreign keys, need their column in every unique key, and
// are rarely faster.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_no_partition(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    const auto* create = std::get_if<schema::CreateTable>(&step.statement->ddl.body);
    bool made = create && create->table.partitioning;
    for (const auto& action :
         defined->actions ? *defined->actions : std::vector<schema::AlterAction>{})
      made = made || action.kind == schema::AlterAction::Kind::PartitionBy;
    if (!made) continue;
    check.report(step, "PARTITION",
                 "Table '" + defined->table.name +
                     "' would be partitioned, which is not allowed; leave "
                     "PARTITION BY out.");
  }
}

}  // namespace sluice::policy::rules
