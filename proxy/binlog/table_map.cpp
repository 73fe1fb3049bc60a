// The body of TABLE_MAP_EVENT:
//
//   table id 6 | flags 2 | schema 1+n+NUL | table 1+n+NUL | columns lenenc | a type byte each
//   | lenenc length of the types' own metadata, that | null bits | optional metadata:
//   type 1 | lenenc length | value …
#include "proxy/binlog/table_map.h"

#include <functional>

#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

using Columns = std::vector<Column>;

// A server's own limit is 4096 columns; a log of another make may not have many more.
constexpr std::uint64_t kMaxColumns = 65'536;

bool is_numeric(const Column& column) {
  switch (column.type) {
    case ColumnType::kTiny:
    case ColumnType::kShort:
    case ColumnType::kInt24:
    case ColumnType::kLong:
    case ColumnType::kLongLong:
    case ColumnType::kFloat:
    case ColumnType::kDouble:
    case ColumnType::kNewDecimal:
    case ColumnType::kYear: return true;  // a server says that it is unsigned
    default: return false;
  }
}
bool is_character(const Column& column, bool maria) {
  switch (column.type) {
    case ColumnType::kString:
    case ColumnType::kVarString:
    case ColumnType::kVarchar:
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kBlobCompressed:
    case ColumnType::kVarcharCompressed: return true;
    case ColumnType::kGeometry: return maria;
    case ColumnType::kVector:
      return !maria;  // MySQL 9 names its collation, binary, with the others'
    default: return false;
  }
}
bool is_enum(const Column& column) {
  return column.type == ColumnType::kEnum;
}
bool is_set(const Column& column) {
  return column.type == ColumnType::kSet;
}
bool is_enum_or_set(const Column& column) {
  return is_enum(column) || is_set(column);
}
bool is_geometry(const Column& column) {
  return column.type == ColumnType::kGeometry;
}
bool is_vector(const Column& column) {
  return column.type == ColumnType::kVector;
}

// STRING stands for CHAR, BINARY, ENUM and SET; two bits of a long CHAR's length hide in its type.
void read_string_type(wire::Reader& in, Column& column) {
  const std::uint8_t first = in.u8();
  const std::uint8_t second = in.u8();
  if ((first & 0x30) != 0x30) {
    column.length = second | static_cast<std::uint32_t>(((first & 0x30) ^ 0x30) << 4);
    column.type = static_cast<ColumnType>(first | 0x30);
  } else {
    column.length = second;
    column.type = static_cast<ColumnType>(first);
  }
  if (column.type != ColumnType::kString && !is_enum_or_set(column))
    in.fail(wire::Fault::kMalformed);
}

void read_type(wire::Reader& in, Column& column) {
  switch (column.type) {
    case ColumnType::kFloat:
    case ColumnType::kDouble:
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kBlobCompressed:
    case ColumnType::kJson:
    case ColumnType::kGeometry:
    case ColumnType::kVector: column.pack = in.u8(); break;
    case ColumnType::kTimestamp2:
    case ColumnType::kDateTime2:
    case ColumnType::kTime2: column.decimals = in.u8(); break;
    case ColumnType::kVarchar:
    case ColumnType::kVarString:
    case ColumnType::kVarcharCompressed: column.length = in.u16(); break;
    case ColumnType::kBit: {
      const std::uint32_t rest = in.u8();
      column.length = in.u8() * 8U + rest;
      break;
    }
    case ColumnType::kNewDecimal:
      column.digits = in.u8();
      column.decimals = in.u8();
      break;
    case ColumnType::kString: read_string_type(in, column); break;
    case ColumnType::kEnum:
    case ColumnType::kSet:  // never written as such, but a reader of the format takes it
      (void)in.u8();
      column.length = in.u8();
      break;
    default: break;
  }
}

bool bad_column(const Column& column) {
  switch (column.type) {
    case ColumnType::kTimestamp2:
    case ColumnType::kDateTime2:
    case ColumnType::kTime2: return column.decimals > 6;
    case ColumnType::kNewDecimal:
      return column.digits == 0 || column.digits > 65 || column.decimals > 30 ||
             column.decimals > column.digits;
    case ColumnType::kBit: return column.length == 0 || column.length > 64;
    case ColumnType::kEnum: return column.length != 1 && column.length != 2;
    case ColumnType::kSet: return column.length == 0 || column.length > 8;
    case ColumnType::kTinyBlob:
    case ColumnType::kMediumBlob:
    case ColumnType::kLongBlob:
    case ColumnType::kBlob:
    case ColumnType::kBlobCompressed:
    case ColumnType::kJson:
    case ColumnType::kGeometry:
    case ColumnType::kVector: return column.pack == 0 || column.pack > 4;
    case ColumnType::kFloat: return column.pack != 4;
    case ColumnType::kDouble: return column.pack != 8;
    default: return false;
  }
}

// Bits, the highest of a byte first, one a column that `counts`.
template <class Counts, class Set>
void read_bits(wire::Reader& in, Columns& columns, Counts counts, Set set) {
  std::uint8_t byte = 0;
  unsigned at = 0;
  for (auto& column : columns) {
    if (!counts(column)) continue;
    if (at % 8 == 0) byte = in.u8();
    set(column, (byte & (0x80 >> (at % 8))) != 0);
    ++at;
  }
}

template <class Counts, class Set>
void read_each(wire::Reader& in, Columns& columns, Counts counts, Set set) {
  for (auto& column : columns) {
    if (counts(column)) set(column);
    if (!in.ok()) return;
  }
}

// One collation for most of the columns that count, then (which of them, collation) for the rest.
template <class Counts>
void read_default_charset(wire::Reader& in, Columns& columns, Counts counts) {
  std::vector<Column*> counted;
  for (auto& column : columns) {
    if (counts(column)) counted.push_back(&column);
  }
  const auto usual = static_cast<std::uint32_t>(in.lenenc());
  for (auto* column : counted) column->collation = usual;
  while (in.ok() && in.remaining() > 0) {
    const std::uint64_t which = in.lenenc();
    const auto collation = static_cast<std::uint32_t>(in.lenenc());
    if (which >= counted.size()) return in.fail(wire::Fault::kMalformed);
    counted[which]->collation = collation;
  }
}

void read_members(wire::Reader& in, Column& column) {
  std::uint64_t count = in.lenenc();
  if (count > in.remaining()) return in.fail(wire::Fault::kMalformed);
  column.members.clear();
  for (; count > 0 && in.ok(); --count) column.members.emplace_back(in.text_lenenc());
}

void read_names(wire::Reader& in, TableMap& map) {
  for (auto& column : map.columns) column.name = in.text_lenenc();
  map.has_names = in.ok();
}

void read_key(wire::Reader& in, TableMap& map, bool prefixes) {
  map.primary_key.clear();
  while (in.ok() && in.remaining() > 0) {
    KeyPart part;
    part.column = static_cast<std::uint32_t>(in.lenenc());
    if (prefixes) part.prefix = static_cast<std::uint32_t>(in.lenenc());
    if (part.column >= map.columns.size()) return in.fail(wire::Fault::kMalformed);
    map.primary_key.push_back(part);
  }
}

// One field of the optional metadata; one that is not known says nothing that an inverse needs.
void read_field(std::uint8_t field, wire::Reader& in, TableMap& map, bool maria) {
  const auto number = [&] { return static_cast<std::uint32_t>(in.lenenc()); };
  const auto all = [](const Column&) { return true; };
  const auto character = [&](const Column& column) { return is_character(column, maria); };
  auto& columns = map.columns;
  switch (field) {
    case 1:
      return read_bits(in, columns, is_numeric, [](Column& c, bool set) { c.is_unsigned = set; });
    case 2: return read_default_charset(in, columns, character);
    case 3: return read_each(in, columns, character, [&](Column& c) { c.collation = number(); });
    case 4: return read_names(in, map);
    case 5: return read_each(in, columns, is_set, [&](Column& c) { read_members(in, c); });
    case 6: return read_each(in, columns, is_enum, [&](Column& c) { read_members(in, c); });
    case 7:
      return read_each(in, columns, is_geometry, [&](Column& c) { c.geometry_type = number(); });
    case 8: return read_key(in, map, false);
    case 9: return read_key(in, map, true);
    case 10: return read_default_charset(in, columns, is_enum_or_set);
    case 11:
      return read_each(in, columns, is_enum_or_set, [&](Column& c) { c.collation = number(); });
    case 12: return read_bits(in, columns, all, [](Column& c, bool set) { c.visible = set; });
    case 13: return read_each(in, columns, is_vector, [&](Column& c) { c.dimensions = number(); });
    default: return;
  }
}

Error broken(const TableMap& map, const char* part) {
  return {Fault::kMalformed, "the table map of `" + map.schema + "`.`" + map.table +
                                 "` has a bad " + std::string(part)};
}

}  // namespace

bool TableMap::same_structure(const TableMap& other) const {
  return schema == other.schema && table == other.table && columns == other.columns &&
         primary_key == other.primary_key;
}

Result<TableMap> decode_table_map(wire::Bytes body, bool maria) {
  wire::Reader in(body);
  TableMap map;
  map.id = in.u48();
  map.flags = in.u16();
  map.schema = in.text(in.u8());
  in.expect(0);
  map.table = in.text(in.u8());
  in.expect(0);
  const std::uint64_t count = in.lenenc();
  if (!in.ok() || count > kMaxColumns || count > in.remaining()) return broken(map, "head");
  map.columns.resize(count);
  for (auto& column : map.columns) column.type = static_cast<ColumnType>(in.u8());
  wire::Reader types(in.bytes_lenenc());
  for (auto& column : map.columns) {
    read_type(types, column);
    if (!types.ok() || bad_column(column)) return broken(map, "column type");
  }
  const auto nulls = in.bytes((count + 7) / 8);
  if (!in.ok() || types.remaining() != 0) return broken(map, "column list");
  for (std::size_t i = 0; i < count; ++i)
    map.columns[i].nullable = (nulls[i / 8] >> (i % 8) & 1) != 0;
  const auto metadata = in.rest();
  map.optional_metadata.assign(metadata.begin(), metadata.end());
  wire::Reader fields(metadata);
  while (fields.remaining() > 0) {
    const std::uint8_t field = fields.u8();
    wire::Reader value(fields.bytes_lenenc());
    if (!fields.ok()) return broken(map, "optional metadata");
    read_field(field, value, map, maria);
    if (!value.ok()) return broken(map, "optional metadata field");
  }
  return map;
}

}  // namespace sluice::binlog
