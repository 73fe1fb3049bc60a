// What a review rule found: values that the console, the API, `sluice check` and the audit record
// all print alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::policy::rules {

enum class Level : std::uint8_t { kOff, kWarning, kError };

// "off", "warning", "error".
[[nodiscard]] std::string_view name(Level level) noexcept;
[[nodiscard]] std::optional<Level> parse_level(std::string_view word) noexcept;

struct Finding {
  std::string rule;  // its id: "table.require-pk"
  Level level = Level::kWarning;
  std::string title;   // the rule's
  std::string detail;  // a sentence or two: what is wrong here, and what to do
  // Where in the sheet: inside its text, or at its end. Lines and columns count from 1; a column is
  // a character (code point), `offset` and `end` are bytes. The range is the word that is meant.
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::size_t offset = 0;
  std::size_t end = 0;
  std::size_t statement = 0;  // index of the sheet's statement, from 0
};

}  // namespace sluice::policy::rules
