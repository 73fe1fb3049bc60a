// What a TABLE_MAP event says of a table: types, and with binlog_row_metadata=FULL also names,
// members and the primary key (manual 19.1.6.4, binlog_row_metadata). Values; owned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/binlog/fault.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

// enum_field_types of both servers, by their numbers in the log.
enum class ColumnType : std::uint8_t {
  kDecimal = 0,  // before 5.0
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarchar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDateTime2 = 18,
  kTime2 = 19,
  kTypedArray = 20,
  kBlobCompressed = 140,     // MariaDB: COMPRESSED
  kVarcharCompressed = 141,  // MariaDB: COMPRESSED
  kVector = 242,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

// One column of a table map. ENUM and SET are resolved: the log calls both STRING.
struct Column {
  ColumnType type = ColumnType::kNull;
  std::uint32_t length = 0;   // CHAR, BINARY, VARCHAR: bytes at most; BIT: bits; ENUM, SET: bytes
  std::uint8_t pack = 0;      // bytes of a blob's, JSON's, geometry's length; FLOAT, DOUBLE: size
  std::uint8_t digits = 0;    // DECIMAL: precision
  std::uint8_t decimals = 0;  // DECIMAL: scale; temporal types: fractional digits
  bool nullable = false;
  // From the optional metadata; nothing: not said.
  std::optional<bool> is_unsigned;         // numeric columns
  std::optional<std::uint32_t> collation;  // character, ENUM and SET columns; 63 is binary
  std::string name;                        // empty: not said (metadata MINIMAL)
  std::vector<std::string> members;        // ENUM, SET, in the column's character set
  std::optional<std::uint32_t> geometry_type;
  std::optional<std::uint32_t> dimensions;  // VECTOR
  std::optional<bool> visible;              // MySQL
  friend bool operator==(const Column&, const Column&) = default;
};

struct KeyPart {
  std::uint32_t column = 0;  // index into TableMap::columns
  std::uint32_t prefix = 0;  // characters; 0: the whole column
  friend bool operator==(const KeyPart&, const KeyPart&) = default;
};

struct TableMap {
  std::uint64_t id = 0;
  std::uint16_t flags = 0;
  std::string schema;
  std::string table;
  std::vector<Column> columns;
  std::vector<KeyPart> primary_key;  // empty: none, or not said
  bool has_names = false;            // every column's name was said (metadata FULL)
  wire::Buffer optional_metadata;    // as it stood in the event: who applies rows may check it
  friend bool operator==(const TableMap&, const TableMap&) = default;

  // The same table with the same structure, whatever its number.
  [[nodiscard]] bool same_structure(const TableMap& other) const;
};

// The body of a TABLE_MAP event, without header and checksum.
// `maria`: of MariaDB's log, which counts geometry among the columns that have a character set, and
// no vectors.
[[nodiscard]] Result<TableMap> decode_table_map(wire::Bytes body, bool maria);

}  // namespace sluice::binlog
