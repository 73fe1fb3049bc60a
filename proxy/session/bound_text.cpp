#include "proxy/session/bound_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "parser/lexer.h"
#include "parser/sqltext/quote.h"

namespace sluice::session {
namespace {

using wire::ColumnType;

bool is_number(std::string_view text, bool whole) {
  if (text.starts_with('-')) text.remove_prefix(1);
  constexpr std::size_t kMaxDigits = 66;  // DECIMAL(65, 30) with its point
  if (text.empty() || text.size() > kMaxDigits) return false;
  const std::size_t point = whole ? text.size() : std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(text.substr(0, point))) return false;
  // 007 is text that would lose something as a number.
  if (whole && text.size() > 1 && text.front() == '0') return false;
  return point == text.size() || digits(text.substr(point + 1));
}

// Text stands in quotes where every server reads it back, whatever its sql_mode and character set:
// no byte that could be, or follow, the first of two, except in UTF-8.
std::string quoted(std::string_view value) {
  const bool plain = std::ranges::all_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x7f && c != '\\') || c == '\n' || c == '\t' || c == '\r';
  });
  if (!plain) return sqltext::hex_literal(value);
  return sqltext::quote_string(value);
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || i + size > text.size()) return false;
    for (std::size_t k = 1; k < size; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0U) != 0x80U) return false;
    }
    i += size;
  }
  return true;
}

std::string text_literal(std::string_view value, ColumnType type) {
  switch (type) {
    case ColumnType::kDecimal:
    case ColumnType::kNewDecimal:
      return is_number(value, false) ? std::string(value) : quoted(value);
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kBit:
    case ColumnType::kGeometry: return quoted(value);
    default: break;
  }
  // Readable where it is UTF-8 without what an escape could begin with.
  const bool readable = is_utf8(value) && std::ranges::none_of(value, [](char c) {
                          return c == '\\' || (static_cast<unsigned char>(c) < 0x20 && c != '\n' &&
                                               c != '\t' && c != '\r');
                        });
  return readable ? sqltext::quote_string(value) : quoted(value);
}

// Whether two pieces of text would be read as one, or as others than by themselves: LIMIT? is two
// tokens, and LIMIT5 one; 1e? and 1e-? are more than the one 1e-5; /*!? is code, and /*!5 a
// version.
bool would_join(std::string_view before, std::string_view after) noexcept {
  if (before.empty() || after.empty()) return false;
  const auto of_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_$.@'\"`").find(c) != std::string_view::npos;
  };
  const char last = before.back();
  // A blank behind two dashes would begin a comment.
  if (last == '-') return !before.ends_with("--");
  if (last == '+' || last == '!') return true;
  if (last == 'e' || last == 'E') return of_word(after.front()) || after.front() == '-';
  return of_word(last) && of_word(after.front());
}

template <class Float>
std::string float_literal(Float value, int digits) {
  if (!std::isfinite(value)) return "NULL";  // no literal has it, and no column takes it
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%.*e", digits, static_cast<double>(value));
  return text.data();
}

std::string temporal_literal(const wire::Temporal& value, ColumnType type) {
  std::array<char, 64> text{};
  std::array<char, 16> fraction{};
  if (value.microsecond != 0) {
    (void)std::snprintf(fraction.data(), fraction.size(), ".%06u", value.microsecond);
  }
  if (type == ColumnType::kTime) {
    (void)std::snprintf(text.data(), text.size(), "%s%02u:%02u:%02u%s", value.negative ? "-" : "",
                        value.days * 24U + value.hour, unsigned{value.minute},
                        unsigned{value.second}, fraction.data());
    return "TIME '" + std::string(text.data()) + "'";
  }
  (void)std::snprintf(text.data(), text.size(), "%04u-%02u-%02u", unsigned{value.year},
                      unsigned{value.month}, unsigned{value.day});
  std::string date = text.data();
  // Dates with a zero are no typed literals in the strict modes; as text they are what was sent.
  const bool typed = value.month != 0 && value.day != 0;
  if (type == ColumnType::kDate) return (typed ? "DATE '" : "'") + date + "'";
  (void)std::snprintf(text.data(), text.size(), " %02u:%02u:%02u%s", unsigned{value.hour},
                      unsigned{value.minute}, unsigned{value.second}, fraction.data());
  return (typed ? "TIMESTAMP '" : "'") + date + text.data() + "'";
}

}  // namespace

std::string literal(const wire::Parameter& parameter, const std::string* long_data) {
  const auto type = static_cast<ColumnType>(parameter.type & 0xffU);
  if (long_data != nullptr) return text_literal(*long_data, type);
  if (parameter.null || std::holds_alternative<wire::Null>(parameter.value)) return "NULL";
  if (const auto* text = std::get_if<std::string_view>(&parameter.value)) {
    return text_literal(*text, type);
  }
  if (const auto* number = std::get_if<std::int64_t>(&parameter.value)) {
    return std::to_string(*number);
  }
  if (const auto* number = std::get_if<std::uint64_t>(&parameter.value)) {
    return std::to_string(*number);
  }
  if (const auto* number = std::get_if<float>(&parameter.value)) return float_literal(*number, 8);
  if (const auto* number = std::get_if<double>(&parameter.value)) {
    return float_literal(*number, 16);
  }
  return temporal_literal(std::get<wire::Temporal>(parameter.value), type);
}

std::string literal_of_text(std::string_view value) {
  if (is_number(value, true)) return std::string(value);
  return text_literal(value, ColumnType::kVarString);
}

std::optional<std::string> bind_literals(std::string_view text, const parser::Dialect& dialect,
                                         const std::vector<std::string>& literals) {
  std::string bound;
  std::size_t from = 0;
  std::size_t used = 0;
  parser::Lexer lexer(text, dialect);
  for (auto token = lexer.next(); token.kind != parser::TokenKind::EndOfText;
       token = lexer.next()) {
    if (token.kind != parser::TokenKind::Placeholder) continue;
    if (used == literals.size()) return std::nullopt;
    bound += text.substr(from, token.start - from);
    const std::string& own = literals[used++];
    if (would_join(bound, own)) bound += ' ';
    bound += own;
    from = token.end;
    if (would_join(bound, text.substr(from))) bound += ' ';
  }
  if (used != literals.size()) return std::nullopt;
  bound += text.substr(from);
  return bound;
}

std::optional<std::vector<std::vector<std::string>>> bulk_rows(const wire::StmtBulkExecute& command,
                                                               std::size_t parameters,
                                                               std::size_t max_rows,
                                                               std::vector<std::uint16_t>& types) {
  constexpr std::uint16_t kTypesFollow = 128;
  enum Indicator : std::uint8_t { kValue = 0, kNull = 1, kDefault = 2 };
  wire::Reader in(command.rest);
  if ((command.flags & kTypesFollow) != 0) {
    types.clear();
    for (std::size_t i = 0; i < parameters; ++i) types.push_back(in.u16());
  }
  if (types.size() != parameters || parameters == 0) return std::nullopt;
  std::vector<std::vector<std::string>> rows;
  while (in.ok() && in.remaining() != 0) {
    if (rows.size() == max_rows) return std::nullopt;
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < parameters; ++i) {
      const std::uint8_t indicator = in.u8();
      if (!in.ok() || indicator > kDefault) return std::nullopt;
      if (indicator != kValue) {
        row.emplace_back(indicator == kNull ? "NULL" : "DEFAULT");
        continue;
      }
      wire::Parameter parameter;
      parameter.type = types[i];
      const auto value = wire::decode_value(in, static_cast<ColumnType>(types[i] & 0xffU),
                                            (types[i] & wire::kUnsignedParameter) != 0);
      if (!value) return std::nullopt;
      parameter.value = *value;
      row.push_back(literal(parameter));
    }
  }
  if (!in.ok()) return std::nullopt;
  return rows;
}

}  // namespace sluice::session
