// MySQL's binary JSON (the JSON column type in the log): read into a tree, printed exactly as the
// server prints it or as an SQL expression that gives the same value again, and partial updates
// applied. Format: MySQL source documentation, "json_binary"; partial updates: WL#2955. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proxy/binlog/fault.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

// The server's own limit is 100; deeper is malformed.
inline constexpr int kMaxJsonDepth = 101;

struct JsonNode {
  enum class Kind : std::uint8_t {
    kNull,
    kFalse,
    kTrue,
    kInt,
    kUint,
    kDouble,
    kString,  // `text`, UTF-8
    kOpaque,  // `text` are its bytes, `type` the column type that it came from
    kArray,
    kObject,
  };
  Kind kind = Kind::kNull;
  std::uint8_t type = 0;
  std::int64_t integer = 0;  // kUint: the same bits
  double number = 0;
  std::string text;
  std::vector<JsonNode> items;    // kArray, and kObject's values in the order of `keys`
  std::vector<std::string> keys;  // kObject: in the server's order, by length, then bytes
  friend bool operator==(const JsonNode&, const JsonNode&) = default;
};

// Errors: kTruncated, kMalformed. The empty value is JSON null, as the server takes it.
[[nodiscard]] Result<JsonNode> decode_json(wire::Bytes json);

// Appends what the server prints for CAST(value AS CHAR).
void append_json_text(const JsonNode& json, std::string& out);
// The same of a value's bytes, without a tree in between. True: the text read as JSON gives the
// value back to the type of each number. Errors: kMalformed; what was appended counts for nothing.
[[nodiscard]] Result<bool> append_json_text(wire::Bytes json, std::string& out);

// Appends an expression of the same value, to the type of each number: CAST('text' AS JSON), or
// JSON_OBJECT and JSON_ARRAY calls when it holds what text cannot say (dates, decimals, bit
// strings, blobs, small unsigned integers).
void append_json_sql(const JsonNode& json, std::string& out);

// The differences of one column of a PARTIAL_UPDATE_ROWS event:
//   operation 1 (0 replace, 1 insert, 2 remove) | path lenenc | value lenenc (not for remove) …
[[nodiscard]] Result<void> apply_json_diffs(JsonNode& json, wire::Bytes diffs);

// A double as the server prints one in JSON: the shortest digits that read back the same.
[[nodiscard]] std::string json_number(double value);

}  // namespace sluice::binlog
