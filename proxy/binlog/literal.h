// Values as SQL literals that restore bit for bit on a server with rollback.h's session settings.
#pragma once

#include <string>

#include "proxy/binlog/fault.h"
#include "proxy/binlog/table_map.h"
#include "proxy/binlog/value.h"

namespace sluice::binlog {

// What is appended can be stored in `column` by SET and INSERT.
[[nodiscard]] Result<void> append_literal(std::string& out, const Column& column,
                                          const Value& value);

// "`c` <=> literal", or what compares the column's bits where `<=>` would not: text by its bytes
// whatever the collation, JSON by its text. `name` is quoted already.
[[nodiscard]] Result<void> append_equals(std::string& out, std::string_view name,
                                         const Column& column, const Value& value);

}  // namespace sluice::binlog
