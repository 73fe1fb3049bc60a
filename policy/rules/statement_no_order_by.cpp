// statement.no-order-by: an UPDATE or DELETE with ORDER BY sorts before it changes anything, and
// only means something with a LIMIT.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_order_by(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (!is_update(part) && !is_delete(part)) continue;
      for (const auto& placed : place(part)) {
        if (placed.token.kind != parser::TokenKind::Order) continue;
        if (placed.clause != Clause::kOrderBy || placed.query != 0) continue;
        check.report(step, part, placed.token,
                     "ORDER BY makes the change sort first; leave it out.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
