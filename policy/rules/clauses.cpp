// place(): each token's clause, by the keywords that begin clauses.
#include "policy/rules/parts.h"

namespace sluice::policy::rules {
namespace {

using parser::TokenKind;

struct Frame {
  Clause clause = Clause::kOther;
  std::uint32_t query = 0;
  bool statement = false;  // clauses begin here; otherwise it is an expression's parentheses
};

bool begins_query(TokenKind kind) {
  return kind == TokenKind::Select || kind == TokenKind::With || kind == TokenKind::Table ||
         kind == TokenKind::Values;
}

// The clause that `kind` begins in `frame`; the frame's own when it begins none.
Clause next_clause(TokenKind kind, TokenKind before, const Frame& frame) {
  switch (kind) {
    case TokenKind::Select: return Clause::kSelect;
    case TokenKind::From:
    case TokenKind::Using: return Clause::kFrom;
    case TokenKind::Update:
      return before == TokenKind::Key   ? Clause::kSet
             : before == TokenKind::For ? frame.clause
                                        : Clause::kFrom;
    case TokenKind::Join:
    case TokenKind::StraightJoin: return frame.clause == Clause::kOn ? Clause::kFrom : frame.clause;
    case TokenKind::On:
      return frame.clause == Clause::kFrom || frame.clause == Clause::kOn ? Clause::kOn
                                                                          : Clause::kOther;
    case TokenKind::Comma: return frame.clause == Clause::kOn ? Clause::kFrom : frame.clause;
    case TokenKind::Set: return before == TokenKind::Character ? frame.clause : Clause::kSet;
    case TokenKind::Values: return frame.clause == Clause::kSet ? Clause::kSet : Clause::kValues;
    case TokenKind::Where: return Clause::kWhere;
    case TokenKind::Group: return Clause::kGroupBy;
    case TokenKind::Having: return Clause::kHaving;
    case TokenKind::Order: return Clause::kOrderBy;
    case TokenKind::Limit: return Clause::kLimit;
    case TokenKind::Union:
    case TokenKind::Except:
    case TokenKind::Intersect:
    case TokenKind::Into: return Clause::kOther;
    default: return frame.clause;
  }
}

}  // namespace

std::vector<Placed> place(const Part& part) {
  std::vector<Placed> out;
  out.reserve(part.tokens.size());
  std::vector<Frame> frames{{Clause::kOther, 0, true}};
  std::uint32_t queries = 0;
  auto before = TokenKind::EndOfText;
  const auto& tokens = part.tokens;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto kind = tokens[i].kind;
    if (kind == TokenKind::RightParen && frames.size() > 1) frames.pop_back();
    auto& frame = frames.back();
    if (frame.statement && before != TokenKind::Dot)
      frame.clause = next_clause(kind, before, frame);
    out.push_back({tokens[i], frame.clause, static_cast<std::uint32_t>(frames.size() - 1),
                   frame.query, before == TokenKind::LeftParen});
    if (kind == TokenKind::LeftParen) {
      const auto next = i + 1 < tokens.size() ? tokens[i + 1].kind : TokenKind::EndOfText;
      Frame inner = frame;
      inner.statement = begins_query(next);
      if (inner.statement) inner = {Clause::kOther, ++queries, true};
      frames.push_back(inner);
    }
    before = kind;
  }
  return out;
}

}  // namespace sluice::policy::rules
