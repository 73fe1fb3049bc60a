// statement.no-limit: which rows a LIMIT takes depends on the plan, and a replica may take others.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_no_limit(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (!is_insert(part) && !is_update(part) && !is_delete(part)) continue;
      for (const auto& placed : place(part)) {
        if (placed.token.kind != parser::TokenKind::Limit) continue;
        if (placed.clause != Clause::kLimit || placed.query != 0) continue;
        check.report(step, part, placed.token,
                     "Which rows a LIMIT takes is not certain; say by WHERE which ones are meant.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
