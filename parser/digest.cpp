#include "parser/digest.h"

#include <cstring>

#include "parser/digest_codes.h"
#include "parser/sha256.h"

namespace sluice::parser {
namespace {

using namespace digest_codes;

constexpr std::uint16_t code(TokenKind kind) {
  return static_cast<std::uint16_t>(kind);
}

constexpr bool is_number(TokenKind kind) {
  switch (kind) {
    case TokenKind::IntegerNumber:
    case TokenKind::LongNumber:
    case TokenKind::UnsignedLongNumber:
    case TokenKind::DecimalNumber:
    case TokenKind::FloatNumber:
    case TokenKind::HexNumber:
    case TokenKind::BitNumber: return true;
    default: return false;
  }
}

// REQUIRES: digits.
bool fits_u32(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    if (number > UINT32_MAX) return false;
  }
  return true;
}

// Statements whose facts do not depend on their literals, but for those after LIMIT.
constexpr bool is_data_verb(TokenKind kind) {
  switch (kind) {
    case TokenKind::Select:
    case TokenKind::Insert:
    case TokenKind::Replace:
    case TokenKind::Update:
    case TokenKind::Delete:
    case TokenKind::With:
    case TokenKind::Values:
    case TokenKind::Table:
    case TokenKind::LeftParen: return true;
    default: return false;
  }
}

// What ends an ORDER BY or GROUP BY list on its own level.
constexpr bool ends_by_list(TokenKind kind) {
  switch (kind) {
    case TokenKind::Limit:
    case TokenKind::Having:
    case TokenKind::Into:
    case TokenKind::For:
    case TokenKind::Lock:
    case TokenKind::Window:
    case TokenKind::Union:
    case TokenKind::Except:
    case TokenKind::Intersect:
    case TokenKind::On:
    case TokenKind::Separator:
    case TokenKind::Rows:
    case TokenKind::Range:
    case TokenKind::Order:
    case TokenKind::Qualify:
    case TokenKind::Semicolon: return true;
    default: return false;
  }
}

// Tokens besides those that start an expression for the digest's rule of signs, after which NULL is
// a value all the same.
constexpr bool null_follows(TokenKind kind) {
  switch (kind) {
    case TokenKind::Distinct:
    case TokenKind::All:
    case TokenKind::Where:
    case TokenKind::Having:
    case TokenKind::Escape:
    case TokenKind::Bang:
    case TokenKind::Tilde:
    case TokenKind::Not2:
    case TokenKind::Assign:
    case TokenKind::Binary:
    case TokenKind::By:
    case TokenKind::From:
    case TokenKind::Leading:
    case TokenKind::Trailing:
    case TokenKind::Both:
    case TokenKind::Condition:
    case TokenKind::Do:
    case TokenKind::Kill: return true;
    default: return false;
  }
}

// Options whose NULL is a word of the statement.
constexpr bool takes_null_word(TokenKind option, TokenKind verb) {
  switch (option) {
    case TokenKind::SecondaryEngine: return true;
    case TokenKind::PrivilegeChecksUser:
    case TokenKind::SourceTlsCiphersuites: return verb == TokenKind::Change;
    default: return false;
  }
}

}  // namespace

void StatementDigest::read(std::string_view sql, const Dialect& dialect) noexcept {
  size_ = identifier_end_ = server_size_ = extra_size_ = 0;
  charset_ = dialect.charset;
  collapsed_rows_ = 0;
  previous_ = before_previous_ = TokenKind::EndOfText;
  depth_ = 0;
  by_depth_ = sets_depth_ = -1;
  paren_extra_ = 0;
  by_opens_ = false;
  by_element_ = full_ = overflow_ = several_ = ended_ = in_limit_ = false;
  Lexer lexer(sql, dialect);
  Token next = lexer.next();
  verb_ = next.kind;
  literals_matter_ = !is_data_verb(verb_);
  while (next.kind != TokenKind::EndOfText && !overflow_) {
    if (next.kind == TokenKind::With) {
      Lexer ahead = lexer;
      if (const Token rollup = ahead.next(); rollup.kind == TokenKind::Rollup) {
        next.kind = TokenKind::WithRollup;
        next.end = rollup.end;
        lexer = ahead;
      }
    }
    if (ended_) several_ = true;
    if (next.kind == TokenKind::Semicolon) ended_ = true;
    token(next, sql, lexer);
    before_previous_ = previous_;
    previous_ = next.kind;
    next = lexer.next();
  }
  if (collapsed_rows_ > 0) {
    char rows[sizeof collapsed_rows_];
    std::memcpy(rows, &collapsed_rows_, sizeof rows);
    extra({rows, sizeof rows});
  }
}

void StatementDigest::token(const Token& token, std::string_view sql, const Lexer& after) noexcept {
  track_by_list(token.kind);
  keep_literal(token, sql);
  switch (token.kind) {
    case TokenKind::Identifier: return identifier(token.text(sql), '\0');
    case TokenKind::QuotedIdentifier:
      return identifier(token.text(sql).substr(1, token.end - token.start - 2), sql[token.start]);
    case TokenKind::LeftParen: paren_extra_ = extra_size_; return store(code(token.kind));
    case TokenKind::RightParen: return close_paren();
    case TokenKind::Null: return null();
    case TokenKind::Hint: return hint(token.text(sql).substr(3, token.end - token.start - 5));
    case TokenKind::TextString: return duality_tag() ? tag() : value(false);
    case TokenKind::NationalString:
    case TokenKind::Hostname:
    case TokenKind::Placeholder: return value(false);
    case TokenKind::Semicolon: {
      // A `;` at the end is no part of the statement, nor are several.
      Lexer ahead = after;
      TokenKind next = ahead.next().kind;
      while (next == TokenKind::Semicolon) next = ahead.next().kind;
      if (next == TokenKind::EndOfText) return;
      return store(code(token.kind));
    }
    default: break;
  }
  if (!is_number(token.kind)) return store(code(token.kind));
  if (!column_number(token, token.text(sql), after)) return value(true);
  std::uint32_t column = 0;
  for (const char digit : token.text(sql)) {
    column = column * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  if (!room(6)) return;
  store_u16(kColumnNumber);
  store_u16(static_cast<std::uint16_t>(column));
  store_u16(static_cast<std::uint16_t>(column >> 16U));
  identifier_end_ = size_;
}

void StatementDigest::track_by_list(TokenKind kind) noexcept {
  by_element_ = false;
  if (kind == TokenKind::RightParen) {
    --depth_;
    if (depth_ < by_depth_) by_depth_ = -1;
    if (depth_ < sets_depth_) sets_depth_ = -1;
  } else if (by_depth_ == depth_ && ends_by_list(kind)) {
    by_depth_ = -1;
  }
  const bool list = before_previous_ == TokenKind::Order || before_previous_ == TokenKind::Group ||
                    (before_previous_ == TokenKind::Partition && depth_ > 0);
  if (previous_ == TokenKind::By && list) {
    by_depth_ = depth_;
    by_element_ = true;
  } else if (by_opens_) {
    by_depth_ = depth_;
    by_element_ = true;
  } else if (previous_ == TokenKind::Comma && by_depth_ == depth_) {
    by_element_ = true;
  }
  by_opens_ = false;
  if (kind != TokenKind::LeftParen) return;
  // ROLLUP (…), CUBE (…) and each set of GROUPING SETS (…) are lists as GROUP BY's own.
  by_opens_ =
      depth_ == sets_depth_ ||
      (by_depth_ == depth_ && (previous_ == TokenKind::Rollup || previous_ == TokenKind::Cube));
  ++depth_;
  if (previous_ == TokenKind::Sets && before_previous_ == TokenKind::Grouping) sets_depth_ = depth_;
}

// Whether an integer stands alone as an element of ORDER BY or GROUP BY: then it names a column and
// is kept.
bool StatementDigest::column_number(const Token& token, std::string_view text,
                                    const Lexer& after) const noexcept {
  if (!by_element_) return false;
  // What fits the four bytes that the server has for it.
  if (token.kind != TokenKind::IntegerNumber &&
      (token.kind != TokenKind::LongNumber || !fits_u32(text)))
    return false;
  // There is no column 0.
  if (*text.begin() == '0' && text.find_first_not_of('0') == std::string_view::npos) return false;
  if (last(1) == code(TokenKind::Comma) && (last(2) == kValue || last(2) == kValues)) return false;
  Lexer ahead = after;
  const TokenKind next = ahead.next().kind;
  // (2) alone in GROUPING SETS is an expression in parentheses.
  if (next == TokenKind::RightParen && sets_depth_ > 0 && previous_ == TokenKind::LeftParen)
    return false;
  switch (next) {
    case TokenKind::EndOfText:
    case TokenKind::Comma:
    case TokenKind::RightParen:
    case TokenKind::Asc:
    case TokenKind::Desc:
    case TokenKind::With: return true;
    default: return ends_by_list(next);
  }
}

std::uint16_t StatementDigest::last(std::size_t back) const noexcept {
  if (size_ < identifier_end_ + 2 * back) return kNothing;
  std::uint16_t value = 0;
  std::memcpy(&value, bytes_.data() + size_ - 2 * back, 2);
  return value;
}

// Whether a JSON_DUALITY_OBJECT with one tag without parentheses and without NO comes to its first
// key: WITH INSERT '_id'.
bool StatementDigest::duality_tag() const noexcept {
  const std::uint16_t tag = last(1);
  return last(2) == code(TokenKind::With) &&
         (tag == code(TokenKind::Insert) || tag == code(TokenKind::Update) ||
          tag == code(TokenKind::Delete)) &&
         last(3) == code(TokenKind::LeftParen) && last(4) == code(TokenKind::JsonDualityObject);
}

// The server has looked at that key when it puts the tag's token in place: the tag stands before
// WITH, too, and the key is gone.
void StatementDigest::tag() noexcept {
  const std::uint16_t tag = last(1);
  pop(2);
  store(tag);
  store(code(TokenKind::With));
  store(tag);
}

void StatementDigest::value(bool number) noexcept {
  if (number) {
    for (;;) {
      const std::uint16_t sign = last(1);
      if (sign != code(TokenKind::Dash) && sign != code(TokenKind::Plus)) break;
      if (!starts_expression(last(2))) break;
      pop(1);
      shape(0);
    }
  }
  if (last(1) == code(TokenKind::Comma) && (last(2) == kValue || last(2) == kValues)) {
    pop(2);
    return store(kValues);
  }
  store(kValue);
}

// NULL is a value where an expression can begin, and a word elsewhere (IS NULL, NOT NULL, SET
// NULL).
void StatementDigest::null() noexcept {
  const auto opens = [](TokenKind kind) {
    return kind != TokenKind::EndOfText && (starts_expression(code(kind)) || null_follows(kind));
  };
  // A column's NOT NULL may come after its BINARY.
  const bool literal = previous_ == TokenKind::Not
                           ? before_previous_ != TokenKind::Binary && opens(before_previous_)
                           : opens(previous_);
  if (literal && !takes_null_word(before_previous_, verb_)) return value(false);
  store(code(TokenKind::Null));
}

void StatementDigest::close_paren() noexcept {
  const bool one = last(1) == kValue;
  if (!(one || last(1) == kValues) || last(2) != code(TokenKind::LeftParen)) {
    return store(code(TokenKind::RightParen));
  }
  pop(2);
  if (last(1) == code(TokenKind::In)) {
    pop(1);
    forget_shapes();
    return store(kInValues);
  }
  const std::uint16_t row = one ? kRowOne : kRowMany;
  const std::uint16_t rows = one ? kRowsOne : kRowsMany;
  if (last(1) == code(TokenKind::Comma) && (last(2) == row || last(2) == rows)) {
    pop(2);
    ++collapsed_rows_;
    forget_shapes();
    return store(rows);
  }
  if (last(1) == code(TokenKind::Values) || last(1) == code(TokenKind::Value)) forget_shapes();
  store(row);
}

bool StatementDigest::room(std::size_t bytes) noexcept {
  if (!full_ && size_ + bytes > kServerBytes) {
    full_ = true;
    server_size_ = size_;
    std::memcpy(server_.data(), bytes_.data(), size_);
  }
  if (size_ + bytes > kKeptBytes) overflow_ = true;
  return !overflow_;
}

void StatementDigest::store_u16(std::uint16_t value) noexcept {
  std::memcpy(bytes_.data() + size_, &value, 2);
  size_ += 2;
}

void StatementDigest::store(std::uint16_t token_code) noexcept {
  if (room(2)) store_u16(token_code);
}

void StatementDigest::store_bytes(std::string_view bytes) noexcept {
  std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

// A doubled quote in a quoted name counts once.
void StatementDigest::identifier(std::string_view name, char quote, bool before_at) noexcept {
  std::size_t length = name.size();
  for (std::size_t i = 0; quote != '\0' && i < name.size(); ++i) {
    if (name[i] == quote && i + 1 < name.size() && name[i + 1] == quote) {
      --length;
      ++i;
    }
  }
  // No server takes a name of more than 64 characters.
  if (length > 0xFFFF || !room(4 + length)) {
    overflow_ = true;
    return;
  }
  store_u16(before_at ? kIdentifierAt : code(TokenKind::Identifier));
  store_u16(static_cast<std::uint16_t>(length));
  if (length == name.size()) {
    store_bytes(name);
  } else {
    for (std::size_t i = 0; i < name.size(); ++i) {
      bytes_[size_++] = name[i];
      if (name[i] == quote && i + 1 < name.size() && name[i + 1] == quote) ++i;
    }
  }
  identifier_end_ = size_;
}

void StatementDigest::extra(std::string_view literal) noexcept {
  const auto length = static_cast<std::uint32_t>(literal.size());
  if (extra_size_ + sizeof length + literal.size() > kExtraBytes) return no_room_for_extra();
  std::memcpy(extra_.data() + extra_size_, &length, sizeof length);
  std::memcpy(extra_.data() + extra_size_ + sizeof length, literal.data(), literal.size());
  extra_size_ += sizeof length + literal.size();
}

// Not cacheable; the digest itself goes on.
void StatementDigest::no_room_for_extra() noexcept {
  overflow_ = full_ ? true : overflow_;
  several_ = true;
}

// Of what kind a literal is: the digest takes a text for a number and f(1) for f(1, 2), the
// server's parser does not. No length has the highest bit, so a key can be read in one way only.
void StatementDigest::shape(std::uint32_t kind) noexcept {
  const std::uint32_t mark = 0x80000000U | kind;
  if (extra_size_ + sizeof mark > kExtraBytes) return no_room_for_extra();
  std::memcpy(extra_.data() + extra_size_, &mark, sizeof mark);
  extra_size_ += sizeof mark;
}

// The values of a row or of IN (…) are of any kind and number.
void StatementDigest::forget_shapes() noexcept {
  if (!literals_matter_) extra_size_ = paren_extra_;
}

void StatementDigest::keep_literal(const Token& token, std::string_view sql) noexcept {
  const bool number = is_number(token.kind);
  if (token.kind == TokenKind::Limit || token.kind == TokenKind::Offset) {
    in_limit_ = true;
  } else if (!number && token.kind != TokenKind::Comma) {
    in_limit_ = false;
  }
  const bool text = token.kind == TokenKind::TextString || token.kind == TokenKind::NationalString;
  // The names of variables and the words of hints are no literals.
  const bool always = token.kind == TokenKind::Hostname || token.kind == TokenKind::Hint ||
                      token.kind == TokenKind::DollarString ||
                      token.kind == TokenKind::CharsetIntroducer ||
                      (text && previous_ == TokenKind::AtSign);
  if (always || (number && in_limit_) || (literals_matter_ && (number || text))) {
    extra(token.text(sql));
  } else if (literals_matter_ && token.kind == TokenKind::Null) {
    extra("\0");
  } else if (number || text || token.kind == TokenKind::Null ||
             token.kind == TokenKind::Placeholder) {
    shape(code(token.kind));
  }
}

std::string_view StatementDigest::server_storage() const noexcept {
  return full_ ? std::string_view(server_.data(), server_size_) : tokens();
}

}  // namespace sluice::parser
