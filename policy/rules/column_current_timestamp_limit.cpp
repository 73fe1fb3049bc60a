// column.current-timestamp-limit: how many columns of a table take the time of a write by
// themselves.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

void look(Check& check, const Definition& defined, std::size_t found, std::string_view parameter,
          const std::string& what) {
  const auto most = static_cast<std::size_t>(check.number(parameter));
  if (found <= most) return;
  check.report(*defined.step, defined.table.name,
               "Table '" + defined.table.name + "' has " + std::to_string(found) +
                   " columns with " + what + ", more than " + std::to_string(most) +
                   "; let the program write the others.");
}

}  // namespace

void column_current_timestamp_limit(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined || defined->columns.empty()) continue;
    std::vector<const schema::Column*> columns;
    if (const auto* after = defined->after()) {
      for (const auto& column : after->columns) columns.push_back(&column);
    } else {
      for (const auto& one : defined->columns) columns.push_back(one.written);
    }
    std::size_t defaults = 0;
    std::size_t updates = 0;
    for (const auto* column : columns) {
      defaults += std::holds_alternative<schema::CurrentTimestamp>(column->default_value);
      updates += column->on_update.has_value();
    }
    look(check, *defined, defaults, "default-limit", "DEFAULT CURRENT_TIMESTAMP");
    look(check, *defined, updates, "update-limit", "ON UPDATE CURRENT_TIMESTAMP");
  }
}

}  // namespace sluice::policy::rules
