#include "parser/sqltext/quote.h"

namespace sluice::sqltext {

std::string quote_identifier(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 2);
  out += '`';
  for (const char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  out += '`';
  return out;
}

std::string quote_qualified(std::string_view schema, std::string_view name) {
  if (schema.empty()) return quote_identifier(name);
  return quote_identifier(schema) + '.' + quote_identifier(name);
}

std::string quote_string(std::string_view text) {
  // A backslash means two things, by sql_mode; hexadecimal digits mean one.
  if (text.find('\\') != std::string_view::npos || text.find('\0') != std::string_view::npos) {
    return "_utf8mb4 " + hex_literal(text);
  }
  std::string out;
  out.reserve(text.size() + 2);
  out += '\'';
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  out += '\'';
  return out;
}

std::string hex_literal(std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (bytes.empty()) return "''";
  std::string out;
  out.reserve(2 + 2 * bytes.size());
  out += "0x";
  for (const unsigned char b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

std::string hex_literal(std::string_view bytes) {
  return hex_literal(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace sluice::sqltext
