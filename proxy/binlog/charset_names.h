// Names of the character sets behind collation numbers, of both servers, and what a literal in
// them needs to know. Pure tables.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::binlog {

struct CharsetInfo {
  std::string_view name;  // "utf8mb4"; empty: the number is not known
  // A run of bytes 0x20 to 0x7E, tabs and line ends is the same text in it as in UTF-8. The
  // backslash and the tilde are exceptions in some, which `only_word` says.
  bool ascii = false;
  bool only_word = false;  // only letters, digits and blanks are the same
  bool utf8 = false;       // utf8mb4, utf8mb3
};

inline constexpr std::uint32_t kBinaryCollation = 63;

[[nodiscard]] CharsetInfo charset_of(std::uint32_t collation) noexcept;
// A collation number of a character set, by its lower-case name; 0: there is none of that name.
[[nodiscard]] std::uint32_t collation_of(std::string_view charset) noexcept;

}  // namespace sluice::binlog
