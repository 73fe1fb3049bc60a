#include "parser/lexer.h"

#include "parser/charset.h"
#include "parser/keywords.h"

namespace sluice::parser {
namespace {

constexpr std::uint8_t code(ByteClass value) {
  return static_cast<std::uint8_t>(value);
}
constexpr bool is_digit(std::uint8_t byte) {
  return byte >= '0' && byte <= '9';
}
constexpr bool is_control(std::uint8_t byte) {
  return byte < 32 || byte == 127;
}

// The verbs after which a hint comment is a hint (manual 10.9.3 Optimizer Hints).
constexpr bool takes_hint(TokenKind kind) {
  return kind == TokenKind::Select || kind == TokenKind::Insert || kind == TokenKind::Replace ||
         kind == TokenKind::Update || kind == TokenKind::Delete;
}

constexpr TokenKind compare_kind(std::string_view text) {
  if (text == "<") return TokenKind::LessThan;
  if (text == ">") return TokenKind::GreaterThan;
  if (text == "=") return TokenKind::Equal;
  if (text == "!") return TokenKind::Bang;
  if (text == "<=") return TokenKind::LessEqual;
  if (text == ">=") return TokenKind::GreaterEqual;
  if (text == "<>" || text == "!=") return TokenKind::NotEqual;
  if (text == "<<") return TokenKind::ShiftLeft;
  if (text == ">>") return TokenKind::ShiftRight;
  return text == "<=>" ? TokenKind::NullSafeEqual : TokenKind::Invalid;
}

// Before this, the five digits of a version comment were all there is.
constexpr std::uint32_t kSixDigitsSince = 80000;

// Dollar-quoted text came with routines in other languages.
constexpr std::uint32_t kDollarQuotesSince = 90000;

}  // namespace

Lexer::Lexer(std::string_view text, const Dialect& dialect) noexcept
    : text_(text.data()),
      size_(static_cast<std::uint32_t>(text.size())),
      map_(byte_classes(dialect.charset)),
      dialect_(&dialect) {}

bool Lexer::is_name_byte(std::uint8_t byte) const noexcept {
  return map_[byte] >= code(ByteClass::Letter);
}

std::uint32_t Lexer::multi_byte() const noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text_);
  return multi_byte_length(dialect_->charset, bytes + at_, bytes + size_);
}

// A broken multi-byte sequence inside a name is taken byte by byte, as the server does.
void Lexer::skip_name() noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text_);
  std::uint32_t at = at_;
  while (at < size_) {
    const std::uint8_t kind = map_[bytes[at]];
    if (kind < code(ByteClass::Letter)) break;
    ++at;
    if (kind != code(ByteClass::Lead)) continue;
    const std::uint32_t length =
        multi_byte_length(dialect_->charset, bytes + at - 1, bytes + size_);
    if (length > 1) at += length - 1;
  }
  at_ = at;
}

Token Lexer::make(TokenKind kind) noexcept {
  return {kind, start_, at_};
}

Token Lexer::fail(TokenKind kind) noexcept {
  at_ = size_;
  in_version_comment_ = false;
  return {kind, start_, size_};
}

Token Lexer::single(TokenKind kind) noexcept {
  ++at_;
  return make(kind);
}

Token Lexer::next() noexcept {
  if (state_ != State::Start) {
    const State state = state_;
    state_ = State::Start;
    start_ = at_;
    switch (state) {
      case State::IdentSeparator:
        ++at_;
        if (is_name_byte(peek())) state_ = State::IdentStart;
        return make(TokenKind::Dot);
      case State::IdentStart: return name_after_dot();
      case State::Hostname: return hostname();
      case State::SystemVariable:
        ++at_;
        if (peek() != '`') state_ = State::Word;
        return make(TokenKind::AtSign);
      case State::Word: return system_variable_word();
      case State::Start: break;
    }
  }
  while (at_ < size_ && map(static_cast<std::uint8_t>(text_[at_])) == code(ByteClass::Space)) ++at_;
  // Most tokens begin after plain blanks with a letter or a digit: no comment to look for.
  if (at_ < size_) {
    const std::uint8_t kind = map(static_cast<std::uint8_t>(text_[at_]));
    if (kind >= code(ByteClass::Letter)) {
      hint_allowed_ = false;
      start_ = at_;
      return kind == code(ByteClass::Digit) ? number() : word();
    }
  }
  Token hint;
  if (!skip_blank(hint)) return fail(TokenKind::Unterminated);
  hint_allowed_ = false;
  if (hint.kind == TokenKind::Hint) return hint;
  start_ = at_;
  if (at_ >= size_) {
    return in_version_comment_ ? fail(TokenKind::Unterminated) : make(TokenKind::EndOfText);
  }
  const std::uint8_t byte = peek();
  switch (static_cast<ByteClass>(map(byte))) {
    case ByteClass::Letter:
    case ByteClass::Lead: return word();
    case ByteClass::Digit: return number();
    default: return operator_(byte);
  }
}

bool Lexer::skip_blank(Token& hint) noexcept {
  for (;;) {
    while (at_ < size_ && map(peek()) == code(ByteClass::Space)) ++at_;
    const std::uint8_t byte = peek();
    if (byte == '/' && peek(1) == '*') {
      start_ = at_;
      if (hint_allowed_ && peek(2) == '+') {
        at_ += 3;
        if (!close_comment(0)) return false;
        hint = make(TokenKind::Hint);
        return true;
      }
      if (!comment()) return false;
    } else if (byte == '*' && in_version_comment_ && peek(1) == '/') {
      at_ += 2;
      in_version_comment_ = false;
    } else if (byte == '#') {
      line_comment();
    } else if (byte == '-' && peek(1) == '-' &&
               (map(peek(2)) == code(ByteClass::Space) || is_control(peek(2)))) {
      line_comment();
    } else {
      return true;
    }
    hint_allowed_ = false;
  }
}

// To the line's end; a zero byte ends it too.
void Lexer::line_comment() noexcept {
  while (at_ < size_ && text_[at_] != '\n' && text_[at_] != '\0') ++at_;
}

// REQUIRES: at `/*`. A comment inside a version comment leaves that one open.
bool Lexer::comment() noexcept {
  if (peek(2) == '!' || (maria() && peek(2) == 'M' && peek(3) == '!')) return version_comment();
  at_ += 2;
  return close_comment(0);
}

// `/*!` code `*/`, `/*!50110` code `*/`, MariaDB's `/*M!`. Code when the server has that version.
bool Lexer::version_comment() noexcept {
  const bool maria_only = peek(2) == 'M';
  version_comment_ = true;
  at_ += maria_only ? 4 : 3;
  // Five digits; MariaDB takes a sixth in any case, MySQL when a blank follows it.
  std::uint32_t digits = 0;
  while (digits < 6 && is_digit(peek(digits))) ++digits;
  if (digits == 6 && !maria() &&
      (dialect_->server_version < kSixDigitsSince || map(peek(6)) != code(ByteClass::Space))) {
    digits = 5;
  }
  if (digits < 5) {
    in_version_comment_ = true;
    return true;
  }
  std::uint32_t version = 0;
  for (std::uint32_t i = 0; i < digits; ++i)
    version = version * 10 + (peek(i) - std::uint32_t{'0'});
  bool runs = version <= dialect_->server_version;
  // MariaDB leaves out what is for MySQL 5.7 and later, whose features it does not have.
  if (maria() && !maria_only && version >= 50700 && version <= 99999) {
    runs = false;
  }
  if (runs) {
    at_ += digits;
    in_version_comment_ = true;
    return true;
  }
  return close_comment(1);
}

// Past the `*/`; `nested` levels of comments inside count.
bool Lexer::close_comment(int nested) noexcept {
  int depth = 0;
  while (at_ < size_) {
    if (text_[at_] == '*' && peek(1) == '/') {
      at_ += 2;
      if (depth-- == 0) return true;
    } else if (depth < nested && text_[at_] == '/' && peek(1) == '*') {
      at_ += 2;
      ++depth;
    } else {
      ++at_;
    }
  }
  return false;
}

Token Lexer::after_word(TokenKind kind) noexcept {
  if (kind == TokenKind::Not && dialect_->has(kHighNotPrecedence)) kind = TokenKind::Not2;
  hint_allowed_ = dialect_->engine == Engine::MySql && takes_hint(kind);
  return make(kind);
}

Token Lexer::word() noexcept {
  const std::uint8_t first = peek();
  if (peek(1) == '\'') {
    if (first == 'n' || first == 'N') {
      ++at_;
      return string('\'', TokenKind::NationalString);
    }
    if (first == 'x' || first == 'X') return radix(TokenKind::HexNumber);
    if (first == 'b' || first == 'B') return radix(TokenKind::BitNumber);
  }
  if (first == '$') {
    Token token;
    if (dollar_string(token)) return token;
  }
  if (map(first) == code(ByteClass::Lead) && multi_byte() == 0) return single(TokenKind::Invalid);
  skip_name();
  const std::uint32_t end = at_;
  std::uint32_t after = at_;
  if (dialect_->has(kIgnoreSpace)) {
    while (after < size_ &&
           map(static_cast<std::uint8_t>(text_[after])) == code(ByteClass::Space)) {
      ++after;
    }
  }
  const std::uint8_t follows =
      after < size_ ? static_cast<std::uint8_t>(text_[after]) : std::uint8_t{0};
  if (after == end && follows == '.' && is_name_byte(peek(1))) {
    state_ = State::IdentSeparator;
  } else {
    const TokenKind kind = find_keyword({text_ + start_, end - start_}, follows == '(', *dialect_);
    if (kind != TokenKind::Identifier) return after_word(kind);
  }
  if (first == '_') {
    const auto charset = charset_by_name({text_ + start_ + 1, end - start_ - 1});
    // MariaDB has no gb18030.
    if (charset.has_value() && !(maria() && *charset == Charset::Gb18030))
      return make(TokenKind::CharsetIntroducer);
  }
  return make(TokenKind::Identifier);
}

// `$$ text $$`, `$tag$ text $tag$`. A `$` that begins no such thing is a letter.
bool Lexer::dollar_string(Token& token) noexcept {
  if (dialect_->engine != Engine::MySql || dialect_->server_version < kDollarQuotesSince)
    return false;
  std::uint32_t tag = 1;
  while (peek(tag) != '$' && is_name_byte(peek(tag)) && at_ + tag < size_) ++tag;
  if (peek(tag) != '$') return false;
  const std::string_view text{text_, size_};
  const std::string_view mark = text.substr(at_, tag + 1);
  const std::size_t found = text.find(mark, at_ + mark.size());
  if (found == std::string_view::npos) {
    token = fail(TokenKind::Unterminated);
    return true;
  }
  at_ = static_cast<std::uint32_t>(found + mark.size());
  token = make(TokenKind::DollarString);
  return true;
}

Token Lexer::name_after_dot() noexcept {
  skip_name();
  if (peek() == '.' && is_name_byte(peek(1))) state_ = State::IdentSeparator;
  return make(TokenKind::Identifier);
}

Token Lexer::system_variable_word() noexcept {
  skip_name();
  if (at_ == start_) return fail(TokenKind::Invalid);
  if (peek() == '.') state_ = State::IdentSeparator;
  const TokenKind kind = find_keyword({text_ + start_, at_ - start_}, false, *dialect_);
  return make(kind);
}

// The servers read as many of these characters as an operator can have, then look the run up. What
// is none is an error, but for `!`: MySQL takes `!<`, `!>` and `!!` for one `!`.
Token Lexer::compare(std::uint8_t byte) noexcept {
  const auto is_compare = [](std::uint8_t c) {
    return c == '<' || c == '>' || c == '=' || c == '!';
  };
  std::uint32_t length = 1;
  if (is_compare(peek(1)) && (!maria() || peek(1) != '!')) {
    length = 2;
    if (byte == '<' && peek(2) != '<' && is_compare(peek(2)) && (!maria() || peek(2) != '!'))
      length = 3;
  }
  for (; length > 0; --length) {
    const TokenKind kind = compare_kind({text_ + at_, length});
    if (kind != TokenKind::Invalid) {
      at_ += length;
      return make(kind);
    }
    if (!maria()) break;  // MariaDB goes back to the longest that is one
  }
  if (byte == '!') {
    at_ += length;
    return make(TokenKind::Bang);
  }
  return fail(TokenKind::Invalid);
}

Token Lexer::operator_(std::uint8_t byte) noexcept {
  const std::uint8_t second = peek(1);
  switch (byte) {
    case '\'': return string('\'', TokenKind::TextString);
    case '"':
      return dialect_->has(kAnsiQuotes) ? quoted_name('"') : string('"', TokenKind::TextString);
    case '`': return quoted_name('`');
    case '@': return at_sign();
    case '<':
    case '>':
    case '=':
    case '!': return compare(byte);
    case '.': {
      if (is_digit(second)) {
        ++at_;
        return real();
      }
      ++at_;
      if (is_name_byte(second)) state_ = State::IdentStart;
      return make(TokenKind::Dot);
    }
    case ':':
      if (second != '=') return single(TokenKind::Colon);
      at_ += 2;
      return make(TokenKind::Assign);
    case '&':
      if (second != '&') return single(TokenKind::Ampersand);
      at_ += 2;
      return make(TokenKind::DoubleAmpersand);
    case '|':
      if (second != '|') return single(TokenKind::Pipe);
      at_ += 2;
      return make(dialect_->has(kPipesAsConcat) ? TokenKind::ConcatPipes : TokenKind::DoublePipe);
    case '-':
      if (second != '>' || dialect_->engine == Engine::MariaDb) return single(TokenKind::Dash);
      at_ += peek(2) == '>' ? 3 : 2;
      return make(at_ - start_ == 3 ? TokenKind::DoubleArrow : TokenKind::Arrow);
    case '\\':
      if (second != 'N' || dialect_->engine != Engine::MariaDb) return single(TokenKind::Invalid);
      at_ += 2;
      return make(TokenKind::Null);
    case '?':
      // A marker does not touch a name: `?a` is none.
      return single(dialect_->placeholders && !is_name_byte(second) ? TokenKind::Placeholder
                                                                    : TokenKind::Invalid);
    default: break;
  }
  constexpr std::string_view kPlain = "(){},;+-*/%^~";
  constexpr TokenKind kKinds[] = {
      TokenKind::LeftParen, TokenKind::RightParen, TokenKind::LeftBrace, TokenKind::RightBrace,
      TokenKind::Comma,     TokenKind::Semicolon,  TokenKind::Plus,      TokenKind::Dash,
      TokenKind::Star,      TokenKind::Slash,      TokenKind::Percent,   TokenKind::Caret,
      TokenKind::Tilde};
  const std::size_t index = kPlain.find(static_cast<char>(byte));
  return single(index == std::string_view::npos ? TokenKind::Invalid : kKinds[index]);
}

}  // namespace sluice::parser
