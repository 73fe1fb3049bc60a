// column.no-zero-date: a default of zeros is no date, and strict servers refuse it.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void column_no_zero_date(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& type = one.written->type.name;
      if (type != "date" && type != "datetime" && type != "timestamp") continue;
      const auto* literal = std::get_if<schema::Literal>(&one.written->default_value);
      if (!literal || literal->kind != schema::Literal::Kind::Text) continue;
      const bool zero = literal->value.starts_with("0000-00-00") || literal->value == "0";
      const bool part = literal->value.size() >= 10 && (literal->value.substr(5, 2) == "00" ||
                                                        literal->value.substr(8, 2) == "00");
      if (!zero && !part) continue;
      check.report(step, one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined->table.name +
                       "' has the default '" + literal->value +
                       "', which is no date; use NULL or a real one.");
    }
  }
}

}  // namespace sluice::policy::rules
