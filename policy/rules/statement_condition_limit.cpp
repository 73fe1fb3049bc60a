// statement.condition-limit: long chains of OR and long lists of IN make slow plans and large
// digests.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using parser::TokenKind;

// Chains of OR and lists of IN, each in its own parentheses.
class Counter {
 public:
  Counter(Check& check, const Step& step, const Part& part)
      : check_(check), step_(step), part_(part) {}

  void run() {
    levels_.push_back({});
    auto before = TokenKind::EndOfText;
    for (const auto& token : part_.tokens) {
      auto& level = levels_.back();
      if (token.kind == TokenKind::LeftParen) {
        levels_.push_back({});
        levels_.back().list = before == TokenKind::In;
      } else if (token.kind == TokenKind::RightParen && levels_.size() > 1) {
        levels_.pop_back();
      } else if (token.kind == TokenKind::Or || token.kind == TokenKind::DoublePipe) {
        count(level.conditions, token, "conditions are joined by OR");
      } else if (token.kind == TokenKind::Comma && level.list) {
        count(level.items, token, "values are in one IN");
      } else if (token.kind == TokenKind::Where || token.kind == TokenKind::On ||
                 token.kind == TokenKind::Having) {
        level.conditions = 1;
      }
      before = token.kind;
    }
  }

 private:
  struct Level {
    bool list = false;
    std::int64_t conditions = 1;
    std::int64_t items = 1;
  };
  void count(std::int64_t& number, const parser::Token& token, const std::string& what) {
    const auto limit = check_.number("limit");
    if (++number != limit + 1) return;  // told once
    check_.report(step_, part_, token,
                  "More than " + std::to_string(limit) + " " + what +
                      "; join a table that holds the values.");
  }

  Check& check_;
  const Step& step_;
  const Part& part_;
  std::vector<Level> levels_;
};

}  // namespace

void statement_condition_limit(Check& check) {
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) Counter(check, step, part).run();
  }
}

}  // namespace sluice::policy::rules
