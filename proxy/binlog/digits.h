// Decimal digits appended to a text without a text of their own in between.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace sluice::binlog {

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// At least `width` digits, with zeros before. REQUIRES: width is at most 20.
inline void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
  char digits[20];
  char* const end = digits + sizeof digits;
  char* at = end;
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  while (static_cast<std::size_t>(end - at) < width) *--at = '0';
  out.append(at, end);
}

}  // namespace sluice::binlog
