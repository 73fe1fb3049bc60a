// MySQL's binary JSON (the JSON column type in the log): printed exactly as the server prints it,
// as an SQL expression that gives the same value again, and partial updates applied.
// Format: MySQL source documentation, "json_binary"; partial updates: WL#2955. Pure.
#pragma once

#include <string>

#include "proxy/binlog/fault.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

// Nesting deeper than the server's own limit is malformed.
inline constexpr int kMaxJsonDepth = 100;

// Appends the text that the server prints for CAST(column AS CHAR).
// Errors: kTruncated, kMalformed.
[[nodiscard]] Result<void> append_json_text(wire::Bytes json, std::string& out);

// Appends an expression of the same value, bit for bit: CAST('text' AS JSON), or JSON_OBJECT and
// JSON_ARRAY calls when it holds what text cannot say (dates, decimals, bit strings, blobs).
[[nodiscard]] Result<void> append_json_sql(wire::Bytes json, std::string& out);

// The after-image's text from the before-image and the differences of a PARTIAL_UPDATE_ROWS event.
[[nodiscard]] Result<std::string> apply_json_diffs(wire::Bytes before, wire::Bytes diffs);

}  // namespace sluice::binlog
