#include "proxy/wire/columns.h"

#include <bit>
#include <cassert>

#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

constexpr std::uint64_t kFixedFieldsSize = 12;
constexpr std::size_t kBinaryRowBitOffset = 2;

template <class T>
T signed_value(std::uint64_t bits) {
  return static_cast<T>(static_cast<std::make_unsigned_t<T>>(bits));
}

Value integer(std::uint64_t bits, std::int64_t as_signed, bool is_unsigned) {
  if (is_unsigned) return bits;
  return as_signed;
}

Value read_datetime(Reader& in) {
  Temporal at;
  const std::uint8_t size = in.u8();
  if (size != 0 && size != 4 && size != 7 && size != 11) in.fail(Fault::kMalformed);
  if (size >= 4) {
    at.year = in.u16();
    at.month = in.u8();
    at.day = in.u8();
  }
  if (size >= 7) {
    at.hour = in.u8();
    at.minute = in.u8();
    at.second = in.u8();
  }
  if (size == 11) at.microsecond = in.u32();
  return at;
}

Value read_time(Reader& in) {
  Temporal at;
  const std::uint8_t size = in.u8();
  if (size != 0 && size != 8 && size != 12) in.fail(Fault::kMalformed);
  if (size >= 8) {
    at.negative = in.u8() != 0;
    at.days = in.u32();
    at.hour = in.u8();
    at.minute = in.u8();
    at.second = in.u8();
  }
  if (size == 12) at.microsecond = in.u32();
  return at;
}

void write_datetime(const Temporal& at, Writer& to) {
  const bool time = at.hour != 0 || at.minute != 0 || at.second != 0;
  const bool date = at.year != 0 || at.month != 0 || at.day != 0;
  const std::uint8_t size = at.microsecond != 0 ? 11 : time ? 7 : date ? 4 : 0;
  to.u8(size);
  if (size >= 4) {
    to.u16(at.year);
    to.u8(at.month);
    to.u8(at.day);
  }
  if (size >= 7) {
    to.u8(at.hour);
    to.u8(at.minute);
    to.u8(at.second);
  }
  if (size == 11) to.u32(at.microsecond);
}

void write_time(const Temporal& at, Writer& to) {
  const bool any = at.days != 0 || at.hour != 0 || at.minute != 0 || at.second != 0 || at.negative;
  const std::uint8_t size = at.microsecond != 0 ? 12 : any ? 8 : 0;
  to.u8(size);
  if (size >= 8) {
    to.u8(at.negative ? 1 : 0);
    to.u32(at.days);
    to.u8(at.hour);
    to.u8(at.minute);
    to.u8(at.second);
  }
  if (size == 12) to.u32(at.microsecond);
}

std::uint64_t integer_bits(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value))
    return static_cast<std::uint64_t>(*number);
  const auto* number = std::get_if<std::uint64_t>(&value);
  assert(number != nullptr);  // the caller owes an alternative that fits the type
  return *number;
}

}  // namespace

Result<ColumnDefinition> decode_column(Bytes payload, Capabilities capabilities) {
  Reader in(payload);
  ColumnDefinition column;
  column.catalog = in.text_lenenc();
  column.schema = in.text_lenenc();
  column.table = in.text_lenenc();
  column.original_table = in.text_lenenc();
  column.name = in.text_lenenc();
  column.original_name = in.text_lenenc();
  if (capabilities.has(cap::kMariadbExtendedMetadata)) column.extended_metadata = in.bytes_lenenc();
  Reader fixed(in.bytes_lenenc());
  column.charset = fixed.u16();
  column.length = fixed.u32();
  column.type = static_cast<ColumnType>(fixed.u8());
  column.flags = fixed.u16();
  column.decimals = fixed.u8();
  if (in.ok() && !fixed.ok()) in.fail(Fault::kTruncated);
  if (in.remaining() != 0 && in.peek() != 0xfb) {
    column.default_value = in.text_lenenc();
  } else {
    in.skip(in.remaining() != 0 ? 1 : 0);  // a NULL default is the same as none
  }
  return in.finish_prefix(column);
}

void encode(const ColumnDefinition& column, Capabilities capabilities, Buffer& out) {
  Writer to(out);
  to.text_lenenc(column.catalog);
  to.text_lenenc(column.schema);
  to.text_lenenc(column.table);
  to.text_lenenc(column.original_table);
  to.text_lenenc(column.name);
  to.text_lenenc(column.original_name);
  if (capabilities.has(cap::kMariadbExtendedMetadata)) to.bytes_lenenc(column.extended_metadata);
  to.lenenc(kFixedFieldsSize);
  to.u16(column.charset);
  to.u32(column.length);
  to.u8(static_cast<std::uint8_t>(column.type));
  to.u16(column.flags);
  to.u8(column.decimals);
  to.zeros(2);
  if (column.default_value) to.text_lenenc(*column.default_value);
}

Result<ColumnCount> decode_column_count(Bytes payload, Capabilities capabilities) {
  Reader in(payload);
  ColumnCount count;
  if (capabilities.has(cap::kOptionalMetadata)) count.metadata_follows = in.u8() != 0;
  count.columns = in.lenenc();
  if (capabilities.has(cap::kMariadbCacheMetadata)) count.metadata_follows = in.u8() != 0;
  return in.finish_prefix(count);
}

void encode(const ColumnCount& count, Capabilities capabilities, Buffer& out) {
  Writer to(out);
  const std::uint8_t follows = count.metadata_follows ? 1 : 0;
  if (capabilities.has(cap::kOptionalMetadata)) to.u8(follows);
  to.lenenc(count.columns);
  if (capabilities.has(cap::kMariadbCacheMetadata)) to.u8(follows);
}

Result<Value> decode_value(Reader& in, ColumnType type, bool is_unsigned) {
  Value value;
  switch (type) {
    case ColumnType::kNull: return Value{Null{}};
    case ColumnType::kTiny: {
      const std::uint8_t bits = in.u8();
      value = integer(bits, signed_value<std::int8_t>(bits), is_unsigned);
      break;
    }
    case ColumnType::kShort:
    case ColumnType::kYear: {
      const std::uint16_t bits = in.u16();
      value = integer(bits, signed_value<std::int16_t>(bits), is_unsigned);
      break;
    }
    case ColumnType::kLong:
    case ColumnType::kInt24: {
      const std::uint32_t bits = in.u32();
      value = integer(bits, signed_value<std::int32_t>(bits), is_unsigned);
      break;
    }
    case ColumnType::kLongLong: {
      const std::uint64_t bits = in.u64();
      value = integer(bits, signed_value<std::int64_t>(bits), is_unsigned);
      break;
    }
    case ColumnType::kFloat: value = std::bit_cast<float>(in.u32()); break;
    case ColumnType::kDouble: value = std::bit_cast<double>(in.u64()); break;
    case ColumnType::kDate:
    case ColumnType::kNewDate:
    case ColumnType::kDatetime:
    case ColumnType::kDatetime2:
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamp2: value = read_datetime(in); break;
    case ColumnType::kTime:
    case ColumnType::kTime2: value = read_time(in); break;
    case ColumnType::kDecimal:
    case ColumnType::kNewDecimal:
    case ColumnType::kVarchar:
    case ColumnType::kBit:
    case ColumnType::kVector:
    case ColumnType::kJson:
    case ColumnType::kEnum:
    case ColumnType::kSet:
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kVarString:
    case ColumnType::kString:
    case ColumnType::kGeometry: value = in.text_lenenc(); break;
    default: in.fail(Fault::kMalformed); break;
  }
  return in.finish_prefix(value);
}

void encode_value(const Value& value, ColumnType type, Buffer& out) {
  Writer to(out);
  switch (type) {
    case ColumnType::kNull: return;
    case ColumnType::kTiny: to.u8(static_cast<std::uint8_t>(integer_bits(value))); return;
    case ColumnType::kShort:
    case ColumnType::kYear: to.u16(static_cast<std::uint16_t>(integer_bits(value))); return;
    case ColumnType::kLong:
    case ColumnType::kInt24: to.u32(static_cast<std::uint32_t>(integer_bits(value))); return;
    case ColumnType::kLongLong: to.u64(integer_bits(value)); return;
    case ColumnType::kFloat: to.u32(std::bit_cast<std::uint32_t>(std::get<float>(value))); return;
    case ColumnType::kDouble: to.u64(std::bit_cast<std::uint64_t>(std::get<double>(value))); return;
    case ColumnType::kDate:
    case ColumnType::kNewDate:
    case ColumnType::kDatetime:
    case ColumnType::kDatetime2:
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamp2: write_datetime(std::get<Temporal>(value), to); return;
    case ColumnType::kTime:
    case ColumnType::kTime2: write_time(std::get<Temporal>(value), to); return;
    default: to.text_lenenc(std::get<std::string_view>(value)); return;
  }
}

void append_text_value(std::optional<std::string_view> value, Buffer& out) {
  Writer to(out);
  if (value) {
    to.text_lenenc(*value);
  } else {
    to.u8(0xfb);
  }
}

Result<std::vector<Value>> decode_binary_row(Bytes payload,
                                             const std::vector<ColumnDefinition>& columns) {
  Reader in(payload);
  in.expect(kOkHeader);
  const Bytes nulls = in.bytes((columns.size() + kBinaryRowBitOffset + 7) / 8);
  std::vector<Value> values;
  values.reserve(columns.size());
  for (std::size_t i = 0; i < columns.size() && in.ok(); ++i) {
    const std::size_t bit = i + kBinaryRowBitOffset;
    if ((nulls[bit / 8] >> (bit % 8) & 1) != 0) {
      values.emplace_back(Null{});
      continue;
    }
    const bool is_unsigned = (columns[i].flags & column_flag::kUnsigned) != 0;
    auto value = decode_value(in, columns[i].type, is_unsigned);
    if (value) values.push_back(*value);
  }
  return in.finish(std::move(values));
}

void encode_binary_row(const std::vector<Value>& values,
                       const std::vector<ColumnDefinition>& columns, Buffer& out) {
  out.push_back(kOkHeader);
  const std::size_t bitmap = out.size();
  out.resize(bitmap + (columns.size() + kBinaryRowBitOffset + 7) / 8);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t bit = i + kBinaryRowBitOffset;
    if (std::holds_alternative<Null>(values[i])) {
      auto& byte = out[bitmap + bit / 8];
      byte = static_cast<std::uint8_t>(byte | (1U << (bit % 8)));
    } else {
      encode_value(values[i], columns[i].type, out);
    }
  }
}

}  // namespace sluice::wire
