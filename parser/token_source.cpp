#include "parser/token_source.h"

#include <utility>

#include "SluiceParser.h"
#include "parser/lexer.h"
#include "parser/name_charset.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

// Deeper parentheses cost more stack and time than any statement is worth.
constexpr std::size_t kMaxNesting = 300;

bool is_literal(std::size_t type) {
  switch (type) {
    case G::TEXT_STRING:
    case G::TEMPORAL_TEXT:
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

// DATE '2026-01-01' is one literal: the token and the text behind it, which `lexer` moves behind.
bool take_temporal(Token& token, Lexer& lexer) {
  if (token.kind != TokenKind::Date && token.kind != TokenKind::Time &&
      token.kind != TokenKind::Timestamp) {
    return false;
  }
  Lexer ahead = lexer;
  const Token text = ahead.next();
  if (text.kind != TokenKind::TextString) return false;
  lexer = ahead;
  token.end = text.end;
  return true;
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
  // MariaDB's DELETE HISTORY FROM t names no table `history`.
  if (mariadb_ && last.type == G::HISTORY && type == G::FROM && tokens_.size() > 1 &&
      tokens_[tokens_.size() - 2].type == G::DELETE) {
    last.type = G::HISTORY_WORD;
  }
  // FOR SYSTEM_TIME BETWEEN x AND TIMESTAMP y: the word is no operand of AND.
  if (type == G::SYSTEM_TIME && last.type == G::FOR) system_time_ = mariadb_;
  if (system_time_ && tokens_.size() > 1 && tokens_[tokens_.size() - 2].type == G::AND) {
    system_time_ = false;
    if ((last.type == G::TIMESTAMP || last.type == G::TRANSACTION) && type != G::OP_LPAREN)
      last.type = G::POINT_WORD;
  }
  // AGAINST (x IN BOOLEAN MODE): no other IN has these words behind it.
  if (type == G::MODE && last.type == G::BOOLEAN && tokens_.size() > 1 &&
      tokens_[tokens_.size() - 2].type == G::IN) {
    tokens_[tokens_.size() - 2].type = G::MATCH_IN;
  }
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

// MariaDB's 1..10: the lexer takes a dot for a part of each number.
bool SqlTokenStream::join_range(const Token& token) {
  SqlToken& last = tokens_.back();
  const bool dot = token.kind == TokenKind::Dot;
  const bool fraction =
      (token.kind == TokenKind::DecimalNumber || token.kind == TokenKind::FloatNumber) &&
      text_[token.start] == '.';
  if ((!dot && !fraction) || last.stop != token.start) return false;
  if (last.type == G::OP_DOT) {
    last.type = G::DOT_DOT;
  } else if (last.type == G::DECIMAL_NUM && text_[last.stop - 1] == '.') {
    last.type = G::INT_NUM;
    --last.stop;
    push({TokenKind::Dot, token.start - 1, token.start});
    tokens_.back().type = G::DOT_DOT;
  } else {
    return false;
  }
  tokens_.back().stop = token.start + 1;
  resume_ = token.start + 1;  // what follows is no fraction and no name after a dot
  return true;
}

// Whether the token is part of the one before.
bool SqlTokenStream::join(const Token& token) {
  if (tokens_.empty()) return false;
  SqlToken& last = tokens_.back();
  if (token.kind == TokenKind::Rollup && last.type == G::WITH) {
    last.type = G::WITH_ROLLUP;
    last.stop = token.end;
    return true;
  }
  // 'a' 'b' is one literal; an account ('u'@'h') and an alias have something between.
  if (token.kind == TokenKind::TextString &&
      (last.type == G::TEXT_STRING || last.type == G::NCHAR_STRING) &&
      !(tokens_.size() > 1 && tokens_[tokens_.size() - 2].type == G::OP_AT)) {
    last.stop = token.end;
    last.joined = joined_ = true;
    return true;
  }
  if (mariadb_ && join_range(token)) {
    values_ = tuple_open_ = false;  // no list of literals has a range in it
    list_ = ListState::None;
    return true;
  }
  adjust(token);
  return false;
}

// SELECT's options are words that may be names, too; after SELECT they are options.
void SqlTokenStream::follow_select(std::size_t type) {
  switch (type) {
    case G::SELECT: select_options_ = true; return;
    case G::SQL_NO_CACHE:
    case G::SQL_CACHE:
    case G::SQL_BUFFER_RESULT:
      if (type == G::SQL_CACHE && !mariadb_) {
        select_options_ = false;  // MySQL has the option no more
        return;
      }
      if (select_options_) tokens_.back().type = G::SELECT_WORD;
      return;
    case G::OPTIMIZER_HINT:
    case G::ALL:
    case G::DISTINCT:
    case G::DISTINCTROW:
    case G::HIGH_PRIORITY:
    case G::STRAIGHT_JOIN:
    case G::SQL_SMALL_RESULT:
    case G::SQL_BIG_RESULT:
    case G::SQL_CALC_FOUND_ROWS: return;
    default: select_options_ = false;
  }
}

// A token was pushed: where in a list of tuples it stands.
void SqlTokenStream::follow_tuple(std::size_t type) {
  if (type == G::VALUES || type == G::VALUE) {
    values_ = true;
    tuple_open_ = false;
  } else if (values_ && !tuple_open_ && type == G::OP_LPAREN) {
    tuple_ = tokens_.size() - 1;
    tuple_open_ = true;
    wait_for_item_ = true;
  } else if (tuple_open_) {
    if (is_literal(tokens_.back().type)) {
      // An introducer and its string are two tokens of one item.
      const bool joined = tokens_[tokens_.size() - 2].type == G::UNDERSCORE_CHARSET;
      if (joined ? type != G::TEXT_STRING && type != G::HEX_NUM && type != G::BIN_NUM
                 : !wait_for_item_) {
        values_ = tuple_open_ = false;
      }
      wait_for_item_ = type == G::UNDERSCORE_CHARSET;
    } else if (type == G::OP_COMMA && !wait_for_item_) {
      wait_for_item_ = true;
    } else if ((type == G::OP_MINUS || type == G::OP_PLUS) && wait_for_item_) {
    } else if (type == G::OP_RPAREN && !wait_for_item_) {
      tuple_open_ = false;
      collapse();
    } else {
      values_ = tuple_open_ = false;
    }
  } else if (values_ && type != G::OP_COMMA) {
    values_ = false;
  }
}

// A token was pushed: where in IN (…) it stands.
void SqlTokenStream::follow_list(std::size_t type) {
  const std::size_t size = tokens_.size();
  if (type == G::OP_LPAREN && size > 1 && tokens_[size - 2].type == G::IN) {
    list_ = ListState::Open;
    item_ = size;
    anchor_ = 0;
    return;
  }
  switch (list_) {
    case ListState::None: return;
    case ListState::Open:
      if (type == G::OP_MINUS || type == G::OP_PLUS) return;
      if (type == G::OP_LPAREN && size - 1 == item_ && anchor_ == 0) {
        // IN ((1, 2), (3, 4)): tuples as of VALUES.
        values_ = tuple_open_ = wait_for_item_ = true;
        tuple_ = item_;
      }
      list_ = !is_literal(tokens_.back().type) ? ListState::None
              : type == G::UNDERSCORE_CHARSET  ? ListState::Introducer
                                               : ListState::Item;
      return;
    case ListState::Introducer:
      list_ = type == G::TEXT_STRING || type == G::HEX_NUM || type == G::BIN_NUM ? ListState::Item
                                                                                 : ListState::None;
      return;
    case ListState::Item: break;
  }
  if (type != G::OP_COMMA && type != G::OP_RPAREN) {
    list_ = ListState::None;
    return;
  }
  end_item();
  list_ = type == G::OP_COMMA ? ListState::Open : ListState::None;
  item_ = tokens_.size();
}

// A `,` or `)` was pushed behind a literal of IN (…): the first stays, each further one goes.
void SqlTokenStream::end_item() {
  if (anchor_ == 0) {
    anchor_ = tokens_.size() - 2;
    return;
  }
  SqlToken& first = tokens_[anchor_];
  ++first.collapsed;
  first.collapsed_stop = tokens_[tokens_.size() - 2].stop;
  SqlToken end = tokens_.back();
  tokens_.resize(item_ - 1);  // the comma before it, too
  end.index = tokens_.size();
  tokens_.push_back(end);
}

// Whether the token stands for a name that the server would make another one of. The token was
// pushed.
bool SqlTokenStream::is_no_name(const Token& token, const Dialect& dialect) const {
  std::string_view name = token.text(text_);
  switch (token.kind) {
    case TokenKind::TextString:
      if (tokens_.size() < 2 || tokens_[tokens_.size() - 2].type != G::OP_AT) return false;
      [[fallthrough]];
    case TokenKind::QuotedIdentifier: name = name.substr(1, name.size() - 2); break;
    case TokenKind::Identifier:
    case TokenKind::Hostname: break;
    default: return false;
  }
  return !is_name(name, dialect);
}

bool SqlTokenStream::fill(std::string_view text, const Dialect& dialect, std::size_t limit) {
  text_ = text;
  at_ = 0;
  mariadb_ = dialect.engine == Engine::MariaDb;
  if (tokens_.capacity() > 16'384) std::vector<SqlToken>().swap(tokens_);
  tokens_.clear();
  tuple_open_ = values_ = wait_for_item_ = select_options_ = joined_ = system_time_ = false;
  resume_ = 0;
  list_ = ListState::None;
  Lexer lexer(text, dialect);
  std::size_t nesting = 0;
  const bool check_names = dialect.charset == Charset::Swe7 || !is_ascii(text);
  while (true) {
    Token token = lexer.next();
    if (join(token)) {
      if (resume_ != 0) lexer.resume(static_cast<std::uint32_t>(std::exchange(resume_, 0)));
      continue;
    }
    // {d '…'} and {date '…'} have a word and a text.
    const bool brace = !tokens_.empty() && tokens_.back().type == G::OP_LBRACE;
    const bool temporal = !brace && take_temporal(token, lexer);
    push(token);
    if (temporal) {
      tokens_.back().type = G::TEMPORAL_TEXT;
      tokens_.back().keyword = false;
    }
    if (check_names && is_no_name(token, dialect)) tokens_.back().type = G::INVALID_TEXT;
    const std::size_t type = tokens_.back().type;
    // Only a statement to be prepared has parameters.
    if (type == G::OP_QUESTION && !dialect.placeholders) tokens_.back().type = G::INVALID_TEXT;
    if (token.kind == TokenKind::EndOfText) return true;
    if (type == G::OP_LPAREN) ++nesting;
    if (type == G::OP_RPAREN && nesting > 0) --nesting;
    if (tokens_.size() > limit || nesting > kMaxNesting) {
      tokens_.back().type = antlr4::Token::EOF;
      return false;
    }
    follow_select(type);
    follow_tuple(type);
    follow_list(type);
  }
}

}  // namespace sluice::parser
