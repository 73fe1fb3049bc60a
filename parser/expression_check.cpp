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
  explicit Check(bool position) : position_(position) {}

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
        in_ = !position_;
        return predicate(position_ ? Phase::LastValue : Phase::Predicate);
      case G::LIKE:
        if (first == G::SOUNDS) return predicate(Phase::LastValue);
        like_ = true;
        return predicate(Phase::Predicate);
      case G::RLIKE:
      case G::REGEXP: return predicate(Phase::LastValue);
      case G::BETWEEN: return predicate(Phase::Between);
      case G::MEMBER:
      case G::OF: return in_ = true, predicate(Phase::Predicate);
      case G::ESCAPE: return after_like_;
      case G::OP_ARROW:
      case G::OP_DOUBLE_ARROW:
      case G::OP_CONCAT: return true;
      default: return phase_ != Phase::Predicate && phase_ != Phase::Closed;
    }
  }

  bool test(const G::IsTestContext& context) {
    if (phase_ == Phase::Between || phase_ == Phase::Closed) return false;
    phase_ = context.stop->getType() == G::NULL_ ? Phase::Predicate : Phase::Closed;
    return true;
  }

  bool operand(const G::OperandContext& context) {
    after_like_ = like_;
    if (in_ && context.start->getType() != G::OP_LPAREN) return false;
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
    const bool right = phase_ != Phase::Between && phase_ != Phase::Closed;
    phase_ = Phase::Bit;
    return right;
  }
  bool predicate(Phase next) {
    const bool right = phase_ == Phase::Bit;
    phase_ = next;
    return right;
  }

  bool position_;
  Phase phase_ = Phase::Bit;
  bool not_allowed_ = true;  // NOT may begin the next operand
  bool in_ = false;          // a list must follow
  bool like_ = false;
  bool after_like_ = false;

 public:
  [[nodiscard]] bool complete() const { return phase_ != Phase::Between; }
};

}  // namespace

const antlr4::Token* misplaced(G::ExprContext& expression, bool position) {
  Check check(position);
  for (auto* node : expression.children) {
    auto* part = rule(node);
    if (part == nullptr) continue;
    bool right = true;
    switch (part->getRuleIndex()) {
      case G::RuleOperand: right = check.operand(*static_cast<G::OperandContext*>(part)); break;
      case G::RuleInfix: right = check.infix(*static_cast<G::InfixContext*>(part)); break;
      case G::RuleIsTest: right = check.test(*static_cast<G::IsTestContext*>(part)); break;
      default: break;
    }
    if (!right) return part->start;
  }
  return check.complete() ? nullptr : expression.stop;
}

}  // namespace sluice::parser
