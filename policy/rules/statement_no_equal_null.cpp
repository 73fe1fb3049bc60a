// statement.no-equal-null: a comparison with NULL is never true; IS NULL is what is meant.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using parser::TokenKind;

bool compares(TokenKind kind) {
  return kind == TokenKind::Equal || kind == TokenKind::NotEqual || kind == TokenKind::LessThan ||
         kind == TokenKind::GreaterThan || kind == TokenKind::LessEqual ||
         kind == TokenKind::GreaterEqual;
}

}  // namespace

void statement_no_equal_null(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto tokens = place(part);
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto clause = tokens[i].clause;
        if (clause != Clause::kWhere && clause != Clause::kOn && clause != Clause::kHaving)
          continue;
        if (tokens[i].token.kind != TokenKind::Null) continue;
        const bool left = i + 1 < tokens.size() && compares(tokens[i + 1].token.kind);
        const bool right = i > 0 && compares(tokens[i - 1].token.kind);
        if (!left && !right) continue;
        check.report(step, part, tokens[left ? i + 1 : i - 1].token,
                     "A comparison with NULL is never true; write IS NULL or IS NOT NULL.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
