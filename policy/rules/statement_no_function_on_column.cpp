// statement.no-function-on-column: a function or arithmetic on an indexed column hides it from its
// index. Indexes are those of the schema; without it nothing is said.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using parser::TokenKind;

// Whether the parenthesis behind this token is a function's.
bool calls(const Placed& before) {
  switch (before.token.kind) {
    case TokenKind::In:
    case TokenKind::And:
    case TokenKind::Or:
    case TokenKind::Xor:
    case TokenKind::Not:
    case TokenKind::Where:
    case TokenKind::On:
    case TokenKind::Between:
    case TokenKind::Like:
    case TokenKind::Any:
    case TokenKind::All:
    case TokenKind::Some:
    case TokenKind::Exists:
    case TokenKind::Case:
    case TokenKind::When:
    case TokenKind::Then:
    case TokenKind::Else:
    case TokenKind::Div:
    case TokenKind::Row:
    case TokenKind::Values: return false;
    default: return before.token.kind == TokenKind::Identifier || is_keyword(before.token.kind);
  }
}

bool computes(TokenKind kind) {
  return kind == TokenKind::Plus || kind == TokenKind::Dash || kind == TokenKind::Star ||
         kind == TokenKind::Slash || kind == TokenKind::Percent || kind == TokenKind::Div;
}

// The first columns of the indexes of every table that the statement reads.
std::vector<std::string> indexed_columns(const Check& check, const Part& part) {
  std::vector<std::string> out;
  const auto* schema = check.situation().schema;
  for (const auto& use : part.facts->objects) {
    const auto found = schema ? schema->tables.find(use.name) : decltype(schema->tables.end()){};
    if (!schema || found == schema->tables.end()) continue;
    for (const auto& index : found->second.indexes) {
      if (!index.parts.empty()) out.push_back(index.parts.front().column);
    }
  }
  return out;
}

}  // namespace

void statement_no_function_on_column(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto columns = indexed_columns(check, part);
      if (columns.empty()) continue;
      const auto tokens = place(part);
      std::vector<bool> open;  // parentheses: is it a function's?
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto kind = tokens[i].token.kind;
        if (kind == TokenKind::LeftParen) open.push_back(i > 0 && calls(tokens[i - 1]));
        if (kind == TokenKind::RightParen && !open.empty()) open.pop_back();
        if (tokens[i].clause != Clause::kWhere) continue;
        const auto name = unquoted(tokens[i].token.text(part.text));
        const bool column =
            (kind == TokenKind::Identifier || kind == TokenKind::QuotedIdentifier ||
             is_keyword(kind)) &&
            std::ranges::any_of(columns, [&](const auto& x) { return schema::same_name(x, name); });
        if (!column) continue;
        const bool next = i + 1 < tokens.size() && computes(tokens[i + 1].token.kind);
        const bool before = computes(tokens[i - 1].token.kind);
        const bool inside = std::ranges::find(open, true) != open.end();
        if (!next && !before && !inside) continue;
        check.report(step, part, tokens[i].token,
                     "Column '" + name +
                         "' is indexed, but not the function or arithmetic on it; "
                         "compare the column itself.");
      }
    }
  }
}

}  // namespace sluice::policy::rules
