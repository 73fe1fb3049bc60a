// Words to token kinds: a hash table built at compile time. Pure; never allocates. Used by the
// lexer.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/dialect.h"
#include "parser/token.h"

namespace sluice::parser {

// The kind of `word` on the dialect's engine and version, without regard to case, or Identifier.
// `called` says that `(` follows: only then are function words keywords.
[[nodiscard]] TokenKind find_keyword(std::string_view word, bool called,
                                     const Dialect& dialect) noexcept;

// Whether that version of the server keeps the word from being a name.
[[nodiscard]] bool keyword_reserved(TokenKind kind, const Dialect& dialect) noexcept;

// What a server lets a keyword be besides itself; for other tokens nothing.
struct KeywordNaming {
  std::uint8_t calls = 0;  // bit n: it is a function of n arguments; bit 6: of six and more
  bool label = false;      // of a block of a stored program
  bool role = false;
  bool variable = false;  // on the left side of a SET

  [[nodiscard]] bool callable(std::size_t arguments) const noexcept {
    return (calls >> (arguments < 6 ? arguments : 6) & 1U) != 0;
  }
};
[[nodiscard]] KeywordNaming keyword_naming(TokenKind kind, Engine engine) noexcept;

}  // namespace sluice::parser
