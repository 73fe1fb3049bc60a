#include "proxy/binlog/literal.h"

#include <algorithm>
#include <cstring>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/digits.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/temporal_text.h"

namespace sluice::binlog {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

bool is_printable(char c) {
  return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r';
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
}

// Bytes of one well-formed UTF-8 character at the front, or 0.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) >= 0xA0) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    // ASCII, eight bytes at a time.
    std::uint64_t word = 0;
    while (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080) != 0) break;
      text.remove_prefix(sizeof word);
    }
    if (text.empty()) return true;
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Whether the bytes are the same text in utf8mb4.
bool writes_out(const CharsetInfo& charset, std::string_view bytes) {
  if (charset.utf8) return is_utf8(bytes);
  if (!charset.ascii) return false;
  return std::ranges::all_of(bytes, charset.only_word ? is_word : is_printable);
}

Error no_charset() {
  return {Fault::kIncomplete,
          "the log does not say a text column's character set (binlog_row_metadata): give the "
          "table's definition with --schema"};
}

Result<void> append_text(std::string& out, const CharsetInfo& charset, std::string_view bytes,
                         LiteralUse use) {
  if (charset.name.empty()) return no_charset();
  if (writes_out(charset, bytes)) {
    // A client that reads a script turns the line ends of Windows into its own.
    if (bytes.find('\r') != std::string_view::npos) {
      out += "_utf8mb4 ";
      sqltext::append_hex_literal(out, bytes);
    } else {
      sqltext::append_string(out, bytes);
    }
    return {};
  }
  if (use == LiteralUse::kSought) {
    out += '_';
    out += charset.name;
    out += ' ';
  }
  sqltext::append_hex_literal(out, bytes);
  return {};
}

// To be stored as JSON; to be compared as the text that the server prints.
Result<void> append_json(std::string& out, wire::Bytes json, LiteralUse use) {
  const bool compared = use == LiteralUse::kCompared;
  const std::size_t begin = out.size();
  out += compared ? "'" : "CAST('";
  const std::size_t text = out.size();
  const auto plain = append_json_text(json, out);
  if (!plain || (!compared && !*plain)) {
    out.resize(begin);
    if (!plain) return plain.error();
    const auto tree = decode_json(json);
    if (!tree) return tree.error();
    append_json_sql(*tree, out);
    return {};
  }
  if (std::string_view(out).substr(text).find_first_of("'\\") != std::string_view::npos) {
    const std::string written = out.substr(text);
    out.resize(text - 1);
    sqltext::append_string(out, written);
  } else {
    out += '\'';
  }
  if (!compared) out += " AS JSON)";
  return {};
}

template <class Temporal>
void append_quoted(std::string& out, const Temporal& value) {
  out += '\'';
  append_text(out, value);
  out += '\'';
}

Result<void> append(std::string& out, const Value& value, LiteralUse use) {
  Result<void> status{};
  const auto bytes = [&](const auto& v) { sqltext::append_hex_literal(out, v.bytes); };
  std::visit(
      Overloaded{
          [&](const Null&) { out += "NULL"; }, [&](std::int64_t n) { append_integer(out, n); },
          [&](std::uint64_t n) { append_integer(out, n); },
          [&](float n) { append_double(out, static_cast<double>(n)); },
          [&](double n) { append_double(out, n); }, [&](const Decimal& d) { out += d.digits; },
          [&](const Date& v) { append_quoted(out, v); },
          [&](const Time& v) { append_quoted(out, v); },
          [&](const DateTime& v) { append_quoted(out, v); },
          [&](const Timestamp& v) { append_quoted(out, v); },
          [&](const Year& v) { append_integer(out, v.year); },
          [&](const Bits& v) { append_integer(out, v.bits); },
          [&](const EnumIndex& v) { append_integer(out, v.index); },
          [&](const SetBits& v) { append_integer(out, v.bits); },
          [&](const Text& v) { status = append_text(out, charset_of(v.collation), v.bytes, use); },
          [&](const Binary& v) { bytes(v); }, [&](const Geometry& v) { bytes(v); },
          [&](const Vector& v) { bytes(v); },
          [&](const Json& v) { status = append_json(out, wire::as_bytes(v.bytes), use); }},
      value);
  return status;
}

// Bytes of a character column; of a BINARY(n) with the zero bytes that the log leaves out.
Result<void> append_characters(std::string& out, const Column& column, const CharsetInfo& charset,
                               wire::Bytes bytes, LiteralUse use) {
  if (column.collation != kBinaryCollation)
    return append_text(out, charset, wire::as_text(bytes), use);
  const std::size_t whole = column.type == ColumnType::kString ? column.length : 0;
  if (bytes.empty() && whole > 0)
    out += "0x";
  else
    sqltext::append_hex_literal(out, bytes);
  if (bytes.size() < whole) out.append(2 * (whole - bytes.size()), '0');
  return {};
}

}  // namespace

Result<void> append_literal(std::string& out, const Value& value, LiteralUse use) {
  return append(out, value, use);
}

// What there is most of is written without a value in between.
Result<void> append_literal(std::string& out, const Column& column, const CharsetInfo& charset,
                            const Cell& cell, LiteralUse use) {
  if (cell.is_null()) {
    out += "NULL";
    return {};
  }
  using enum ColumnType;
  switch (column.type) {
    case kNewDecimal: return append_decimal(out, column, cell.bytes);
    case kString:
    case kVarString:
    case kVarchar:
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob: return append_characters(out, column, charset, cell.bytes, use);
    case kJson: return append_json(out, cell.bytes, use);
    case kGeometry:
    case kVector: sqltext::append_hex_literal(out, cell.bytes); return {};
    default: break;
  }
  const auto value = decode_value(column, cell);
  if (!value) return value.error();
  return append(out, *value, use);
}

void append_comparable(std::string& out, std::string_view name, const Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case kString:
    case kVarString:
    case kVarchar:
    case kVarcharCompressed:
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed:
      if (column.collation == kBinaryCollation) break;
      [[fallthrough]];
    case kJson:
    case kGeometry:
    case kVector:
      out += "CAST(";
      out += name;
      out += " AS BINARY)";
      return;
    default: break;
  }
  out += name;
}

}  // namespace sluice::binlog
