#include "parser/expression_check.h"

#include "parser/tree.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

// What may follow, by what was read since the last operator that begins anew.
enum class Phase {
  Bit,        // a value: everything
  Predicate,  // … IN (…), LIKE x: comparisons, IS and logic
  LastValue,  // … REGEXP x: arithmetic too
  Between,    // BETWEEN x: arithmetic, then AND
  Closed,     // … IS TRUE: logic alone
};

class Check {
 public:
  Check(bool position, bool mariadb) : position_(position), mariadb_(mariadb) {}

  // False when the operator may not stand here.
  bool infix(const G::InfixContext& context) {
    const std::size_t last = context.stop->getType();
    const std::size_t first = context.start->getType();
    not_allowed_ = false;
    like_ = false;
    switch (last) {
      case G::OR:
      case G::OP_OR_OR:
      case G::XOR:
      case G::AND:
      case G::OP_AND_AND: return logic(last);
      case G::OP_ASSIGN: return phase_ = Phase::Bit, not_allowed_ = true, true;
      case G::OP_EQ:
      case G::OP_NULL_SAFE_EQ:
      case G::OP_NE:
      case G::OP_LT:
      case G::OP_LE:
      case G::OP_GT:
      case G::OP_GE: return comparison();
      case G::IN:
        if (position_) return first_in();
        in_ = true;
        return predicate(Phase::Predicate);
      case G::LIKE:
        if (first == G::SOUNDS) return predicate(right_side(Phase::LastValue));
        like_ = true;
        return predicate(right_side(Phase::Predicate));
      case G::RLIKE:
      case G::REGEXP: return predicate(right_side(Phase::LastValue));
      case G::BETWEEN: return predicate(Phase::Between);
      case G::MEMBER:
      case G::OF: return in_ = true, predicate(Phase::Predicate) && !mariadb_;
      case G::ESCAPE: return after_like_;
      case G::OP_ARROW:
      case G::OP_DOUBLE_ARROW:
      case G::OP_CONCAT: return true;
      default: return phase_ != Phase::Predicate && phase_ != Phase::Closed;
    }
  }

  bool test(const G::IsTestContext& context) {
    if (phase_ == Phase::Between || (phase_ == Phase::Closed && !mariadb_)) return false;
    const bool null = context.stop->getType() == G::NULL_;
    phase_ = null && !mariadb_ ? Phase::Predicate : Phase::Closed;
    list_ = true;
    return true;
  }

  bool operand(const G::OperandContext& context) {
    after_like_ = like_;
    if (in_ && context.start->getType() != G::OP_LPAREN) return false;
    list_ = in_;
    in_ = false;
    bool only_not = true;
    for (auto* node : context.children) {
      if (rule(node) != nullptr) break;
      const bool negation = is_leaf(node, G::NOT);
      if (negation && (!only_not || !not_allowed_)) return false;
      only_not = only_not && negation;
    }
    return true;
  }

 private:
  // POSITION(bit expression IN expression).
  bool first_in() {
    position_ = false;
    not_allowed_ = true;
    const bool right = phase_ == Phase::Bit;
    phase_ = Phase::Bit;
    return right;
  }
  bool logic(std::size_t type) {
    if (phase_ == Phase::Between) {
      phase_ = Phase::Bit;
      return type == G::AND;
    }
    phase_ = Phase::Bit;
    not_allowed_ = true;
    return true;
  }
  bool comparison() {
    const bool right = phase_ != Phase::Between && (phase_ != Phase::Closed || mariadb_);
    phase_ = Phase::Bit;
    return right;
  }
  bool predicate(Phase next) {
    // MariaDB takes one predicate after the other.
    const bool right = phase_ == Phase::Bit || (mariadb_ && phase_ == Phase::Predicate);
    phase_ = next;
    return right;
  }
  // MariaDB takes anything on the right of a predicate.
  [[nodiscard]] Phase right_side(Phase mysql) const { return mariadb_ ? Phase::Bit : mysql; }

  bool position_;
  bool mariadb_;
  bool list_ = false;  // what was read last is a list or a test: nothing to collate
  Phase phase_ = Phase::Bit;
  bool not_allowed_ = true;  // NOT may begin the next operand
  bool in_ = false;          // a list must follow
  bool like_ = false;
  bool after_like_ = false;

 public:
  [[nodiscard]] bool collates() const { return !list_; }
  // = ANY (query) was read.
  void quantified() {
    phase_ = mariadb_ ? Phase::Closed : Phase::Predicate;
    list_ = true;
  }
  [[nodiscard]] bool complete() const { return phase_ != Phase::Between && !position_; }
};

// The expression's operand or operator `away` places from `at`, or null.
antlr4::ParserRuleContext* beside(G::ExprContext& expression, std::size_t at, int away) {
  const auto place = static_cast<std::ptrdiff_t>(at) + away;
  if (place < 0 || place >= static_cast<std::ptrdiff_t>(expression.children.size())) return nullptr;
  return rule(expression.children[static_cast<std::size_t>(place)]);
}

std::size_t infix_type(antlr4::ParserRuleContext* context) {
  const bool infix = context != nullptr && context->getRuleIndex() == G::RuleInfix;
  return infix && context->start == context->stop ? context->start->getType() : 0;
}

bool is_comparison(std::size_t type) {
  return type == G::OP_EQ || type == G::OP_NE || type == G::OP_LT || type == G::OP_LE ||
         type == G::OP_GT || type == G::OP_GE;
}

// DATE_ADD(a, INTERVAL 1 DAY) and a window's frame take an interval by itself.
bool takes_interval(const G::ExprContext& expression) {
  const auto* parent = parent_of(&expression);
  if (parent->getRuleIndex() == G::RuleFrameBound) return true;
  if (parent->getRuleIndex() != G::RuleSpecialCall || expression.children.size() != 1) return false;
  switch (parent->start->getType()) {
    case G::DATE_ADD:
    case G::DATE_SUB:
    case G::ADDDATE:
    case G::SUBDATE: return rule(parent->children[2]) != &expression;
    default: return false;
  }
}

// Operands that may stand only beside certain operators.
bool in_place(G::ExprContext& expression, std::size_t at, G::OperandContext& operand) {
  auto* primary = operand.primary();
  const std::size_t before = infix_type(beside(expression, at, -1));
  if (primary->quantified() != nullptr)
    return is_comparison(before) && operand.children.size() == 1;
  if (primary->INTERVAL() == nullptr || primary->intervalUnit() == nullptr) return true;
  if (takes_interval(expression)) return true;
  if (operand.children.size() == 1 && (before == G::OP_PLUS || before == G::OP_MINUS)) return true;
  return infix_type(beside(expression, at, 1)) == G::OP_PLUS;
}

// `->` and `->>` stand between a column and a text, `:=` after a user variable.
bool operands_fit(G::ExprContext& expression, std::size_t at, std::size_t type) {
  auto* left = dynamic_cast<G::OperandContext*>(beside(expression, at, -1));
  if (left == nullptr) return type != G::OP_ASSIGN;  // after COLLATE: the servers refuse it, too
  auto* before = left->primary();
  if (type == G::OP_ASSIGN) return before->userVariable() != nullptr && left->children.size() == 1;
  // A chain of arrows is no column either, but the servers say so themselves.
  const std::size_t earlier = infix_type(beside(expression, at, -2));
  const bool chain = earlier == G::OP_ARROW || earlier == G::OP_DOUBLE_ARROW;
  auto* column = before->nameOrCall();
  if (!chain && (column == nullptr || column->callArguments() != nullptr)) return false;
  auto* right = dynamic_cast<G::OperandContext*>(beside(expression, at, 1));
  auto* path =
      right == nullptr || right->children.size() != 1 ? nullptr : right->primary()->literal();
  return path != nullptr && path->getStart()->getType() == G::TEXT_STRING;
}

// Where an expression is a value with arithmetic alone: MATCH … AGAINST (x), and a point of FOR
// SYSTEM_TIME but for the two of BETWEEN, which are read as one expression.
bool only_arithmetic(const antlr4::ParserRuleContext& holder) {
  if (holder.getRuleIndex() == G::RulePrimary) return holder.start->getType() == G::MATCH;
  if (holder.getRuleIndex() != G::RuleSystemTimePoint) return false;
  return !has_token(static_cast<const antlr4::ParserRuleContext*>(holder.parent), G::BETWEEN);
}

}  // namespace

const antlr4::Token* misplaced(G::ExprContext& expression, bool position, bool mariadb) {
  Check check(position, mariadb);
  for (std::size_t i = 0; i < expression.children.size(); ++i) {
    auto* part = rule(expression.children[i]);
    if (part == nullptr) {
      if (!check.collates())
        return dynamic_cast<antlr4::tree::TerminalNode*>(expression.children[i])->getSymbol();
      continue;
    }
    bool right = true;
    switch (part->getRuleIndex()) {
      case G::RuleOperand: {
        auto& operand = *static_cast<G::OperandContext*>(part);
        right = check.operand(operand) && in_place(expression, i, operand);
        if (operand.primary()->quantified() != nullptr) check.quantified();
        break;
      }
      case G::RuleInfix: {
        const std::size_t type = infix_type(part);
        const bool bound =
            type == G::OP_ARROW || type == G::OP_DOUBLE_ARROW || type == G::OP_ASSIGN;
        right = check.infix(*static_cast<G::InfixContext*>(part)) &&
                (!bound || operands_fit(expression, i, type));
        break;
      }
      case G::RuleIsTest: right = check.test(*static_cast<G::IsTestContext*>(part)); break;
      default: break;
    }
    if (!right) return part->start;
  }
  return check.complete() ? nullptr : expression.stop;
}

bool compares(const G::InfixContext& infix) {
  switch (infix.stop->getType()) {
    case G::OR:
    case G::OP_OR_OR:
    case G::XOR:
    case G::AND:
    case G::OP_AND_AND:
    case G::OP_EQ:
    case G::OP_NULL_SAFE_EQ:
    case G::OP_NE:
    case G::OP_LT:
    case G::OP_LE:
    case G::OP_GT:
    case G::OP_GE:
    case G::IN:
    case G::LIKE:
    case G::RLIKE:
    case G::REGEXP:
    case G::BETWEEN:
    case G::MEMBER: return true;
    default: return false;
  }
}

const antlr4::Token* beyond_arithmetic(grammar::SluiceParser::ExprContext& expression) {
  if (!only_arithmetic(*static_cast<const antlr4::ParserRuleContext*>(expression.parent)))
    return nullptr;
  for (auto* node : expression.children) {
    auto* part = rule(node);
    if (part == nullptr) continue;
    if (part->getRuleIndex() == G::RuleIsTest) return part->start;
    if (part->getRuleIndex() == G::RuleOperand && is_leaf(part->children.front(), G::NOT))
      return part->start;
    if (part->getRuleIndex() != G::RuleInfix) continue;
    // What is assigned may be anything.
    if (part->stop->getType() == G::OP_ASSIGN) return nullptr;
    if (part->stop->getType() == G::OF || compares(*static_cast<G::InfixContext*>(part)))
      return part->start;
  }
  return nullptr;
}

}  // namespace sluice::parser
