#include "proxy/cli/printable.h"

#include <algorithm>

#include "parser/charset.h"

namespace sluice::cli {

std::string utf8(std::string_view text) {
  std::string out;
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = p + text.size();
  while (p < end) {
    const std::uint32_t length =
        *p < 0x80 ? 1 : parser::multi_byte_length(parser::Charset::Utf8mb4, p, end);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++p;
    } else {
      out.append(reinterpret_cast<const char*>(p), length);
      p += length;
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  auto out = utf8(text);
  std::replace_if(
      out.begin(), out.end(),
      [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7F;
      },
      '?');
  return out;
}

}  // namespace sluice::cli
