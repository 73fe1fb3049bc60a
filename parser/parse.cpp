#include "parser/parse.h"

#include <algorithm>
#include <string>

#include "parser/facts_walk.h"
#include "parser/parser_state.h"
#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

SyntaxError error_at(std::string_view text, std::size_t offset, SyntaxError::Kind kind) {
  constexpr std::size_t kNear = 80;
  SyntaxError error;
  error.kind = kind;
  error.offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, error.offset);
  error.line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  const auto newline = before.rfind('\n');
  error.column = static_cast<std::uint32_t>(
      newline == std::string_view::npos ? error.offset + 1 : error.offset - newline);
  std::size_t length = std::min(kNear, text.size() - error.offset);
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U;
  };
  while (length > 0 && error.offset + length < text.size() && continues(error.offset + length))
    --length;
  error.near = text.substr(error.offset, length);
  error.message = kind == SyntaxError::Kind::TooComplex
                      ? "The text is nested or long beyond what is understood."
                      : (error.near.empty() ? "The statement ends too early."
                                            : "This is not understood here: " + error.near);
  return error;
}

// The text of a PREPARE is judged with the statement that brings it.
void judge_text(StatementFacts& facts, const Dialect& dialect, int depth) {
  if (facts.dynamic_text.empty()) return;
  if (depth > 4) {
    facts.dynamic = true;
    return;
  }
  Dialect inner = dialect;
  inner.placeholders = true;
  inner.multi_statements = false;
  Parsed parsed = parse(facts.dynamic_text, inner);
  facts.group = parsed.group();
  if (!parsed.accepted()) facts.dynamic = true;
  for (auto& statement : parsed.statements) {
    facts.dynamic = facts.dynamic || statement.facts.dynamic;
    if (facts.class_name == "execute_immediate")
      facts.implicit_commit = statement.facts.implicit_commit;
    facts.nested.push_back(std::move(statement.facts));
  }
}

// Blanks and comments alone: the servers answer that the query was empty, and do nothing.
Statement empty_query(std::string_view text) {
  Statement statement;
  statement.facts.class_name = "empty_query";
  statement.facts.group = ActionGroup::Read;
  statement.facts.start = statement.facts.end = text.size();
  return statement;
}

bool only_semicolons(SqlTokenStream& tokens) {
  for (ssize_t i = 1;; ++i) {
    const std::size_t type = tokens.LA(i);
    if (type == antlr4::Token::EOF) return true;
    if (type != G::OP_SEMI) return false;
  }
}

}  // namespace

ActionGroup Parsed::group() const {
  if (error.has_value() || statements.empty()) return ActionGroup::Opaque;
  ActionGroup most = ActionGroup::Read;
  for (const auto& statement : statements) most = std::max(most, statement.facts.group);
  return most;
}

Parsed parse(std::string_view text, const Dialect& dialect, Detail detail) {
  Parsed parsed;
  if (text.size() > kMaxTextBytes || dialect.has(kOracle)) {
    parsed.error = error_at(text, 0, SyntaxError::Kind::TooComplex);
    return parsed;
  }
  ParserState& state = thread_parser();
  SqlTokenStream& tokens = state.tokens();
  if (!state.begin(text, dialect)) {
    parsed.error = error_at(text, 0, SyntaxError::Kind::TooComplex);
    return parsed;
  }
  const auto refuse = [&](std::size_t offset, SyntaxError::Kind kind) {
    parsed.error = error_at(text, offset, kind);
  };
  while (tokens.LA(1) != antlr4::Token::EOF) {
    if (!parsed.statements.empty() && !dialect.multi_statements && !only_semicolons(tokens)) {
      refuse(tokens.at(tokens.index()).start, SyntaxError::Kind::Syntax);
      break;
    }
    const auto outcome = state.next();
    const std::size_t here = tokens.at(tokens.index()).start;
    if (outcome != ParserState::Outcome::Parsed) {
      refuse(here, outcome == ParserState::Outcome::Refused ? SyntaxError::Kind::Syntax
                                                            : SyntaxError::Kind::TooComplex);
      break;
    }
    antlr4::ParserRuleContext* tree = state.tree()->statement();
    if (tree == nullptr) tree = state.tree()->mariaOutside();
    if (tree == nullptr) {  // a lone `;`: the servers drop those at the end of a text
      if (tokens.LA(1) == G::OP_SEMI || tokens.LA(1) == antlr4::Token::EOF) continue;
      refuse(state.tree()->start->getStartIndex(), SyntaxError::Kind::Syntax);
      break;
    }
    Statement statement;
    FactsWalk walk(tokens, dialect, statement.facts);
    walk.run(tree);
    if (walk.reserved() != nullptr) {
      refuse(walk.reserved()->getStartIndex(), SyntaxError::Kind::Syntax);
      break;
    }
    if (detail == Detail::Tree) {
      statement.tree =
          std::make_shared<const StatementTree>(Transform(tokens, dialect).statement(tree));
    }
    parsed.statements.push_back(std::move(statement));
  }
  // The trees are done with before the texts inside are parsed by the same parser.
  static thread_local int depth = 0;
  ++depth;
  for (auto& statement : parsed.statements) judge_text(statement.facts, dialect, depth);
  --depth;
  if (parsed.statements.empty() && !parsed.error) {
    parsed.statements.push_back(empty_query(text));
    if (detail == Detail::Tree)
      parsed.statements.back().tree = std::make_shared<const StatementTree>(StatementTree{Other{}});
  }
  return parsed;
}

ParserStatistics parser_statistics() {
  return thread_parser().statistics();
}

}  // namespace sluice::parser
