// statement.function-denylist: functions that give other values on a replica, wait, or lock.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_function_denylist(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      for (std::size_t i = 0; i + 1 < part.tokens.size(); ++i) {
        if (part.tokens[i + 1].kind != parser::TokenKind::LeftParen) continue;
        const auto name = unquoted(part.tokens[i].text(part.text));
        if (!check.lists("functions", name)) continue;
        check.report(step, part, part.tokens[i],
                     "The function " + schema::upper(name) + "() is not allowed; write its value.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
