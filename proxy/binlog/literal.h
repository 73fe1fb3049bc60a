// Values as SQL literals that restore bit for bit, in a session with rollback.h's settings.
#pragma once

#include <string>
#include <string_view>

#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/fault.h"
#include "proxy/binlog/table_map.h"
#include "proxy/binlog/value.h"

namespace sluice::binlog {

enum class LiteralUse : std::uint8_t {
  // What SET and INSERT store in a column of the value's type. Text is written out where the
  // column's character set and utf8mb4 agree on it, else as the bytes themselves. ENUM and SET are
  // numbers.
  kStored,
  // What finds a row by a key: text has its character set before it, so that it is compared by the
  // column's collation and an index serves.
  kSought,
  // What append_comparable()'s expression is compared with: JSON is the text that a server prints.
  kCompared,
};

[[nodiscard]] Result<void> append_literal(std::string& out, const Value& value,
                                          LiteralUse use = LiteralUse::kStored);
// The same of a cell's value. `charset`: that of the column's collation. REQUIRES: the cell is
// kNull or kBytes.
[[nodiscard]] Result<void> append_literal(std::string& out, const Column& column,
                                          const CharsetInfo& charset, const Cell& cell,
                                          LiteralUse use);

// The column as an expression that `<=>` compares bit for bit: text by its
// bytes whatever the collation, JSON by its text. `name` is quoted, and qualified as needed.
void append_comparable(std::string& out, std::string_view name, const Column& column);

}  // namespace sluice::binlog
