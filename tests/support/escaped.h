// Lines of a file of cases, which write what is no plain character as \n, \t, \r, \xNN (small
// letters); a backslash before anything else stands for that.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::test {

inline int hex(char c) {
  return c >= 'a' ? c - 'a' + 10 : c - '0';
}

inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    ++i;
    if (text[i] == 'x' && i + 2 < text.size()) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == 'n' ? '\n' : text[i] == 't' ? '\t' : text[i] == 'r' ? '\r' : text[i];
    }
  }
  return out;
}

}  // namespace sluice::test
