// A prepared text with its parameters written in as literals: what is recorded of an execution, and
// what a review shows and runs later. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/query_attributes.h"

namespace sluice::session {

// A value of a prepared statement as an SQL literal: NULL, numbers, 'text', 0x… for bytes that are
// no plain text, DATE '…', TIME '…', TIMESTAMP '…'. Reads the same in every sql_mode; `long_data`:
// the value that came ahead of the execution.
[[nodiscard]] std::string literal(const wire::Parameter& parameter,
                                  const std::string* long_data = nullptr);
// The literal of bytes whose type is not known: a whole number as it stands, else text.
[[nodiscard]] std::string literal_of_text(std::string_view value);

// The text with each `?` replaced, in order. `dialect` has placeholders. Nothing: there are more or
// fewer of them than literals.
[[nodiscard]] std::optional<std::string> bind_literals(std::string_view text,
                                                       const parser::Dialect& dialect,
                                                       const std::vector<std::string>& literals);

// MariaDB's COM_STMT_BULK_EXECUTE: a list of literals for each of its rows, DEFAULT among them.
// Nothing: it is malformed, has more than `max_rows`, or a value that only an execution can leave
// out. `types` are those sent last, replaced when the packet has some.
[[nodiscard]] std::optional<std::vector<std::vector<std::string>>> bulk_rows(
    const wire::StmtBulkExecute& command, std::size_t parameters, std::size_t max_rows,
    std::vector<std::uint16_t>& types);

}  // namespace sluice::session
