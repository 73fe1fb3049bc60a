#include "proxy/binlog/value.h"

#include <algorithm>
#include <array>
#include <bit>

#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/digits.h"
#include "proxy/binlog/payload.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

// A value inflates to at most what a LONGBLOB's packet may carry.
constexpr std::size_t kMaxColumn = std::size_t{1} << 30;

std::uint64_t little(wire::Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{bytes[i]} << (8 * i);
  return value;
}
std::uint64_t big(wire::Bytes bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

Value integer(const Column& column, wire::Bytes bytes) {
  const std::uint64_t raw = little(bytes);
  if (column.is_unsigned.value_or(false)) return raw;
  const unsigned spare = 64 - 8 * static_cast<unsigned>(bytes.size());
  return static_cast<std::int64_t>(raw << spare) >> spare;
}

std::string text_of(wire::Bytes bytes) {
  return std::string(wire::as_text(bytes));
}

// The fraction of a temporal value: big endian, in units of its last two digits.
std::uint32_t microseconds(std::uint64_t raw, std::uint8_t decimals) {
  switch ((decimals + 1) / 2) {
    case 1: return static_cast<std::uint32_t>(raw * 10'000);
    case 2: return static_cast<std::uint32_t>(raw * 100);
    default: return static_cast<std::uint32_t>(raw);
  }
}

Date date_of_days(std::uint64_t packed) {  // 13 bits month and year together, 5 bits day
  const std::uint64_t month = packed >> 5;
  return {static_cast<std::uint16_t>(month / 13), static_cast<std::uint8_t>(month % 13),
          static_cast<std::uint8_t>(packed & 31)};
}

// 1 bit sign | 17 bits year * 13 + month | 5 day | 5 hour | 6 minute | 6 second, big endian
Result<Value> datetime2(const Column& column, wire::Bytes bytes) {
  const std::uint64_t whole = big(bytes.first(5));
  if ((whole >> 39) == 0) return Error{Fault::kMalformed, "a DATETIME before the year 0"};
  const std::uint64_t packed = whole & 0x7FFFFFFFFF;
  DateTime out;
  out.date = date_of_days(packed >> 17);
  out.hours = static_cast<std::uint8_t>(packed >> 12 & 31);
  out.minutes = static_cast<std::uint8_t>(packed >> 6 & 63);
  out.seconds = static_cast<std::uint8_t>(packed & 63);
  out.microseconds = microseconds(big(bytes.subspan(5)), column.decimals);
  out.decimals = column.decimals;
  return Value(out);
}

// 1 bit sign | 1 unused | 10 bits hour | 6 minute | 6 second, then the fraction; a negative time is
// the two's complement of the whole.
Value time2(const Column& column, wire::Bytes bytes) {
  const unsigned fraction_bits = static_cast<unsigned>(bytes.size() - 3) * 8;
  const std::int64_t zero = std::int64_t{0x800000} << fraction_bits;
  std::int64_t packed = static_cast<std::int64_t>(big(bytes)) - zero;
  Time out;
  out.negative = packed < 0;
  if (packed < 0) packed = -packed;
  const auto whole = static_cast<std::uint64_t>(packed) >> fraction_bits;
  const auto rest = static_cast<std::uint64_t>(packed) & ((std::uint64_t{1} << fraction_bits) - 1);
  out.hours = static_cast<std::uint16_t>(whole >> 12 & 0x3FF);
  out.minutes = static_cast<std::uint8_t>(whole >> 6 & 63);
  out.seconds = static_cast<std::uint8_t>(whole & 63);
  out.microseconds = microseconds(rest, column.decimals);
  out.decimals = column.decimals;
  return out;
}

Value timestamp2(const Column& column, wire::Bytes bytes) {
  return Timestamp{static_cast<std::uint32_t>(big(bytes.first(4))),
                   microseconds(big(bytes.subspan(4)), column.decimals), column.decimals};
}

// Before 5.6: HHMMSS as a number, signed.
Value old_time(wire::Bytes bytes) {
  const auto raw = static_cast<std::int32_t>(little(bytes) << 8) >> 8;
  const auto digits = static_cast<std::uint32_t>(raw < 0 ? -raw : raw);
  Time out;
  out.negative = raw < 0;
  out.hours = static_cast<std::uint16_t>(digits / 10'000);
  out.minutes = static_cast<std::uint8_t>(digits / 100 % 100);
  out.seconds = static_cast<std::uint8_t>(digits % 100);
  return out;
}

// Before 5.6: YYYYMMDDHHMMSS as a number.
Result<Value> old_datetime(wire::Bytes bytes) {
  const std::uint64_t digits = little(bytes);
  if (digits > 99'991'231'235'959)
    return Error{Fault::kMalformed, "a DATETIME after the year 9999"};
  DateTime out;
  out.date = {static_cast<std::uint16_t>(digits / 10'000'000'000),
              static_cast<std::uint8_t>(digits / 100'000'000 % 100),
              static_cast<std::uint8_t>(digits / 1'000'000 % 100)};
  out.hours = static_cast<std::uint8_t>(digits / 10'000 % 100);
  out.minutes = static_cast<std::uint8_t>(digits / 100 % 100);
  out.seconds = static_cast<std::uint8_t>(digits % 100);
  return Value(out);
}

Value date(wire::Bytes bytes) {  // 15 bits year | 4 month | 5 day
  const std::uint64_t raw = little(bytes);
  return Date{static_cast<std::uint16_t>(raw >> 9), static_cast<std::uint8_t>(raw >> 5 & 15),
              static_cast<std::uint8_t>(raw & 31)};
}

Result<Value> decimal(const Column& column, wire::Bytes bytes) {
  Decimal out;
  if (auto done = append_decimal(out.digits, column, bytes); !done) return done.error();
  return Value(std::move(out));
}

// CHAR, VARCHAR, TEXT and their binary cousins: the collation tells them apart.
Value character(const Column& column, std::string bytes) {
  if (column.collation == kBinaryCollation) {
    // The log leaves out the zero bytes at the end of a BINARY(n).
    if (column.type == ColumnType::kString && bytes.size() < column.length)
      bytes.resize(column.length, '\0');
    return Binary{std::move(bytes)};
  }
  return Text{column.collation.value_or(0), std::move(bytes)};
}

Result<Value> compressed(const Column& column, wire::Bytes bytes) {
  wire::Buffer plain;
  if (const auto inflated = inflate_column(bytes, kMaxColumn, plain); !inflated)
    return inflated.error();
  return character(column, text_of(plain));
}

}  // namespace

// Groups of nine digits, the shorter group outside; the first bit is flipped, and every bit of a
// negative number.
Result<void> append_decimal(std::string& out, const Column& column, wire::Bytes bytes) {
  static constexpr std::uint64_t kLimits[] = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
  constexpr std::size_t kMostBytes = 32;  // of 65 digits
  const Error bad{Fault::kMalformed, "a DECIMAL's bytes hold no number"};
  if (bytes.empty() || bytes.size() > kMostBytes || column.decimals > column.digits) return bad;
  // A row image is cut to this size; a JSON document's opaque value says any.
  if (bytes.size() != decimal_size(column)) return bad;
  const bool negative = (bytes[0] & 0x80) == 0;
  std::array<std::uint8_t, kMostBytes> plain{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    plain[i] = static_cast<std::uint8_t>(negative ? ~bytes[i] : bytes[i]);
  plain[0] ^= 0x80;
  wire::Bytes left(plain.data(), bytes.size());
  bool fits = true;
  const auto take = [&](std::size_t digits) {
    const auto front = left.first(kDigitBytes[digits]);
    left = left.subspan(front.size());
    const auto value = big(front);
    fits = fits && value < kLimits[digits];
    return value;
  };
  const std::size_t begin = out.size();
  if (negative) out += '-';
  const std::size_t whole = column.digits - column.decimals;
  bool started = false;
  for (std::size_t digits = whole; digits > 0;) {
    const std::size_t group = digits % 9 == 0 ? 9 : digits % 9;
    digits -= group;
    const auto value = take(group);
    if (started || value > 0) append_padded(out, value, started ? group : 1);
    started = started || value > 0;
  }
  if (!started) out += '0';
  if (column.decimals > 0) out += '.';
  for (std::size_t digits = column.decimals; digits > 0;) {
    const std::size_t group = std::min<std::size_t>(digits, 9);
    digits -= group;
    append_padded(out, take(group), group);
  }
  if (fits) return {};
  out.resize(begin);
  return bad;
}

Result<Value> decode_value(const Column& column, const Cell& cell) {
  if (cell.is_null()) return Value(Null{});
  const auto bytes = cell.bytes;
  using enum ColumnType;
  switch (column.type) {
    case kTiny:
    case kShort:
    case kInt24:
    case kLong:
    case kLongLong: return integer(column, bytes);
    case kFloat: return Value(std::bit_cast<float>(static_cast<std::uint32_t>(little(bytes))));
    case kDouble: return Value(std::bit_cast<double>(little(bytes)));
    case kNewDecimal: return decimal(column, bytes);
    case kYear: return Value(Year{static_cast<std::uint16_t>(bytes[0] == 0 ? 0 : 1900 + bytes[0])});
    case kDate:
    case kNewDate: return date(bytes);
    case kTime: return old_time(bytes);
    case kDateTime: return old_datetime(bytes);
    case kTimestamp: return Value(Timestamp{static_cast<std::uint32_t>(little(bytes)), 0, 0});
    case kTime2: return time2(column, bytes);
    case kDateTime2: return datetime2(column, bytes);
    case kTimestamp2: return timestamp2(column, bytes);
    case kBit: return Value(Bits{big(bytes)});
    case kEnum: return Value(EnumIndex{static_cast<std::uint16_t>(little(bytes))});
    case kSet: return Value(SetBits{little(bytes)});
    case kString:
    case kVarString:
    case kVarchar:
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob: return character(column, text_of(bytes));
    case kVarcharCompressed:
    case kBlobCompressed: return compressed(column, bytes);
    case kJson: return Value(Json{text_of(bytes)});
    case kGeometry: return Value(Geometry{text_of(bytes)});
    case kVector: return Value(Vector{text_of(bytes)});
    default:
      return Error{Fault::kUnsupported,
                   "column type " + std::to_string(static_cast<int>(column.type)) +
                       " (before MySQL 5.0, or of a later server) is not supported"};
  }
}

}  // namespace sluice::binlog
