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

void append_string(std::string& out, std::string_view text) {
  // A backslash means two things, by sql_mode; hexadecimal digits mean one.
  if (text.find('\\') != std::string_view::npos || text.find('\0') != std::string_view::npos) {
    out += "_utf8mb4 ";
    append_hex_literal(out, text);
    return;
  }
  out += '\'';
  for (auto quote = text.find('\''); quote != std::string_view::npos; quote = text.find('\'')) {
    out.append(text.substr(0, quote + 1));
    out += '\'';
    text.remove_prefix(quote + 1);
  }
  out.append(text);
  out += '\'';
}

std::string quote_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_string(out, text);
  return out;
}

void append_hex_literal(std::string& out, std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (bytes.empty()) {
    out += "''";
    return;
  }
  out += "0x";
  std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const unsigned char b : bytes) {
    out[at++] = kDigits[b >> 4];
    out[at++] = kDigits[b & 15];
  }
}

void append_hex_literal(std::string& out, std::string_view bytes) {
  append_hex_literal(out,
                     std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::string hex_literal(std::span<const unsigned char> bytes) {
  std::string out;
  append_hex_literal(out, bytes);
  return out;
}

std::string hex_literal(std::string_view bytes) {
  return hex_literal(std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace sluice::sqltext
