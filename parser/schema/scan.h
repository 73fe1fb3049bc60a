// The lexer's tokens (parser/lexer.h) as the model's reader needs them: a variable or the host of
// an account is one, keywords are words. Comments are gone, the contents of version comments that
// the target executes are there (manual 11.7). Never fails: an unterminated string becomes an Error
// token. Text is UTF-8. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/schema/target.h"

namespace sluice::schema {

struct Token {
  enum class Kind : std::uint8_t {
    End,
    Word,
    Quoted,
    String,
    Number,
    Hex,
    Bits,
    Symbol,
    Variable,
    Error
  };
  Kind kind = Kind::End;
  std::uint32_t begin = 0;  // bytes
  std::uint32_t end = 0;
};

// The last token is always End. REQUIRES: text.size() < 4 GiB.
[[nodiscard]] std::vector<Token> scan(std::string_view text, const Target& target);

// The identifier or string that a token's text means, without its quotes.
[[nodiscard]] std::string unquote(std::string_view raw, Token::Kind kind, const Target& target);

}  // namespace sluice::schema
