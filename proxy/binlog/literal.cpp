#include "proxy/binlog/literal.h"

#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/charset_names.h"
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
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Whether the bytes are the same text in utf8mb4.
bool writes_out(const CharsetInfo& charset, std::string_view bytes) {
  if (charset.name == "utf8mb4" || charset.name == "utf8mb3") return is_utf8(bytes);
  if (!charset.ascii) return false;
  return std::ranges::all_of(bytes, charset.only_word ? is_word : is_printable);
}

Error no_charset() {
  return {Fault::kIncomplete,
          "the log does not say a text column's character set (binlog_row_metadata): give the "
          "table's definition with --schema"};
}

Result<void> append_text(std::string& out, const Text& text, bool key) {
  const auto charset = charset_of(text.collation);
  if (charset.name.empty()) return no_charset();
  if (writes_out(charset, text.bytes)) {
    // A client that reads a script turns the line ends of Windows into its own.
    if (text.bytes.find('\r') != std::string::npos)
      out += "_utf8mb4 " + sqltext::hex_literal(text.bytes);
    else
      out += sqltext::quote_string(text.bytes);
    return {};
  }
  if (key) {
    out += '_';
    out += charset.name;
    out += ' ';
  }
  out += sqltext::hex_literal(text.bytes);
  return {};
}

Result<void> append(std::string& out, const Value& value, bool key, bool compare) {
  Result<void> status{};
  const auto number = [&](auto n) { out += std::to_string(n); };
  const auto quoted = [&](const auto& v) { out += '\'' + to_text(v) + '\''; };
  const auto bytes = [&](const auto& v) { out += sqltext::hex_literal(v.bytes); };
  std::visit(
      Overloaded{
          [&](const Null&) { out += "NULL"; }, [&](std::int64_t n) { number(n); },
          [&](std::uint64_t n) { number(n); }, [&](float n) { out += double_literal(n); },
          [&](double n) { out += double_literal(n); }, [&](const Decimal& d) { out += d.digits; },
          [&](const Date& v) { quoted(v); }, [&](const Time& v) { quoted(v); },
          [&](const DateTime& v) { quoted(v); }, [&](const Timestamp& v) { quoted(v); },
          [&](const Year& v) { number(v.year); }, [&](const Bits& v) { number(v.bits); },
          [&](const EnumIndex& v) { number(v.index); }, [&](const SetBits& v) { number(v.bits); },
          [&](const Text& v) { status = append_text(out, v, key); },
          [&](const Binary& v) { bytes(v); }, [&](const Geometry& v) { bytes(v); },
          [&](const Vector& v) { bytes(v); },
          [&](const Json& v) {
            const auto json = decode_json(wire::as_bytes(v.bytes));
            if (!json) {
              status = json.error();
            } else if (compare) {
              std::string text;
              append_json_text(*json, text);
              out += sqltext::quote_string(text);
            } else {
              append_json_sql(*json, out);
            }
          }},
      value);
  return status;
}

}  // namespace

Result<void> append_literal(std::string& out, const Value& value) {
  return append(out, value, false, false);
}

Result<void> append_key_literal(std::string& out, const Value& value) {
  return append(out, value, true, false);
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

Result<void> append_comparand(std::string& out, const Value& value) {
  return append(out, value, false, true);
}

}  // namespace sluice::binlog
