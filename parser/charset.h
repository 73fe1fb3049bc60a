// Bytes of a client character set as the lexer sees them: a class for each byte, and the length of
// a multi-byte character. Pure tables; used by the lexer only.
#pragma once

#include <array>
#include <cstdint>

#include "parser/dialect.h"

namespace sluice::parser {

// What a byte begins outside quotes.
enum class ByteClass : std::uint8_t {
  Other,   // an operator or a byte that no token begins with
  Space,   // blank, tab, line ends; 0xA0 in many single-byte sets
  Letter,  // of a name
  Digit,   // of a name or a number
  Lead,    // of a multi-byte character in a name
};

// 256 classes. Lives for ever.
[[nodiscard]] const std::uint8_t* byte_classes(Charset charset) noexcept;

// Bytes of the multi-byte character at `p`, 2 to 4, or 0 when a single byte or an invalid sequence
// stands there. Reads no byte at or after `end`.
[[nodiscard]] std::uint32_t multi_byte_length(Charset charset, const unsigned char* p,
                                              const unsigned char* end) noexcept;

// Whether characters of several bytes exist in it.
[[nodiscard]] bool is_multi_byte(Charset charset) noexcept;

}  // namespace sluice::parser
