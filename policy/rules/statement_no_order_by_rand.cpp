// statement.no-order-by-rand: ORDER BY RAND() reads and sorts every row, and gives a replica
// others.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_order_by_rand(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto tokens = place(part);
      for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i].clause != Clause::kOrderBy) continue;
        if (tokens[i + 1].token.kind != parser::TokenKind::LeftParen) continue;
        if (!schema::same_name(tokens[i].token.text(part.text), "rand")) continue;
        check.report(step, part, tokens[i].token,
                     "ORDER BY RAND() sorts every row by chance; choose the rows in another way.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
