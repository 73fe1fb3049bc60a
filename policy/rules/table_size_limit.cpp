// table.size-limit: ALTER, TRUNCATE and DROP of a table with many rows take long or lock for long.
// Rows are the server's estimate; without one nothing is said.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void table_size_limit(Check& check) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    std::vector<std::string> names;
    const auto& body = step.statement->ddl.body;
    if (const auto* alter = std::get_if<schema::AlterTable>(&body)) names = {alter->name.name};
    if (const auto* truncate = std::get_if<schema::Truncate>(&body)) names = {truncate->name.name};
    if (const auto* drop = std::get_if<schema::Drop>(&body);
        drop && drop->kind == schema::ObjectKind::Table && !drop->temporary) {
      for (const auto& name : drop->names) names.push_back(name.name);
    }
    for (const auto& name : names) {
      const auto rows = check.situation().table_rows.find(name);
      if (rows == check.situation().table_rows.end() || rows->second <= most) continue;
      check.report(step, name,
                   "Table '" + name + "' has about " + std::to_string(rows->second) +
                       " rows, more than " + std::to_string(most) +
                       "; change it with an online schema change, at a quiet time.");
    }
  }
}

}  // namespace sluice::policy::rules
