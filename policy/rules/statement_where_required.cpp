// statement.where-required: an UPDATE or DELETE without WHERE, or with one that holds for every row
// (WHERE 1, WHERE 1 = 1), changes the whole table. Bodies of stored programs and prepared texts
// too.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using parser::TokenKind;

// The tokens of the statement's own WHERE name no column, function or variable.
bool holds_always(const std::vector<Placed>& tokens) {
  bool any = false;
  for (const auto& placed : tokens) {
    if (placed.clause != Clause::kWhere || placed.query != 0) continue;
    const auto kind = placed.token.kind;
    if (kind == TokenKind::Where) continue;
    any = true;
    const bool plain = kind == TokenKind::LeftParen || kind == TokenKind::RightParen ||
                       kind == TokenKind::Equal || kind == TokenKind::GreaterThan ||
                       kind == TokenKind::LessThan || kind == TokenKind::GreaterEqual ||
                       kind == TokenKind::LessEqual || kind == TokenKind::NotEqual ||
                       kind == TokenKind::Or || kind == TokenKind::And || kind == TokenKind::Not ||
                       kind == TokenKind::Is || kind == TokenKind::Dash || kind == TokenKind::Plus;
    const bool literal = is_literal(kind) && kind != TokenKind::Placeholder;
    if (!plain && !literal) return false;
  }
  return any;
}

bool has_where(const std::vector<Placed>& tokens) {
  for (const auto& placed : tokens) {
    if (placed.clause == Clause::kWhere && placed.query == 0) return true;
  }
  return false;
}

bool reads_table(const Part& part, const std::vector<Placed>& tokens) {
  if (part.facts->class_name != "select") return false;
  for (const auto& placed : tokens) {
    if (placed.clause == Clause::kFrom && placed.query == 0) return true;
  }
  return false;
}

}  // namespace

void statement_where_required(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      if (part.tokens.empty()) continue;
      const bool changes = is_update(part) || is_delete(part);
      if (!changes && !check.flag("select")) continue;
      const auto tokens = place(part);
      if (!changes && !reads_table(part, tokens)) continue;
      const std::string what = is_update(part) ? "UPDATE" : is_delete(part) ? "DELETE" : "SELECT";
      const auto& first = part.tokens.front();
      if (!has_where(tokens)) {
        check.report(
            step, part, first,
            what + " without WHERE touches every row of the table; say which rows are meant.");
      } else if (changes && holds_always(tokens)) {
        check.report(step, part, first,
                     what + "'s WHERE holds for every row; say which rows are meant.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
