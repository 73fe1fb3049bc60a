// Numbers of tokens in a digest's storage: the lexer's, and above them what collapsed tokens
// become. Used by digest*.cpp only.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/token.h"

namespace sluice::parser::digest_codes {

inline constexpr std::uint16_t kBase = static_cast<std::uint16_t>(kTokenKinds);
inline constexpr std::uint16_t kValue = kBase + 0;         // ?
inline constexpr std::uint16_t kValues = kBase + 1;        // ?, ...
inline constexpr std::uint16_t kRowOne = kBase + 2;        // (?)
inline constexpr std::uint16_t kRowsOne = kBase + 3;       // (?) /* , ... */
inline constexpr std::uint16_t kRowMany = kBase + 4;       // (...)
inline constexpr std::uint16_t kRowsMany = kBase + 5;      // (...) /* , ... */
inline constexpr std::uint16_t kInValues = kBase + 6;      // IN (...)
inline constexpr std::uint16_t kColumnNumber = kBase + 7;  // ORDER BY 1: followed by 4 bytes
inline constexpr std::uint16_t kHintOpen = kBase + 8;      // /*+
inline constexpr std::uint16_t kHintClose = kBase + 9;     // */
inline constexpr std::uint16_t kHintWord = kBase + 10;     // + index in the table of hint words
inline constexpr std::uint16_t kHintCharacter = 0xFE00;  // + a character of a hint that is no word
inline constexpr std::uint16_t kIdentifierAt = 0xFFFD;   // a hint's name that an `@` touches
inline constexpr std::uint16_t kNothing = 0xFFFF;        // no token to look at

struct Known {
  std::uint16_t number;  // in MySQL 9.7
  std::string_view text;
};
// Of any code above. kNothing is not one.
[[nodiscard]] Known known(std::uint16_t code) noexcept;

// The code of a hint's word, or kNothing.
[[nodiscard]] std::uint16_t hint_word(std::string_view word) noexcept;

// Whether an expression begins after the token: a sign that follows belongs to the literal behind
// it.
[[nodiscard]] bool starts_expression(std::uint16_t code) noexcept;

}  // namespace sluice::parser::digest_codes
