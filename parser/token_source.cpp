#include "parser/token_source.h"

#include "SluiceParser.h"
#include "parser/lexer.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

// Deeper parentheses cost more stack and time than any statement is worth.
constexpr std::size_t kMaxNesting = 300;

bool is_literal(std::size_t type) {
  switch (type) {
    case G::TEXT_STRING:
    case G::NCHAR_STRING:
    case G::UNDERSCORE_CHARSET:
    case G::INT_NUM:
    case G::LONG_NUM:
    case G::ULONG_NUM:
    case G::DECIMAL_NUM:
    case G::FLOAT_NUM:
    case G::HEX_NUM:
    case G::BIN_NUM:
    case G::OP_QUESTION:
    case G::NULL_:
    case G::TRUE:
    case G::FALSE: return true;
    default: return false;
  }
}

}  // namespace

antlr4::Token* SqlTokenStream::LT(ssize_t k) {
  if (k < 0) {
    const auto back = static_cast<std::size_t>(-k);
    return back <= at_ ? &tokens_[at_ - back] : nullptr;
  }
  const std::size_t index = at_ + static_cast<std::size_t>(k) - 1;
  return &tokens_[index < tokens_.size() ? index : tokens_.size() - 1];
}

std::size_t SqlTokenStream::LA(ssize_t i) {
  if (i <= 0) {
    auto* token = LT(i);
    return token == nullptr ? antlr4::Token::EOF : token->getType();
  }
  const std::size_t index = at_ + static_cast<std::size_t>(i) - 1;
  return index < tokens_.size() ? tokens_[index].type : antlr4::Token::EOF;
}

void SqlTokenStream::consume() {
  if (at_ + 1 < tokens_.size()) ++at_;
}

void SqlTokenStream::push(const Token& token) {
  SqlToken& added = tokens_.emplace_back();
  added.type = token.kind == TokenKind::EndOfText ? antlr4::Token::EOF
                                                  : static_cast<std::size_t>(token.kind);
  added.start = token.start;
  added.stop = token.end;
  added.index = tokens_.size() - 1;
  added.keyword = is_keyword(token.kind);
}

// What the token before, and the one before that, turn out to be now that `next` is known.
void SqlTokenStream::adjust(const Token& next) {
  SqlToken& last = tokens_.back();
  const auto type = static_cast<std::size_t>(next.kind);
  if (last.type == G::SOUNDS && type != G::LIKE) last.type = G::IDENT;
  if (last.type == G::MEMBER && type != G::OF && type != G::OP_LPAREN) last.type = G::IDENT;
  if (last.type == G::WITH && type == G::ROLLUP) last.type = G::WITH_ROLLUP;
  if (type == G::KEY && last.type == G::DUPLICATE && tokens_.size() > 1 &&
      tokens_[tokens_.size() - 2].type == G::ON) {
    tokens_[tokens_.size() - 2].type = G::ON_DUPLICATE;
    tokens_.pop_back();
    tokens_.back().stop = next.start;
  }
}

// A `)` was pushed: drop the tuple it ends when that is literals only and follows another such
// tuple.
void SqlTokenStream::collapse() {
  const std::size_t begin = tuple_;
  if (begin < 3 || tokens_[begin - 1].type != G::OP_COMMA ||
      tokens_[begin - 2].type != G::OP_RPAREN)
    return;
  tokens_[begin - 2].collapsed += 1 + tokens_.back().collapsed;
  tokens_[begin - 2].collapsed_stop = tokens_.back().stop;
  tokens_.resize(begin - 1);
}

bool SqlTokenStream::fill(std::string_view text, const Dialect& dialect, std::size_t limit) {
  text_ = text;
  at_ = 0;
  if (tokens_.capacity() > 16'384) std::vector<SqlToken>().swap(tokens_);
  tokens_.clear();
  tuple_open_ = false;
  values_ = false;
  Lexer lexer(text, dialect);
  std::size_t nesting = 0;
  bool wait_for_item = false;  // within a tuple: a literal must come
  while (true) {
    const Token token = lexer.next();
    const auto type = static_cast<std::size_t>(token.kind);
    if (!tokens_.empty()) {
      SqlToken& last = tokens_.back();
      if (type == G::ROLLUP && last.type == G::WITH) {
        last.type = G::WITH_ROLLUP;
        last.stop = token.end;
        continue;
      }
      if (type == G::TEXT_STRING && (last.type == G::TEXT_STRING || last.type == G::NCHAR_STRING)) {
        // 'a' 'b' is one literal; an account ('u'@'h') and an alias have something between.
        if (!(tokens_.size() > 1 && tokens_[tokens_.size() - 2].type == G::OP_AT)) {
          last.stop = token.end;
          last.joined = true;
          continue;
        }
      }
      adjust(token);
    }
    push(token);
    // Only a statement to be prepared has parameters.
    if (type == G::OP_QUESTION && !dialect.placeholders) tokens_.back().type = G::INVALID_TEXT;
    if (token.kind == TokenKind::EndOfText) return true;
    if (type == G::OP_LPAREN) ++nesting;
    if (type == G::OP_RPAREN && nesting > 0) --nesting;
    if (tokens_.size() > limit || nesting > kMaxNesting) {
      tokens_.back().type = antlr4::Token::EOF;
      return false;
    }
    if (type == G::VALUES || type == G::VALUE) {
      values_ = true;
      tuple_open_ = false;
    } else if (values_ && !tuple_open_ && type == G::OP_LPAREN) {
      tuple_ = tokens_.size() - 1;
      tuple_open_ = true;
      wait_for_item = true;
    } else if (tuple_open_) {
      if (is_literal(tokens_.back().type)) {
        // An introducer and its string are two tokens of one item.
        const bool joined = tokens_[tokens_.size() - 2].type == G::UNDERSCORE_CHARSET;
        if (joined ? type != G::TEXT_STRING && type != G::HEX_NUM && type != G::BIN_NUM
                   : !wait_for_item) {
          values_ = tuple_open_ = false;
        }
        wait_for_item = type == G::UNDERSCORE_CHARSET;
      } else if (type == G::OP_COMMA && !wait_for_item) {
        wait_for_item = true;
      } else if ((type == G::OP_MINUS || type == G::OP_PLUS) && wait_for_item) {
      } else if (type == G::OP_RPAREN && !wait_for_item) {
        tuple_open_ = false;
        collapse();
      } else {
        values_ = tuple_open_ = false;
      }
    } else if (values_ && type != G::OP_COMMA) {
      values_ = false;
    }
  }
}

}  // namespace sluice::parser
