// Column definitions, text rows, binary rows and the values in them. Views live as long as the
// packet. MySQL Internals, "Column Definition", "Text Resultset Row", "Binary Protocol Value".
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/reader.h"

namespace sluice::wire {

enum class ColumnType : std::uint8_t {
  kDecimal = 0x00,
  kTiny = 0x01,
  kShort = 0x02,
  kLong = 0x03,
  kFloat = 0x04,
  kDouble = 0x05,
  kNull = 0x06,
  kTimestamp = 0x07,
  kLongLong = 0x08,
  kInt24 = 0x09,
  kDate = 0x0a,
  kTime = 0x0b,
  kDatetime = 0x0c,
  kYear = 0x0d,
  kNewDate = 0x0e,
  kVarchar = 0x0f,
  kBit = 0x10,
  kTimestamp2 = 0x11,
  kDatetime2 = 0x12,
  kTime2 = 0x13,
  kTypedArray = 0x14,
  kVector = 0xf2,
  kJson = 0xf5,
  kNewDecimal = 0xf6,
  kEnum = 0xf7,
  kSet = 0xf8,
  kTinyBlob = 0xf9,
  kMediumBlob = 0xfa,
  kLongBlob = 0xfb,
  kBlob = 0xfc,
  kVarString = 0xfd,
  kString = 0xfe,
  kGeometry = 0xff,
};

namespace column_flag {
inline constexpr std::uint16_t kNotNull = 1;
inline constexpr std::uint16_t kPrimaryKey = 2;
inline constexpr std::uint16_t kUniqueKey = 4;
inline constexpr std::uint16_t kUnsigned = 32;
inline constexpr std::uint16_t kBinary = 128;
}  // namespace column_flag

inline constexpr std::uint16_t kUnsignedParameter = 0x8000;

// Protocol::ColumnDefinition41.
struct ColumnDefinition {
  std::string_view catalog = "def";
  std::string_view schema;
  std::string_view table;  // its alias in the statement
  std::string_view original_table;
  std::string_view name;  // its alias in the statement
  std::string_view original_name;
  Bytes extended_metadata;    // MariaDB's, raw; with kMariadbExtendedMetadata
  std::uint16_t charset = 0;  // collation id
  std::uint32_t length = 0;   // maximum display bytes
  ColumnType type = ColumnType::kNull;
  std::uint16_t flags = 0;
  std::uint8_t decimals = 0;
  std::optional<std::string_view> default_value;  // in answers to COM_FIELD_LIST
};
[[nodiscard]] Result<ColumnDefinition> decode_column(Bytes payload, Capabilities capabilities);
void encode(const ColumnDefinition& column, Capabilities capabilities, Buffer& out);

// The packet that begins a result set. `metadata_follows` is false where OPTIONAL_METADATA (MySQL)
// or metadata caching (MariaDB) left the definitions out.
struct ColumnCount {
  std::uint64_t columns = 0;
  bool metadata_follows = true;
};
[[nodiscard]] Result<ColumnCount> decode_column_count(Bytes payload, Capabilities capabilities);
void encode(const ColumnCount& count, Capabilities capabilities, Buffer& out);

// DATE, DATETIME, TIMESTAMP and TIME as they travel; `negative` and `days` only for TIME.
struct Temporal {
  std::uint16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  std::uint8_t hour = 0;
  std::uint8_t minute = 0;
  std::uint8_t second = 0;
  std::uint32_t microsecond = 0;
  bool negative = false;
  std::uint32_t days = 0;

  friend bool operator==(const Temporal&, const Temporal&) = default;
};
struct Null {
  friend bool operator==(Null, Null) = default;
};
using Value =
    std::variant<Null, std::int64_t, std::uint64_t, float, double, std::string_view, Temporal>;

// One value in binary form. Errors: kMalformed for a type that has none, kTruncated.
[[nodiscard]] Result<Value> decode_value(Reader& in, ColumnType type, bool is_unsigned);
// REQUIRES: the value's alternative fits the type.
void encode_value(const Value& value, ColumnType type, Buffer& out);

// Calls `each(index, optional<string_view>)` for the columns of a text row. Errors: kTruncated,
// kTrailing.
template <class Each>
[[nodiscard]] Result<void> read_text_row(Bytes payload, std::size_t columns, Each&& each) {
  Reader in(payload);
  for (std::size_t i = 0; i < columns && in.ok(); ++i) {
    if (in.remaining() != 0 && in.peek() == 0xfb) {
      in.skip(1);
      each(i, std::optional<std::string_view>{});
      continue;
    }
    const std::string_view text = in.text_lenenc();
    if (in.ok()) each(i, std::optional<std::string_view>{text});
  }
  const auto end = in.finish(std::monostate{});
  if (!end) return end.error();
  return {};
}
void append_text_value(std::optional<std::string_view> value, Buffer& out);

// A binary row: 0x00, NULL bitmap with an offset of 2, values of the columns that are not NULL.
[[nodiscard]] Result<std::vector<Value>> decode_binary_row(
    Bytes payload, const std::vector<ColumnDefinition>& columns);
void encode_binary_row(const std::vector<Value>& values,
                       const std::vector<ColumnDefinition>& columns, Buffer& out);

}  // namespace sluice::wire
