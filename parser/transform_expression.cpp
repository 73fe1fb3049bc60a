// Expressions: the grammar's flat lists of operands and operators by the servers' precedence
// (manual 14.4.1 Operator Precedence), and the operands.
#include <array>
#include <utility>

#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using Kind = Expression::Kind;

// How tightly an operator binds; greater is tighter.
enum Level : int {
  kNone = 0,
  kOr,
  kXor,
  kAnd,
  kNot,
  kCompare,
  kPredicate,
  kBitOr,
  kBitAnd,
  kShift,
  kAdd,
  kMultiply,
  kBitXor,
  kConcat,
  kPostfix,  // COLLATE, ->, ->>
  kAssign,   // := takes everything on its right
};

int level_of(std::size_t type) {
  switch (type) {
    case G::OR:
    case G::OP_OR_OR: return kOr;
    case G::XOR: return kXor;
    case G::AND:
    case G::OP_AND_AND: return kAnd;
    case G::OP_EQ:
    case G::OP_NULL_SAFE_EQ:
    case G::OP_NE:
    case G::OP_LT:
    case G::OP_LE:
    case G::OP_GT:
    case G::OP_GE: return kCompare;
    case G::IN:
    case G::LIKE:
    case G::RLIKE:
    case G::REGEXP:
    case G::BETWEEN:
    case G::MEMBER:
    case G::OF: return kPredicate;
    case G::OP_PIPE: return kBitOr;
    case G::OP_AMP: return kBitAnd;
    case G::OP_SHL:
    case G::OP_SHR: return kShift;
    case G::OP_PLUS:
    case G::OP_MINUS: return kAdd;
    case G::OP_STAR:
    case G::OP_SLASH:
    case G::OP_PERCENT:
    case G::DIV:
    case G::MOD: return kMultiply;
    case G::OP_CARET: return kBitXor;
    case G::OP_CONCAT: return kConcat;
    case G::OP_ARROW:
    case G::OP_DOUBLE_ARROW: return kPostfix;
    case G::OP_ASSIGN: return kAssign;
    default: return kNone;
  }
}

std::size_t first_type(const antlr4::ParserRuleContext* context) {
  return context->start->getType();
}

}  // namespace

int Transform::level(antlr4::tree::ParseTree* node) const {
  auto* context = rule(node);
  if (context == nullptr) return is_leaf(node, G::COLLATE) ? kPostfix : kNone;
  switch (context->getRuleIndex()) {
    case G::RuleInfix: return level_of(context->stop->getType());
    case G::RuleIsTest: return kCompare;
    default: return kNone;
  }
}

Expression Transform::expression(Context* expr) {
  if (expr->getRuleIndex() == G::RuleBitExpr) expr = child(expr, G::RuleExpr);
  if (expr == nullptr || depth_ >= kMaxTreeDepth) {
    unknown();
    return {};
  }
  ++depth_;
  std::size_t at = 0;
  Expression result = climb(expr->children, at, kOr);
  --depth_;
  if (at != expr->children.size()) unknown();
  return result;
}

// An operand with the words before it, and everything that binds tighter than those words.
Expression Transform::operand_at(const Nodes& nodes, std::size_t& at, int least) {
  auto* context = at < nodes.size() ? rule(nodes[at]) : nullptr;
  if (context == nullptr || context->getRuleIndex() != G::RuleOperand) {
    unknown();
    at = nodes.size();
    return {};
  }
  ++at;
  if (child(context, G::RuleMariaPointWord) != nullptr) unknown();
  Expression nots;
  nots.kind = Kind::Unary;
  Expression signs = nots;
  for (auto* node : context->children) {
    if (rule(node) != nullptr) break;
    const bool negation = is_leaf(node, G::NOT);
    (negation ? nots : signs).operators.push_back(words(node));
  }
  auto* inner = rule(context->children.back());
  if (inner == nullptr) {
    unknown();
    return {};
  }
  Expression value = postfix(primary(inner), nodes, at);
  if (!signs.operators.empty()) {
    signs.operands.push_back(std::move(value));
    value = std::move(signs);
  }
  if (nots.operators.empty()) return value;
  // NOT takes a whole comparison; the chain's caller goes on with what binds less.
  if (least > kNot) unknown();
  nots.operands.push_back(climb(std::move(value), nodes, at, kCompare));
  return nots;
}

Expression Transform::postfix(Expression left, const Nodes& nodes, std::size_t& at) {
  bool arrows = false;     // `left` is a chain of them, made here
  std::size_t nested = 0;  // a -> b COLLATE c -> d COLLATE e …
  while (at + 1 < nodes.size() && level(nodes[at]) == kPostfix) {
    if (is_leaf(nodes[at], G::COLLATE)) {
      arrows = false;
      if (left.kind != Kind::Collate) {
        if (++nested > kMaxTreeDepth) unknown();
        Expression collate;
        collate.kind = Kind::Collate;
        collate.operands.push_back(std::move(left));
        left = std::move(collate);
      }
      left.operators.push_back(words(nodes[at + 1]));
      at += 2;
      continue;
    }
    std::string op = words(nodes[at]);
    ++at;
    auto* context = rule(nodes[at]);
    if (context == nullptr || context->getRuleIndex() != G::RuleOperand ||
        context->children.size() != 1) {
      unknown();
      return left;
    }
    if (!arrows) {
      if (++nested > kMaxTreeDepth) unknown();
      Expression chain;
      chain.kind = Kind::Chain;
      chain.operands.push_back(std::move(left));
      left = std::move(chain);
      arrows = true;
    }
    left.operators.push_back(std::move(op));
    left.operands.push_back(primary(rule(context->children.front())));
    ++at;
    if (failed_) return left;
  }
  return left;
}

Expression Transform::climb(const Nodes& nodes, std::size_t& at, int least) {
  return climb(operand_at(nodes, at, least), nodes, at, least);
}

// Operators that bind at least as tightly as `least`, from behind their first operand on.
Expression Transform::climb(Expression left, const Nodes& nodes, std::size_t& at, int least) {
  while (at < nodes.size() && !failed_) {
    const int here = level(nodes[at]);
    if (here == kNone) break;
    if (here == kAssign) {
      ++at;
      Expression assign;
      assign.kind = Kind::Assign;
      assign.operands.push_back(std::move(left));
      if (++depth_ >= kMaxTreeDepth)
        unknown();
      else
        assign.operands.push_back(climb(nodes, at, kOr));
      --depth_;
      left = std::move(assign);
      continue;
    }
    if (here < least) break;
    if (here == kPredicate) {
      left = predicate(std::move(left), nodes, at);
      continue;
    }
    Expression chain;
    chain.kind = Kind::Chain;
    chain.operands.push_back(std::move(left));
    while (at < nodes.size() && level(nodes[at]) == here && !failed_) {
      chain.operators.push_back(words(nodes[at]));
      const bool test = rule(nodes[at])->getRuleIndex() == G::RuleIsTest;
      ++at;
      if (!test) chain.operands.push_back(climb(nodes, at, here + 1));
    }
    left = std::move(chain);
  }
  return left;
}

Expression Transform::predicate(Expression left, const Nodes& nodes, std::size_t& at) {
  auto* infix = rule(nodes[at]);
  ++at;
  Expression result;
  result.text = words(infix);
  result.operands.push_back(std::move(left));
  switch (infix->stop->getType()) {
    case G::IN:
      result.kind = Kind::In;
      result.operands.push_back(operand_at(nodes, at, kPostfix));
      return result;
    case G::BETWEEN:
      result.kind = Kind::Between;
      result.operands.push_back(climb(nodes, at, kBitOr));
      if (at >= nodes.size() || level(nodes[at]) != kAnd || words(nodes[at]) != "AND") {
        unknown();
        return result;
      }
      ++at;
      // a BETWEEN 1 AND b BETWEEN 1 AND c … nests to the right.
      if (depth_ >= kMaxTreeDepth) return unknown(), result;
      ++depth_;
      result.operands.push_back(climb(nodes, at, kPredicate));
      --depth_;
      return result;
    default: break;
  }
  result.kind = Kind::Predicate;
  const bool like = infix->stop->getType() == G::LIKE && first_type(infix) != G::SOUNDS;
  const bool member = first_type(infix) == G::MEMBER;
  result.operands.push_back(like || member ? climb(nodes, at, kConcat) : climb(nodes, at, kBitOr));
  auto* escape = like && at < nodes.size() ? rule(nodes[at]) : nullptr;
  if (escape != nullptr && escape->stop->getType() == G::ESCAPE &&
      escape->getRuleIndex() == G::RuleInfix) {
    ++at;
    result.operands.push_back(climb(nodes, at, kConcat));
  }
  return result;
}

std::vector<Expression> Transform::expressions(Context* list) {
  std::vector<Expression> found;
  for (auto* node : list->children) {
    auto* inner = rule(node);
    if (inner != nullptr && inner->getRuleIndex() == G::RuleExpr)
      found.push_back(expression(inner));
  }
  return found;
}

}  // namespace sluice::parser
