// Values as SQL literals that restore bit for bit, in a session with rollback.h's settings.
#pragma once

#include <string>
#include <string_view>

#include "proxy/binlog/fault.h"
#include "proxy/binlog/table_map.h"
#include "proxy/binlog/value.h"

namespace sluice::binlog {

// What SET and INSERT store in a column of the value's type. Text is written out where the column's
// character set and utf8mb4 agree on it, else as the bytes themselves. ENUM and SET are numbers.
[[nodiscard]] Result<void> append_literal(std::string& out, const Value& value);

// What finds a row by a key: as append_literal, but text has its character set before it, so that
// it is compared by the column's collation and an index serves.
[[nodiscard]] Result<void> append_key_literal(std::string& out, const Value& value);

// The column as an expression that `<=>` compares with `append_comparand` bit for bit: text by its
// bytes whatever the collation, JSON by its text. `name` is quoted, and qualified as needed.
void append_comparable(std::string& out, std::string_view name, const Column& column);
[[nodiscard]] Result<void> append_comparand(std::string& out, const Value& value);

}  // namespace sluice::binlog
