// statement.limit-value: a query gives at most so many rows by its LIMIT.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_limit_value(Check& check) {
  const auto most = static_cast<std::uint64_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (!part.facts->limit || *part.facts->limit <= most || part.tokens.empty()) continue;
      auto at = part.tokens.front();
      for (const auto& placed : place(part)) {
        if (placed.token.kind == parser::TokenKind::Limit && placed.query == 0) at = placed.token;
      }
      check.report(step, part, at,
                   "LIMIT " + std::to_string(*part.facts->limit) + " is more than " +
                       std::to_string(most) + "; ask for pages by the key.");
    }
  }
}

}  // namespace sluice::policy::rules
