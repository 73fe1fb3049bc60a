#include "parser/query_check.h"

#include "SluiceParser.h"
#include "parser/tree.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using Context = antlr4::ParserRuleContext;

// ORDER BY, LIMIT, then locks and one INTO.
const antlr4::Token* out_of_order(const Context* end) {
  enum class Stage { Start, Order, Limit, Late };
  Stage reached = Stage::Start;
  bool into = false;
  for (auto* node : end->children) {
    auto* clause = rule(node);
    if (clause == nullptr) continue;
    Stage stage = Stage::Late;
    if (clause->getRuleIndex() == G::RuleOrderClause) stage = Stage::Order;
    if (clause->getRuleIndex() == G::RuleLimitClause) stage = Stage::Limit;
    const bool second_into = into && clause->getRuleIndex() == G::RuleIntoClause;
    if (stage < reached || (stage == reached && stage != Stage::Late) || second_into)
      return clause->start;
    into = into || clause->getRuleIndex() == G::RuleIntoClause;
    reached = stage;
  }
  return nullptr;
}

// The only child, if it is of that rule.
Context* only(const Context* context, std::size_t wanted) {
  auto* inner = context->children.size() == 1 ? rule(context->children.front()) : nullptr;
  return inner != nullptr && inner->getRuleIndex() == wanted ? inner : nullptr;
}

bool is_query(const Context* body);

// (query), read as an expression.
bool is_query_expression(const Context* expr) {
  const auto* operand = only(expr, G::RuleOperand);
  const auto* primary = operand == nullptr ? nullptr : only(operand, G::RulePrimary);
  const auto* parens = primary == nullptr ? nullptr : only(primary, G::RuleParenthesised);
  return parens != nullptr && is_query(child(parens, G::RuleParenBody));
}

// (query), read as a table.
bool is_query_table(const Context* tables) {
  const auto* one = only(tables, G::RuleTableReference);
  const auto* factor = one == nullptr ? nullptr : only(one, G::RuleTableFactor);
  return factor != nullptr && factor->children.size() == 3 &&
         is_leaf(factor->children.front(), G::OP_LPAREN) &&
         is_query(child(factor, G::RuleDerivedBody));
}

// Whether a parenBody or derivedBody is a query, perhaps in further parentheses.
bool is_query(const Context* body) {
  if (body == nullptr) return false;
  if (const auto* tables = child(body, G::RuleTableReferences)) return is_query_table(tables);
  auto* first = rule(body->children.front());
  if (first == nullptr || first->getRuleIndex() != G::RuleExpr) return true;
  return !has_token(body, G::OP_COMMA) && is_query_expression(first);
}

}  // namespace

const antlr4::Token* misplaced_query_part(Context* context) {
  if (context->getRuleIndex() == G::RuleQueryEnd) return out_of_order(context);
  auto* last = rule(context->children.back());
  if (last == nullptr ||
      (last->getRuleIndex() != G::RuleSetOperation && last->getRuleIndex() != G::RuleQueryEnd)) {
    return nullptr;
  }
  return is_query(context) ? nullptr : last->start;
}

}  // namespace sluice::parser
