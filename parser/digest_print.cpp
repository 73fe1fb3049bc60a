// A digest's storage as the server's text and hash; and the words of hints.
#include <algorithm>
#include <cstring>

#include "parser/digest.h"
#include "parser/digest_codes.h"
#include "parser/name_charset.h"
#include "parser/sha256.h"

namespace sluice::parser {
namespace {

using namespace digest_codes;

std::uint16_t u16(std::string_view bytes, std::size_t at) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data() + at, 2);
  return value;
}

bool is_word_byte(char byte) {
  const auto c = static_cast<unsigned char>(byte);
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '$' || c >= 0x80;
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

// 16M: SET_VAR's numbers may have a scale.
bool scaled_number(std::string_view word) {
  constexpr std::string_view kScales = "kKmMgG";
  if (word.size() < 2 || kScales.find(word.back()) == std::string_view::npos) return false;
  return word.find_first_not_of("0123456789") == word.size() - 1;
}

// A name that is followed by the name of its query block: t@qb.
bool at_sign(std::string_view body, std::size_t after) {
  return after < body.size() && body[after] == '@';
}

bool is_name(std::uint16_t code) {
  return code == static_cast<std::uint16_t>(TokenKind::Identifier) || code == kIdentifierAt;
}

}  // namespace

// Hints have a small lexer of their own (manual 10.9.3): words, names, numbers, strings, ( ) , @ =;
// a dot is only of use in a number, and passed by elsewhere.
void StatementDigest::hint(std::string_view body) noexcept {
  const std::size_t before = size_;
  store(kHintOpen);
  bool any = false;
  std::size_t i = 0;
  while (i < body.size() && !overflow_) {
    const char byte = body[i];
    if (byte == ' ' || byte == '.' || (byte >= 9 && byte <= 13)) {
      ++i;
      continue;
    }
    any = true;
    if (byte == '`' || byte == '"' || byte == '\'') {
      i = hint_quoted(body, i);
    } else if (is_word_byte(byte)) {
      i = hint_word_or_number(body, i);
    } else {
      ++i;
      if (byte == ')') {
        close_paren();
      } else if (byte == '(' || byte == ',' || byte == '@') {
        store(static_cast<std::uint16_t>(byte == '('   ? TokenKind::LeftParen
                                         : byte == ',' ? TokenKind::Comma
                                                       : TokenKind::AtSign));
      } else {
        store(static_cast<std::uint16_t>(kHintCharacter + byte));
      }
    }
  }
  if (!any && !full_) {
    size_ = before;
    return;
  }
  store(kHintClose);
}

// A name or a text; where it ends.
std::size_t StatementDigest::hint_quoted(std::string_view body, std::size_t start) noexcept {
  const char quote = body[start];
  std::size_t end = std::min(body.find(quote, start + 1), body.size() - 1);
  // A doubled quote is one of the text.
  while (quote != '`' && end + 1 < body.size() && body[end + 1] == quote)
    end = std::min(body.find(quote, end + 2), body.size() - 1);
  if (quote == '`') {
    identifier(body.substr(start + 1, end > start ? end - start - 1 : 0), '\0',
               at_sign(body, end + 1));
  } else {
    value(false);
  }
  return end + 1;
}

// 7, 7.5, 16M, BKA, t1; where it ends.
std::size_t StatementDigest::hint_word_or_number(std::string_view body,
                                                 std::size_t start) noexcept {
  std::size_t i = start;
  bool digits = true;
  while (i < body.size() && is_word_byte(body[i])) digits = is_digit(body[i++]) && digits;
  const std::string_view word = body.substr(start, i - start);
  if (digits) {
    if (i < body.size() && body[i] == '.') ++i;
    while (i < body.size() && is_digit(body[i])) ++i;
    value(false);
  } else if (const std::uint16_t known_word = hint_word(word); known_word != kNothing) {
    store(known_word);
  } else if (scaled_number(word)) {
    value(false);
  } else {
    identifier(word, '\0', at_sign(body, i));
  }
  return i;
}

std::array<std::uint8_t, 32> StatementDigest::hash() const noexcept {
  std::array<char, kServerBytes> numbered{};
  const std::string_view storage = server_storage();
  std::memcpy(numbered.data(), storage.data(), storage.size());
  for (std::size_t at = 0; at + 2 <= storage.size();) {
    const std::uint16_t token_code = u16(storage, at);
    const std::uint16_t number = known(token_code).number;
    std::memcpy(numbered.data() + at, &number, 2);
    at += 2;
    if (is_name(token_code)) {
      at += 2U + u16(storage, at);
    } else if (token_code == kColumnNumber) {
      at += 4;
    }
  }
  return sha256({numbered.data(), storage.size()});
}

std::string StatementDigest::hash_hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : hash()) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

std::string StatementDigest::text() const {
  const std::string_view storage = server_storage();
  std::string out;
  bool space = false;
  for (std::size_t at = 0; at + 2 <= storage.size();) {
    const std::uint16_t token_code = u16(storage, at);
    at += 2;
    if (space) out += ' ';
    space = true;
    if (is_name(token_code)) {
      const std::size_t length = u16(storage, at);
      out += '`';
      out += name_in_utf8(storage.substr(at + 2, length), charset_);
      out += '`';
      at += 2 + length;
      space = token_code != kIdentifierAt;
    } else if (token_code == kColumnNumber) {
      out += std::to_string(u16(storage, at) | (std::uint32_t{u16(storage, at + 2)} << 16U));
      at += 4;
    } else {
      out += known(token_code).text;
      space = token_code != static_cast<std::uint16_t>(TokenKind::AtSign);
    }
  }
  return out;
}

}  // namespace sluice::parser
