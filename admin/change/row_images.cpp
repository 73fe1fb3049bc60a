#include "admin/change/row_images.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/charset_names.h"
#include "proxy/wire/writer.h"

namespace sluice::change {
namespace {

using namespace std::string_view_literals;

using binlog::ColumnShape;
using binlog::ColumnType;

constexpr std::uint32_t kUtf8 = 45;  // utf8mb4_general_ci
constexpr std::size_t kTimestampDecimals = 6;

using Types = std::span<const std::string_view>;
constexpr std::array kIntegers{"tinyint"sv, "smallint"sv, "mediumint"sv,
                               "int"sv,     "bigint"sv,   "year"sv};
constexpr std::array kNumbered{"bit"sv, "enum"sv, "set"sv};  // read by their numbers
constexpr std::array kFloating{"float"sv, "double"sv};
constexpr std::array kText{"char"sv, "varchar"sv,    "tinytext"sv,
                           "text"sv, "mediumtext"sv, "longtext"sv};
constexpr std::array kPrinted{"decimal"sv, "date"sv, "time"sv, "datetime"sv, "json"sv};
constexpr std::array kBinary{"binary"sv, "varbinary"sv,  "tinyblob"sv,
                             "blob"sv,   "mediumblob"sv, "longblob"sv};
constexpr std::array kGeometry{"geometry"sv,     "point"sv,          "linestring"sv,
                               "polygon"sv,      "multipoint"sv,     "multilinestring"sv,
                               "multipolygon"sv, "geomcollection"sv, "geometrycollection"sv};

bool one_of(std::string_view type, Types types) {
  return std::ranges::find(types, type) != types.end();
}

binlog::Error unsupported(const ColumnShape& column) {
  return {binlog::Fault::kUnsupported, "column " + sqltext::quote_identifier(column.name) +
                                           " of type " + column.type +
                                           " cannot be read so that it can be restored"};
}

void put_big_endian(wire::Buffer& out, std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// "1700000000.123456" as TIMESTAMP(n) is stored: seconds, then the fraction in as few bytes as its
// digits need.
void put_timestamp(wire::Buffer& out, std::string_view text, std::uint8_t decimals) {
  const auto dot = text.find('.');
  std::uint64_t seconds = 0;
  std::from_chars(text.data(), text.data() + std::min(dot, text.size()), seconds);
  put_big_endian(out, seconds, 4);
  const std::size_t width = (decimals + 1U) / 2U;
  std::string fraction = dot == std::string_view::npos ? "" : std::string(text.substr(dot + 1));
  fraction.resize(2 * width, '0');
  std::uint64_t value = 0;
  std::from_chars(fraction.data(), fraction.data() + fraction.size(), value);
  put_big_endian(out, value, width);
}

}  // namespace

binlog::ColumnShape as_written(ColumnShape column) {
  const std::string type = column.type;
  if (one_of(type, kNumbered)) column.is_unsigned = true;
  if (one_of(type, kIntegers) || one_of(type, kNumbered)) {
    column.type = "bigint";
  } else if (one_of(type, kFloating)) {
    column.type = "double";
  } else if (one_of(type, kBinary)) {
    column.type = "longblob";
  } else if (one_of(type, kText)) {
    column.type = "longtext";
    if (column.charset.empty()) column.charset = "utf8mb4";
  } else if (one_of(type, kPrinted)) {
    column.type = "longtext";
    column.charset = "utf8mb4";
  }
  if (type == "timestamp") column.length = kTimestampDecimals;
  column.members.clear();
  return column;
}

binlog::Result<RowImages> RowImages::make(const binlog::TableShape& shape) {
  RowImages images;
  images.table_name_ =
      sqltext::quote_identifier(shape.schema) + "." + sqltext::quote_identifier(shape.table);
  for (const auto& key : shape.unique_keys) {
    if (key.primary && !key.prefix && !key.functional) images.key_ = key.columns;
  }
  if (images.key_.empty()) {
    return binlog::Error{
        binlog::Fault::kIncomplete,
        "table " + images.table_name_ + " has no primary key of whole columns to find its rows by"};
  }
  auto map = std::make_shared<binlog::TableMap>();
  map->id = 1;
  map->schema = shape.schema;
  map->table = shape.table;
  map->has_names = true;
  for (const auto& column : shape.columns) {
    if (auto added = images.add(column, *map); !added) return added.error();
  }
  for (const auto at : images.key_) map->primary_key.push_back({at, 0});
  images.table_ = std::move(map);
  return images;
}

binlog::Result<void> RowImages::add(const ColumnShape& column, binlog::TableMap& map) {
  const std::string name = sqltext::quote_identifier(column.name);
  Field field;
  binlog::Column written;
  written.name = column.name;
  written.nullable = column.nullable;
  std::string read = name;
  const std::string_view type = column.type;
  const bool numbered = one_of(type, kNumbered);
  if (one_of(type, kIntegers) || numbered) {
    field.form = Form::kInteger;
    field.is_unsigned = column.is_unsigned || numbered;
    if (numbered) read = "CAST(" + name + " + 0 AS UNSIGNED)";
    written.type = ColumnType::kLongLong;
    written.is_unsigned = field.is_unsigned;
  } else if (one_of(type, kFloating)) {
    field.form = Form::kFloating;
    read = name + " + 0e0";
    written.type = ColumnType::kDouble;
    written.pack = 8;
  } else if (type == "timestamp") {
    field.form = Form::kTimestamp;
    field.decimals = kTimestampDecimals;
    read = "UNIX_TIMESTAMP(" + name + ") + CAST(0 AS DECIMAL(20, 6))";
    written.type = ColumnType::kTimestamp2;
    written.decimals = kTimestampDecimals;
  } else {
    written.pack = 4;
    written.type = ColumnType::kLongBlob;
    if (one_of(type, kText)) {
      read = "CAST(" + name + " AS BINARY)";
      written.collation = column.charset.empty() ? kUtf8 : binlog::collation_of(column.charset);
      if (*written.collation == 0) return unsupported(column);
      field.raw = true;
    } else if (one_of(type, kPrinted)) {
      written.collation = kUtf8;
    } else if (one_of(type, kBinary)) {
      written.collation = binlog::kBinaryCollation;
      field.raw = true;
    } else if (one_of(type, kGeometry) || type == "vector") {
      written.type = type == "vector" ? ColumnType::kVector : ColumnType::kGeometry;
      field.raw = true;
    } else {
      return unsupported(column);
    }
  }
  select_list_ += (select_list_.empty() ? "" : ", ") + read;
  names_.push_back(name);
  fields_.push_back(field);
  map.columns.push_back(std::move(written));
  return {};
}

binlog::Result<wire::Buffer> RowImages::encode(std::span<const mysql::CellView> cells) const {
  if (cells.size() != fields_.size()) {
    return binlog::Error{binlog::Fault::kMalformed, "a row has another number of columns"};
  }
  wire::Buffer out((cells.size() + 7) / 8);
  wire::Writer to(out);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i]) {
      out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | (1U << (i % 8)));
      continue;
    }
    const std::string_view text = *cells[i];
    switch (fields_[i].form) {
      case Form::kInteger: {
        std::int64_t number = 0;
        std::uint64_t bits = 0;
        if (fields_[i].is_unsigned) {
          std::from_chars(text.data(), text.data() + text.size(), bits);
        } else {
          std::from_chars(text.data(), text.data() + text.size(), number);
          bits = static_cast<std::uint64_t>(number);
        }
        to.u64(bits);
        break;
      }
      case Form::kFloating:
        to.u64(std::bit_cast<std::uint64_t>(std::strtod(std::string(text).c_str(), nullptr)));
        break;
      case Form::kTimestamp: put_timestamp(out, text, fields_[i].decimals); break;
      case Form::kBytes:
        to.u32(static_cast<std::uint32_t>(text.size()));
        to.text(text);
        break;
    }
  }
  return out;
}

std::string RowImages::identify(std::span<const mysql::CellView> cells) const {
  std::string id;
  for (const auto at : key_) {
    const std::string_view cell = cells[at].value_or("");
    id += std::to_string(cell.size()) + ':';
    id += cell;
  }
  return id;
}

std::string RowImages::key_columns() const {
  std::string list;
  for (const auto at : key_) list += (list.empty() ? "(" : ", ") + names_[at];
  return list + ")";
}

std::string RowImages::key_literals(std::span<const mysql::CellView> cells) const {
  std::string list;
  for (const auto at : key_) {
    const std::string_view cell = cells[at].value_or("");
    list += list.empty() ? "(" : ", ";
    const auto collation = table_->columns[at].collation;
    if (fields_[at].form != Form::kBytes) {
      list += cell;
    } else if (!fields_[at].raw) {
      list += sqltext::quote_string(cell);
    } else {
      // Bytes mean a character in the column's set, not in the connection's.
      if (collation && *collation != binlog::kBinaryCollation) {
        list += "_" + std::string(binlog::charset_of(*collation).name) + " ";
      }
      list += sqltext::hex_literal(cell);
    }
  }
  return list + ")";
}

}  // namespace sluice::change
