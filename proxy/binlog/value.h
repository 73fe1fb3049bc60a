// A column's bytes as a typed value. Values are exact: nothing is rounded, converted between
// character sets, or cut. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "proxy/binlog/fault.h"
#include "proxy/binlog/row_image.h"
#include "proxy/binlog/table_map.h"

namespace sluice::binlog {

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};
struct Decimal {  // "-12.340": all digits of the scale
  std::string digits;
  friend bool operator==(const Decimal&, const Decimal&) = default;
};
struct Date {  // any field may be 0; 2024-02-31 is possible
  std::uint16_t year = 0;
  std::uint8_t month = 0;
  std::uint8_t day = 0;
  friend bool operator==(const Date&, const Date&) = default;
};
struct Time {
  bool negative = false;
  std::uint16_t hours = 0;  // to 838
  std::uint8_t minutes = 0;
  std::uint8_t seconds = 0;
  std::uint32_t microseconds = 0;
  std::uint8_t decimals = 0;  // fractional digits of the column
  friend bool operator==(const Time&, const Time&) = default;
};
struct DateTime {
  Date date;
  std::uint8_t hours = 0;
  std::uint8_t minutes = 0;
  std::uint8_t seconds = 0;
  std::uint32_t microseconds = 0;
  std::uint8_t decimals = 0;
  friend bool operator==(const DateTime&, const DateTime&) = default;
};
struct Timestamp {
  std::uint32_t seconds = 0;  // since 1970, UTC; 0 is the zero date
  std::uint32_t microseconds = 0;
  std::uint8_t decimals = 0;
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};
struct Year {
  std::uint16_t year = 0;  // 0 or 1901 to 2155
  friend bool operator==(const Year&, const Year&) = default;
};
struct Bits {
  std::uint64_t bits = 0;
  friend bool operator==(const Bits&, const Bits&) = default;
};
struct EnumIndex {
  std::uint16_t index = 0;  // from 1; 0 is the error value ''
  friend bool operator==(const EnumIndex&, const EnumIndex&) = default;
};
struct SetBits {
  std::uint64_t bits = 0;  // bit 0: the first member
  friend bool operator==(const SetBits&, const SetBits&) = default;
};
struct Text {                   // in the column's own character set
  std::uint32_t collation = 0;  // 0: not said by the log
  std::string bytes;
  friend bool operator==(const Text&, const Text&) = default;
};
struct Binary {
  std::string bytes;  // BINARY(n): padded with zero bytes to n again, which the log leaves out
  friend bool operator==(const Binary&, const Binary&) = default;
};
struct Json {  // MySQL's binary form (json.h)
  std::string bytes;
  friend bool operator==(const Json&, const Json&) = default;
};
struct Geometry {  // 4 bytes SRID, then WKB: the server's own form
  std::string bytes;
  friend bool operator==(const Geometry&, const Geometry&) = default;
};
struct Vector {  // 4 bytes a dimension, IEEE 754 little endian
  std::string bytes;
  friend bool operator==(const Vector&, const Vector&) = default;
};

using Value =
    std::variant<Null, std::int64_t, std::uint64_t, float, double, Decimal, Date, Time, DateTime,
                 Timestamp, Year, Bits, EnumIndex, SetBits, Text, Binary, Json, Geometry, Vector>;

// REQUIRES: the cell is kNull or kBytes. Integers of columns whose signedness the log does not say
// are taken as signed. Errors: kTruncated, kMalformed, kUnsupported (a type before MySQL 5.0).
[[nodiscard]] Result<Value> decode_value(const Column& column, const Cell& cell);

// The digits of a DECIMAL's bytes: "-12.340". Errors: kMalformed, and nothing is appended.
[[nodiscard]] Result<void> append_decimal(std::string& out, const Column& column,
                                          wire::Bytes bytes);

}  // namespace sluice::binlog
