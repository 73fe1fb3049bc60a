#include "parser/dialect.h"

#include <algorithm>
#include <cstddef>

namespace sluice::parser {
namespace {

bool same(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b;
  });
}

struct Mode {
  std::string_view name;
  std::uint32_t bits;
};
constexpr std::uint32_t kAnsi = kRealAsFloat | kPipesAsConcat | kAnsiQuotes | kIgnoreSpace;
constexpr std::uint32_t kForeign = kPipesAsConcat | kAnsiQuotes | kIgnoreSpace;
constexpr Mode kModes[] = {
    {"ANSI_QUOTES", kAnsiQuotes},
    {"NO_BACKSLASH_ESCAPES", kNoBackslashEscapes},
    {"IGNORE_SPACE", kIgnoreSpace},
    {"PIPES_AS_CONCAT", kPipesAsConcat},
    {"HIGH_NOT_PRECEDENCE", kHighNotPrecedence},
    {"REAL_AS_FLOAT", kRealAsFloat},
    {"NO_UNSIGNED_SUBTRACTION", kNoUnsignedSubtraction},
    {"ANSI", kAnsi},
    // The next seven are MariaDB's (and MySQL's before 8.0).
    {"ORACLE", kForeign | kOracle},
    {"DB2", kForeign},
    {"MAXDB", kForeign},
    {"MSSQL", kForeign},
    {"POSTGRESQL", kForeign},
    {"MYSQL323", kHighNotPrecedence},
    {"MYSQL40", kHighNotPrecedence},
};

struct Named {
  std::string_view name;
  Charset charset;
};
// In the order of Charset; then the other spellings.
constexpr Named kNames[] = {
    {"utf8mb4", Charset::Utf8mb4},   {"utf8mb3", Charset::Utf8mb3},   {"ascii", Charset::Ascii},
    {"binary", Charset::Binary},     {"latin1", Charset::Latin1},     {"latin2", Charset::Latin2},
    {"latin5", Charset::Latin5},     {"latin7", Charset::Latin7},     {"cp1250", Charset::Cp1250},
    {"cp1251", Charset::Cp1251},     {"cp1256", Charset::Cp1256},     {"cp1257", Charset::Cp1257},
    {"cp850", Charset::Cp850},       {"cp852", Charset::Cp852},       {"cp866", Charset::Cp866},
    {"armscii8", Charset::Armscii8}, {"dec8", Charset::Dec8},         {"geostd8", Charset::Geostd8},
    {"greek", Charset::Greek},       {"hebrew", Charset::Hebrew},     {"hp8", Charset::Hp8},
    {"keybcs2", Charset::Keybcs2},   {"koi8r", Charset::Koi8r},       {"koi8u", Charset::Koi8u},
    {"macce", Charset::Macce},       {"macroman", Charset::Macroman}, {"swe7", Charset::Swe7},
    {"tis620", Charset::Tis620},     {"big5", Charset::Big5},         {"cp932", Charset::Cp932},
    {"eucjpms", Charset::Eucjpms},   {"euckr", Charset::Euckr},       {"gb18030", Charset::Gb18030},
    {"gb2312", Charset::Gb2312},     {"gbk", Charset::Gbk},           {"sjis", Charset::Sjis},
    {"ujis", Charset::Ujis},         {"utf8", Charset::Utf8mb3},      {"ucs2", Charset::Binary},
    {"utf16", Charset::Binary},      {"utf16le", Charset::Binary},    {"utf32", Charset::Binary},
};

struct Run {
  std::uint16_t first, last;
  Charset charset;
};
constexpr Run kCollations[] = {
#include "parser/collation_ids.inc"
};

}  // namespace

std::uint32_t sql_mode_bits(std::string_view names) noexcept {
  std::uint32_t bits = 0;
  while (!names.empty()) {
    const std::size_t comma = names.find(',');
    std::string_view name = names.substr(0, comma);
    names.remove_prefix(comma == std::string_view::npos ? names.size() : comma + 1);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    for (const Mode& mode : kModes) {
      if (same(name, mode.name)) bits |= mode.bits;
    }
  }
  return bits;
}

std::optional<Charset> charset_by_name(std::string_view name) noexcept {
  for (const Named& row : kNames) {
    const bool equal = std::equal(
        name.begin(), name.end(), row.name.begin(), row.name.end(),
        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
    if (equal) return row.charset;
  }
  return std::nullopt;
}

std::optional<Charset> charset_by_collation(std::uint16_t id) noexcept {
  for (const Run& run : kCollations) {
    if (id >= run.first && id <= run.last) return run.charset;
  }
  return std::nullopt;
}

std::string_view charset_name(Charset charset) noexcept {
  return kNames[static_cast<std::size_t>(charset)].name;
}

}  // namespace sluice::parser
