// Operands of expressions: literals, columns, calls, functions with a grammar of their own,
// subqueries.
#include <utility>

#include "parser/transform.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using Kind = Expression::Kind;

Expression of_kind(Kind kind) {
  Expression result;
  result.kind = kind;
  return result;
}

std::size_t first_type(const antlr4::ParserRuleContext* context) {
  return context->start->getType();
}

}  // namespace

Expression Transform::primary(Context* context) {
  auto* first = rule(context->children.front());
  if (first != nullptr && context->children.size() == 1) {
    switch (first->getRuleIndex()) {
      case G::RuleLiteral: return literal(first);
      case G::RuleUserVariable:
      case G::RuleSystemVariable: {
        auto result = of_kind(first->getRuleIndex() == G::RuleUserVariable ? Kind::UserVariable
                                                                           : Kind::SystemVariable);
        result.text = words(first);
        return result;
      }
      case G::RuleParenthesised: return parenthesised(first);
      case G::RuleQuantified: {
        auto result = of_kind(Kind::Quantified);
        result.text = words(first->children.front());
        result.query = query(child(first, G::RuleQueryExpression));
        return result;
      }
      case G::RuleSpecialCall: return special_call(first);
      case G::RuleNameOrCall: return name_or_call(first);
      case G::RuleDefaultWord: return of_kind(Kind::Default);
      default: return special(context);
    }
  }
  switch (first_type(context)) {
    case G::OP_QUESTION: return of_kind(Kind::Parameter);
    case G::EXISTS: {
      auto result = of_kind(Kind::Exists);
      result.query = query(child(context, G::RuleQueryExpression));
      return result;
    }
    case G::ROW: {
      auto result = of_kind(Kind::Row);
      result.text = "ROW";
      result.operands = expressions(child(context, G::RuleExprList));
      return result;
    }
    case G::CASE: return case_of(context);
    case G::INTERVAL: {
      auto result = of_kind(Kind::Interval);
      result.operands = expressions(context);
      if (auto* unit = child(context, G::RuleIntervalUnit)) result.text = words(unit);
      return result;
    }
    case G::OP_LBRACE: {
      auto result = of_kind(Kind::Odbc);
      result.name = names(context);
      result.operands = expressions(context);
      return result;
    }
    default: return special(context);
  }
}

Expression Transform::literal(Context* context) {
  auto result = of_kind(Kind::Literal);
  const auto* last = dynamic_cast<const SqlToken*>(context->stop);
  if (last != nullptr && last->collapsed > 0) {
    SqlToken alone = *last;
    alone.collapsed = 0;
    result.more = more(*last);
    result.text = context->start == context->stop
                      ? token_words(alone, false)
                      : token_words(*dynamic_cast<const SqlToken*>(context->start), false) + " " +
                            token_words(alone, false);
    return result;
  }
  result.text = words(context);
  return result;
}

Expression Transform::parenthesised(Context* context) {
  auto* body = child(context, G::RuleParenBody);
  Expression result;
  if (body == nullptr) {
    unknown();
    return result;
  }
  std::vector<Expression> list = expressions(body);
  if (const auto* close = dynamic_cast<const SqlToken*>(context->stop)) result.more = more(*close);
  if (list.empty()) {
    result.kind = Kind::Subquery;
    result.query = query(body);
    return result;
  }
  const bool more_query =
      child(body, G::RuleSetOperation) != nullptr || child(body, G::RuleQueryEnd) != nullptr;
  if (more_query) {
    // ((SELECT …) UNION …): the first operand is the first block.
    if (list.size() != 1 || list.front().kind != Kind::Subquery) {
      unknown();
      return result;
    }
    QueryBlock first;
    first.kind = QueryBlock::Kind::Parens;
    first.inner = std::move(list.front().query);
    Query whole;
    whole.blocks.push_back(std::move(first));
    for (auto* node : body->children) {
      if (auto* inner = rule(node); inner != nullptr && inner->getRuleIndex() != G::RuleExpr)
        query_part(inner, whole);
    }
    result.kind = Kind::Subquery;
    result.query = std::move(whole);
    return result;
  }
  result.kind = list.size() == 1 ? Kind::Parens : Kind::Row;
  result.operands = std::move(list);
  return result;
}

Expression Transform::column(Context* context) {
  auto result = of_kind(Kind::Column);
  result.name = names(context);
  auto* first = rule(context->children.front());
  result.leading_dot = first != nullptr && first->getRuleIndex() == G::RuleMariaLeadingDot;
  return result;
}

Expression Transform::name_or_call(Context* context) {
  auto* arguments = child(context, G::RuleCallArguments);
  if (arguments == nullptr) {
    if (child(context, G::RuleMariaPackageArguments) != nullptr) return special(context);
    return column(context);
  }
  for (auto* node : arguments->children) {
    auto* inner = rule(node);
    if (inner != nullptr && inner->getRuleIndex() == G::RuleArgument && inner->children.size() > 1)
      return special(context);  // f(a AS b)
  }
  auto result = of_kind(Kind::Call);
  result.name = names(context);
  for (auto* node : arguments->children) {
    auto* inner = rule(node);
    if (inner != nullptr) result.operands.push_back(expression(child(inner, G::RuleExpr)));
  }
  return result;
}

// Calls whose arguments are expressions alone are calls like any other.
Expression Transform::special_call(Context* context) {
  auto result = of_kind(Kind::Call);
  result.name.push_back({words(context->children.front()), Name::Spelling::Keyword});
  std::size_t parens = 0;
  for (std::size_t i = 1; i < context->children.size(); ++i) {
    auto* node = context->children[i];
    auto* inner = rule(node);
    if (inner != nullptr) {
      switch (inner->getRuleIndex()) {
        case G::RuleExpr: result.operands.push_back(expression(inner)); break;
        case G::RuleExprList:
          for (auto& one : expressions(inner)) result.operands.push_back(std::move(one));
          break;
        case G::RuleMysqlNullTreatment: result.after = words(inner); break;
        case G::RuleMysqlLagDefault:
          result.operands.push_back(expression(child(inner, G::RuleExpr)));
          break;
        case G::RuleOverClause: over(inner, result); break;
        default: return special(context);
      }
      continue;
    }
    switch (dynamic_cast<antlr4::tree::TerminalNode*>(node)->getSymbol()->getType()) {
      case G::OP_LPAREN: ++parens; break;
      case G::OP_RPAREN:
      case G::OP_COMMA: break;
      case G::ALL:
      case G::DISTINCT: result.text = words(node); break;
      case G::OP_STAR: result.operands.push_back(of_kind(Kind::Star)); break;
      default: return special(context);
    }
  }
  return parens == 1 ? result : special(context);
}

Expression Transform::special(Context* context) {
  auto result = of_kind(Kind::Special);
  const auto& nodes = context->children;
  std::size_t end = nodes.size();
  auto* last = rule(nodes.back());
  if (last != nullptr && last->getRuleIndex() == G::RuleOverClause) {
    over(last, result);
    --end;
  }
  const auto* first = dynamic_cast<const SqlToken*>(context->start);
  result.text = first == nullptr ? std::string() : upper_case(token_words(*first, false));
  result.pieces = pieces(nodes, 0, end);
  return result;
}

Expression Transform::case_of(Context* context) {
  auto result = of_kind(Kind::Case);
  result.operands = expressions(context);
  result.subject = rule(context->children[1]) != nullptr;
  result.otherwise = has_token(context, G::ELSE);
  return result;
}

void Transform::over(Context* clause, Expression& call) {
  if (auto* spec = child(clause, G::RuleWindowSpec)) {
    call.over = window_spec(spec);
    return;
  }
  auto* base = child(clause, G::RuleIdentifier);
  if (base == nullptr) return unknown();
  WindowSpec named;
  named.parens = false;
  named.base = name(base);
  call.over = std::move(named);
}

WindowSpec Transform::window_spec(Context* spec) {
  WindowSpec result;
  const auto& nodes = spec->children;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) {
      const std::string word = words(nodes[i]);
      if (word == "ROWS" || word == "RANGE" || word == "GROUPS") {
        result.frame = pieces(nodes, i, nodes.size() - 1);
        return result;
      }
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleIdentifier: result.base = name(inner); break;
      case G::RuleExprList: result.partition_by = expressions(inner); break;
      case G::RuleOrderClause: result.order_by = order(inner); break;
      default: unknown();
    }
  }
  return result;
}

}  // namespace sluice::parser
