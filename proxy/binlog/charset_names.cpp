#include "proxy/binlog/charset_names.h"

#include <algorithm>
#include <array>

namespace sluice::binlog {
namespace {

struct Run {
  std::uint32_t first;
  std::uint32_t last;
  std::string_view charset;
};
constexpr Run kRuns[] = {
#include "proxy/binlog/charset_ranges.inc"
};

// Not ASCII at all: two or four bytes a character.
constexpr std::array<std::string_view, 4> kWide{"ucs2", "utf16", "utf16le", "utf32"};
// ASCII but for some punctuation.
constexpr std::array<std::string_view, 5> kNational{"swe7", "sjis", "cp932", "ujis", "eucjpms"};

}  // namespace

CharsetInfo charset_of(std::uint32_t collation) noexcept {
  const auto* run = std::ranges::lower_bound(kRuns, collation, {}, &Run::last);
  if (run == std::end(kRuns) || run->first > collation) return {};
  const bool wide = std::ranges::find(kWide, run->charset) != kWide.end();
  const bool national = std::ranges::find(kNational, run->charset) != kNational.end();
  const bool utf8 = run->charset == "utf8mb4" || run->charset == "utf8mb3";
  return {run->charset, !wide, national, utf8};
}

std::uint32_t collation_of(std::string_view charset) noexcept {
  if (charset == "utf8") charset = "utf8mb3";
  const auto* run = std::ranges::find(kRuns, charset, &Run::charset);
  return run == std::end(kRuns) ? 0 : run->first;
}

}  // namespace sluice::binlog
