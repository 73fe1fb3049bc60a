// statement.no-select-all: SELECT * and t.* give other columns when the table changes. EXISTS
// (SELECT *) reads none, and COUNT(*) is no list of columns.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using parser::TokenKind;

bool is_all_columns(const std::vector<Placed>& tokens, std::size_t at) {
  if (tokens[at].token.kind != TokenKind::Star || at == 0) return false;
  if (tokens[at].clause != Clause::kSelect) return false;
  switch (tokens[at - 1].token.kind) {
    case TokenKind::Select:
    case TokenKind::Dot:
    case TokenKind::Comma:
    case TokenKind::All:
    case TokenKind::Distinct:
    case TokenKind::Distinctrow:
    case TokenKind::HighPriority:
    case TokenKind::StraightJoin:
    case TokenKind::SqlSmallResult:
    case TokenKind::SqlBigResult:
    case TokenKind::SqlBufferResult:
    case TokenKind::SqlNoCache:
    case TokenKind::SqlCalcFoundRows:
    case TokenKind::Hint: return true;
    default: return false;
  }
}

bool in_exists(const std::vector<Placed>& tokens, std::size_t at) {
  for (; at > 1; --at) {
    if (tokens[at].token.kind != TokenKind::Select) continue;
    return tokens[at].first_in_parens && tokens[at - 2].token.kind == TokenKind::Exists;
  }
  return false;
}

}  // namespace

void statement_no_select_all(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto tokens = place(part);
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (!is_all_columns(tokens, i) || in_exists(tokens, i)) continue;
        check.report(step, part, tokens[i].token,
                     "* stands for whatever columns there are when it runs; name the columns.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
