// JSON trees as text and as SQL.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/digits.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/json_walk.h"
#include "proxy/binlog/temporal_text.h"
#include "proxy/binlog/value.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

using Kind = JsonNode::Kind;

void append_escaped(char c, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\': out += c; break;
    case '\b': out += 'b'; break;
    case '\t': out += 't'; break;
    case '\n': out += 'n'; break;
    case '\f': out += 'f'; break;
    case '\r': out += 'r'; break;
    default:
      out += "u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[c & 15];
  }
}

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, from, i - from);
    append_escaped(c, out);
    from = i + 1;
  }
  out.append(text, from);
  out += '"';
}

// Lines of 76 digits, as the server's own encoder breaks them.
std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % 57 == 0) out += '\n';
    const auto at = [&](std::size_t k) {
      return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U;
    };
    const unsigned group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    out += kDigits[group >> 18];
    out += kDigits[group >> 12 & 63];
    out += i + 1 < bytes.size() ? kDigits[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kDigits[group & 63] : '=';
  }
  return out;
}

// What opaque bytes are, when their column type is one that has a form of its own.
struct Opaque {
  std::string text;  // as the server prints it, without quotes
  std::string sql;   // an expression of it
  bool number = false;
};

bool is_temporal(ColumnType type) {
  return type == ColumnType::kDate || type == ColumnType::kTime || type == ColumnType::kDateTime ||
         type == ColumnType::kTimestamp;
}

// 8 bytes: the packed form of a DATETIME or TIME, its fraction in the low 24 bits.
Opaque temporal(ColumnType type, std::string_view bytes) {
  wire::Reader in(wire::as_bytes(bytes));
  auto raw = in.u64();
  const bool negative = raw >> 63 != 0;
  if (negative) raw = 0 - raw;  // unsigned: the least number has no positive one
  const auto whole = raw >> 24;
  const auto micro = static_cast<std::uint32_t>(raw & 0xFFFFFF);
  if (type == ColumnType::kTime) {
    const Time time{negative,
                    static_cast<std::uint16_t>(whole >> 12 & 0x3FF),
                    static_cast<std::uint8_t>(whole >> 6 & 63),
                    static_cast<std::uint8_t>(whole & 63),
                    micro,
                    6};
    const auto text = to_text(time);
    return {text, "CAST('" + text + "' AS TIME(6))"};
  }
  const auto days = whole >> 17;
  const Date date{static_cast<std::uint16_t>((days >> 5) / 13),
                  static_cast<std::uint8_t>((days >> 5) % 13),
                  static_cast<std::uint8_t>(days & 31)};
  if (type == ColumnType::kDate) {
    const auto text = to_text(date);
    return {text, "CAST('" + text + "' AS DATE)"};
  }
  const DateTime both{date,
                      static_cast<std::uint8_t>(whole >> 12 & 31),
                      static_cast<std::uint8_t>(whole >> 6 & 63),
                      static_cast<std::uint8_t>(whole & 63),
                      micro,
                      6};
  const auto text = to_text(both);
  return {text, "CAST('" + text + "' AS DATETIME(6))"};
}

Opaque opaque(std::uint8_t code, std::string_view bytes) {
  const auto type = static_cast<ColumnType>(code);
  if (is_temporal(type) && bytes.size() == 8) return temporal(type, bytes);
  if (type == ColumnType::kNewDecimal && bytes.size() > 2) {  // precision | scale | digits
    Column column;
    column.type = type;
    column.digits = static_cast<std::uint8_t>(bytes[0]);
    column.decimals = static_cast<std::uint8_t>(bytes[1]);
    const auto cell = Cell{Cell::State::kBytes, wire::as_bytes(bytes).subspan(2)};
    if (column.digits >= 1 && column.digits <= 65 && column.decimals <= column.digits) {
      std::string digits;
      if (append_decimal(digits, column, cell.bytes)) {
        auto sql = "CAST(" + digits + " AS DECIMAL(" + std::to_string(column.digits) + "," +
                   std::to_string(column.decimals) + "))";
        return {std::move(digits), std::move(sql), true};
      }
    }
  }
  const auto encoded = "base64:type" + std::to_string(code) + ':' + base64(bytes);
  const auto hex = bytes.empty() ? std::string("x''") : sqltext::hex_literal(bytes);
  if (type == ColumnType::kBit && bytes.size() <= 8)
    return {encoded, "b'" + [&] {
              std::string bits;
              for (const char c : bytes)
                for (int i = 7; i >= 0; --i)
                  bits += (static_cast<unsigned char>(c) >> i & 1) != 0 ? '1' : '0';
              return bits;
            }() + "'"};
  return {encoded, hex};
}

// A value as an argument of JSON_ARRAY or JSON_OBJECT.
void append_argument(const JsonNode& json, std::string& out) {
  const auto list = [&](const char* function) {
    out += function;
    for (std::size_t i = 0; i < json.items.size(); ++i) {
      if (i > 0) out += ", ";
      if (json.kind == Kind::kObject) {
        out += sqltext::quote_string(json.keys[i]) + ", ";
      }
      append_argument(json.items[i], out);
    }
    out += ')';
  };
  switch (json.kind) {
    case Kind::kNull: out += "NULL"; break;
    case Kind::kFalse: out += "false"; break;
    case Kind::kTrue: out += "true"; break;
    case Kind::kInt: out += std::to_string(json.integer); break;
    case Kind::kUint:
      out += "CAST(" + std::to_string(static_cast<std::uint64_t>(json.integer)) + " AS UNSIGNED)";
      break;
    case Kind::kDouble: append_double(out, json.number); break;
    case Kind::kString: out += sqltext::quote_string(json.text); break;
    case Kind::kOpaque: out += opaque(json.type, json.text).sql; break;
    case Kind::kArray: list("JSON_ARRAY("); break;
    case Kind::kObject: list("JSON_OBJECT("); break;
  }
}

}  // namespace

std::string json_number(double value) {
  // The digits and the place of the point, from the shortest form that reads back the same.
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  std::string out;
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const auto e = text.find('e');
  int exponent = 0;
  auto written = text.substr(e + 1);
  if (written.front() == '+') written.remove_prefix(1);
  std::from_chars(written.data(), written.data() + written.size(), exponent);
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  const int point = exponent + 1;
  const int count = static_cast<int>(digits.size());
  // The server's rule (my_gcvt): plain digits while the point is within 15 of the first one.
  constexpr int kPlain = 15;
  if (point >= -kPlain + 1 && (point <= kPlain || count > point)) {
    if (point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    if (count <= point)
      return out + digits + std::string(static_cast<std::size_t>(point - count), '0') + ".0";
    return out + digits.substr(0, static_cast<std::size_t>(point)) + '.' +
           digits.substr(static_cast<std::size_t>(point));
  }
  out += digits[0];
  if (count > 1) out += '.' + digits.substr(1);
  return out + 'e' + std::to_string(exponent);
}

namespace {

// Prints as the server does.
class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void null() { out_ += "null"; }
  void boolean(bool value) { out_ += value ? "true" : "false"; }
  void integer(std::int64_t value) { append_integer(out_, value); }
  void whole(std::uint64_t value) {
    append_integer(out_, value);
    plain_ = plain_ && static_cast<std::int64_t>(value) < 0;
  }
  void real(double value) { out_ += json_number(value); }
  void text(std::string_view value) { append_quoted(value, out_); }
  void opaque(std::uint8_t type, std::string_view bytes) {
    const auto form = binlog::opaque(type, bytes);
    if (form.number)
      out_ += form.text;
    else
      append_quoted(form.text, out_);
    plain_ = false;
  }
  void begin(bool object, std::uint32_t) { out_ += object ? '{' : '['; }
  void key(std::uint32_t index, std::string_view name) {
    item(index);
    append_quoted(name, out_);
    out_ += ": ";
  }
  void item(std::uint32_t index) {
    if (index > 0) out_ += ", ";
  }
  void end(bool object) { out_ += object ? '}' : ']'; }

  // Whether the text gives the value back bit for bit: it reads small integers as signed ones.
  [[nodiscard]] bool plain() const { return plain_; }

 private:
  std::string& out_;
  bool plain_ = true;
};

void print(const JsonNode& json, Printer& to) {
  switch (json.kind) {
    case Kind::kNull: return to.null();
    case Kind::kFalse: return to.boolean(false);
    case Kind::kTrue: return to.boolean(true);
    case Kind::kInt: return to.integer(json.integer);
    case Kind::kUint: return to.whole(static_cast<std::uint64_t>(json.integer));
    case Kind::kDouble: return to.real(json.number);
    case Kind::kString: return to.text(json.text);
    case Kind::kOpaque: return to.opaque(json.type, json.text);
    case Kind::kArray:
    case Kind::kObject: break;
  }
  const bool object = json.kind == Kind::kObject;
  const auto count = static_cast<std::uint32_t>(json.items.size());
  to.begin(object, count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (object)
      to.key(i, json.keys[i]);
    else
      to.item(i);
    print(json.items[i], to);
  }
  to.end(object);
}

}  // namespace

void append_json_text(const JsonNode& json, std::string& out) {
  Printer printer(out);
  print(json, printer);
}

Result<bool> append_json_text(wire::Bytes json, std::string& out) {
  Printer printer(out);
  if (json.empty()) {
    printer.null();
    return true;
  }
  if (!JsonWalk<Printer>(json, printer).value(json[0], json.subspan(1)))
    return Error{Fault::kMalformed, "a JSON value's bytes are cut short or malformed"};
  return printer.plain();
}

void append_json_sql(const JsonNode& json, std::string& out) {
  std::string text;
  Printer printer(text);
  print(json, printer);
  if (printer.plain()) {
    out += "CAST(" + sqltext::quote_string(text) + " AS JSON)";
    return;
  }
  const bool container = json.kind == Kind::kArray || json.kind == Kind::kObject;
  // A scalar that text cannot say becomes JSON as an array's only element.
  if (!container) out += "JSON_EXTRACT(JSON_ARRAY(";
  append_argument(json, out);
  if (!container) out += "), '$[0]')";
}

}  // namespace sluice::binlog
