// The kinds of token, and a token as a range of its text. The number of a kind is its ANTLR token
// type (parser/grammar/SluiceTokens.tokens; a test holds the two files together); EndOfText is
// ANTLR's EOF.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/dialect.h"

namespace sluice::parser {

enum class TokenKind : std::uint16_t {
  EndOfText = 0,
#define SLUICE_TOKEN(kind, name, spelling) kind,
#define SLUICE_KEYWORD(kind, word, mysql, since, until, mariadb, mariadb_since) kind,
#include "parser/keywords.inc"
#undef SLUICE_TOKEN
#undef SLUICE_KEYWORD
  Count_,
};

inline constexpr std::size_t kTokenKinds = static_cast<std::size_t>(TokenKind::Count_);

// How a word is used on an engine. A Function is a keyword only when `(` follows.
enum class KeywordUse : std::uint8_t { None, Plain, Reserved, Function };

struct Token {
  TokenKind kind = TokenKind::EndOfText;
  std::uint32_t start = 0;  // byte offsets into the text; [start, end)
  std::uint32_t end = 0;

  [[nodiscard]] std::string_view text(std::string_view sql) const noexcept {
    return sql.substr(start, end - start);
  }
  friend bool operator==(const Token&, const Token&) = default;
};

// The name of the kind in the grammar ("SELECT", "NULL_", "OP_LPAREN"); "EOF" for EndOfText.
[[nodiscard]] std::string_view token_name(TokenKind kind) noexcept;

// A keyword's or a punctuation's own text ("SELECT", "<=>"); empty for literals and names.
[[nodiscard]] std::string_view token_spelling(TokenKind kind) noexcept;

[[nodiscard]] bool is_keyword(TokenKind kind) noexcept;

// Use of a keyword by engine, versions not regarded.
[[nodiscard]] KeywordUse keyword_use(TokenKind kind, Engine engine) noexcept;

}  // namespace sluice::parser
