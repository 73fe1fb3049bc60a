// statement.join-limit: plans of many joined tables are often wrong ones.
#include <map>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_join_limit(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("limit"));
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      std::map<std::uint32_t, std::size_t> tables;  // by query
      for (const auto& placed : place(part)) {
        if (placed.clause != Clause::kFrom) continue;
        const auto kind = placed.token.kind;
        const bool joins = kind == parser::TokenKind::Join ||
                           kind == parser::TokenKind::StraightJoin ||
                           kind == parser::TokenKind::Comma;
        if (!joins) continue;
        auto& count = tables.try_emplace(placed.query, 1).first->second;
        if (++count != most + 1) continue;  // told once
        check.report(
            step, part, placed.token,
            "More than " + std::to_string(most) + " tables are joined; ask in several queries.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
