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

}  // namespace sluice::parser
