#include "policy/rules/column_length.h"

#include "parser/words.h"
#include "policy/rules/defined.h"

namespace sluice::policy::rules {

void column_length(Check& check, std::string_view type, std::string_view instead) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto& is = one.written->type;
      if (is.name != type || is.length.value_or(1) <= most) continue;
      check.report(step, one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined->table.name + "' is " +
                       parser::upper_case(type) + "(" + std::to_string(*is.length) +
                       "), longer than " + std::to_string(most) + "; " + std::string(instead) +
                       ".");
    }
  }
}

}  // namespace sluice::policy::rules
