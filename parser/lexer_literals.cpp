// The literals of the lexer: numbers, strings and quoted names.
#include "parser/charset.h"
#include "parser/lexer.h"

namespace sluice::parser {
namespace {

constexpr std::uint8_t code(ByteClass value) {
  return static_cast<std::uint8_t>(value);
}
constexpr bool is_digit(std::uint8_t byte) {
  return byte >= '0' && byte <= '9';
}
constexpr bool is_hex_digit(std::uint8_t byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

// An integer literal's kind by its size, as the server types it (manual 11.1.2).
TokenKind integer_kind(std::string_view digits) noexcept {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  constexpr std::string_view kInt = "2147483647";
  constexpr std::string_view kLong = "9223372036854775807";
  constexpr std::string_view kUnsigned = "18446744073709551615";
  const auto fits = [digits](std::string_view most) {
    return digits.size() < most.size() || (digits.size() == most.size() && digits <= most);
  };
  if (fits(kInt)) return TokenKind::IntegerNumber;
  if (fits(kLong)) return TokenKind::LongNumber;
  return fits(kUnsigned) ? TokenKind::UnsignedLongNumber : TokenKind::DecimalNumber;
}

}  // namespace

// A number, or a name that begins with digits: `1e`, `0xG`, `2nd` are names, `1e5`, `0x1F` numbers.
Token Lexer::number() noexcept {
  if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'b')) {
    const bool hex = peek(1) == 'x';
    std::uint32_t length = 2;
    const auto in_set = [hex](std::uint8_t byte) {
      return hex ? is_hex_digit(byte) : byte == '0' || byte == '1';
    };
    while (in_set(peek(length))) ++length;
    if (length > 2 && !is_name_byte(peek(length))) {
      at_ += length;
      return make(hex ? TokenKind::HexNumber : TokenKind::BitNumber);
    }
    at_ += length;
    return name_after_dot();
  }
  while (is_digit(peek())) ++at_;
  const std::uint8_t byte = peek();
  if (!is_name_byte(byte)) {
    if (byte == '.') {
      ++at_;
      return real();
    }
    return make(integer_kind({text_ + start_, at_ - start_}));
  }
  if (byte == 'e' || byte == 'E') {
    const std::uint32_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if (is_digit(peek(sign))) {
      at_ += sign;
      while (is_digit(peek())) ++at_;
      return make(TokenKind::FloatNumber);
    }
  }
  return name_after_dot();
}

// REQUIRES: past the point.
// After `1.e` without a digit: MySQL forgets the number and takes the next character for a token of
// its own, whatever follows: `SELECT 1 1.e*2` is `SELECT 1 *2`.
Token Lexer::lone_character() noexcept {
  constexpr std::string_view kPlain = "(){},+-*/%^~|&";
  constexpr TokenKind kKinds[] = {
      TokenKind::LeftParen, TokenKind::RightParen, TokenKind::LeftBrace, TokenKind::RightBrace,
      TokenKind::Comma,     TokenKind::Plus,       TokenKind::Dash,      TokenKind::Star,
      TokenKind::Slash,     TokenKind::Percent,    TokenKind::Caret,     TokenKind::Tilde,
      TokenKind::Pipe,      TokenKind::Ampersand};
  const std::size_t index = at_ < size_ ? kPlain.find(text_[at_]) : std::string_view::npos;
  if (maria() || index == std::string_view::npos) return fail(TokenKind::Invalid);
  return single(kKinds[index]);
}

Token Lexer::real() noexcept {
  while (is_digit(peek())) ++at_;
  if (peek() != 'e' && peek() != 'E') return make(TokenKind::DecimalNumber);
  const std::uint32_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
  if (!is_digit(peek(sign))) {
    at_ += sign;
    return lone_character();
  }
  at_ += sign;
  while (is_digit(peek())) ++at_;
  return make(TokenKind::FloatNumber);
}

// x'…' and b'…'
Token Lexer::radix(TokenKind kind) noexcept {
  at_ += 2;
  const std::uint32_t first = at_;
  const bool hex = kind == TokenKind::HexNumber;
  while (hex ? is_hex_digit(peek()) : peek() == '0' || peek() == '1') ++at_;
  if (peek() != '\'' || (hex && (at_ - first) % 2 != 0)) return fail(TokenKind::Invalid);
  ++at_;
  return make(kind);
}

// REQUIRES: at the opening quote.
Token Lexer::string(std::uint8_t quote, TokenKind kind) noexcept {
  ++at_;
  const bool escapes = !dialect_->has(kNoBackslashEscapes);
  const bool multi = is_multi_byte(dialect_->charset);
  while (at_ < size_) {
    const std::uint8_t byte = peek();
    if (byte >= 0x80 && multi) {
      const std::uint32_t length = multi_byte();
      at_ += length == 0 ? 1 : length;
    } else if (byte == '\\' && escapes) {
      if (at_ + 1 >= size_) break;
      at_ += 2;
    } else if (byte == quote) {
      ++at_;
      if (peek() != quote || at_ >= size_) return make(kind);
      ++at_;
    } else {
      ++at_;
    }
  }
  return fail(TokenKind::Unterminated);
}

// REQUIRES: at the opening quote. A zero byte ends it badly, as in the server.
Token Lexer::quoted_name(std::uint8_t quote) noexcept {
  ++at_;
  const bool multi = is_multi_byte(dialect_->charset);
  while (at_ < size_) {
    const std::uint8_t byte = peek();
    if (byte == 0) break;
    if (byte >= 0x80 && multi) {
      const std::uint32_t length = multi_byte();
      at_ += length == 0 ? 1 : length;
    } else if (byte == quote) {
      ++at_;
      if (peek() != quote) return make(TokenKind::QuotedIdentifier);
      ++at_;
    } else {
      ++at_;
    }
  }
  return fail(TokenKind::Unterminated);
}

Token Lexer::hostname() noexcept {
  while (at_ < size_) {
    const std::uint8_t byte = peek();
    const bool letter = byte != '$' && byte != '_' && map(byte) >= code(ByteClass::Letter);
    if (!letter && byte != '.' && byte != '_' && byte != '$') break;
    ++at_;
  }
  return make(TokenKind::Hostname);
}

Token Lexer::at_sign() noexcept {
  ++at_;
  const std::uint8_t byte = peek();
  if (byte == '@') {
    state_ = State::SystemVariable;
  } else if (byte != '\'' && byte != '"' && byte != '`') {
    state_ = State::Hostname;
  }
  return make(TokenKind::AtSign);
}

}  // namespace sluice::parser
