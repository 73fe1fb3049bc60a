// An image:  null bits, one a present column | the values of those that are not NULL
// An after-image of PARTIAL_UPDATE_ROWS:
//   value options lenenc | bit 0: a bit a JSON column of the table, set when it is a difference
#include "proxy/binlog/row_image.h"

#include <algorithm>
#include <cstring>

#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

std::uint64_t read_length(wire::Reader& in, std::size_t width) {
  switch (width) {
    case 1: return in.u8();
    case 2: return in.u16();
    case 3: return in.u24();
    default: return in.u32();
  }
}

// One value's bytes, without its length.
wire::Bytes read_cell(wire::Reader& in, const Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case kTiny:
    case kYear: return in.bytes(1);
    case kShort: return in.bytes(2);
    case kInt24:
    case kDate:
    case kNewDate:
    case kTime: return in.bytes(3);
    case kLong:
    case kFloat:
    case kTimestamp: return in.bytes(4);
    case kLongLong:
    case kDouble:
    case kDateTime: return in.bytes(8);
    case kTimestamp2: return in.bytes(4 + (column.decimals + 1U) / 2);
    case kDateTime2: return in.bytes(5 + (column.decimals + 1U) / 2);
    case kTime2: return in.bytes(3 + (column.decimals + 1U) / 2);
    case kNewDecimal: return in.bytes(decimal_size(column));
    case kBit: return in.bytes((column.length + 7) / 8);
    case kEnum:
    case kSet: return in.bytes(column.length);
    case kString:
    case kVarchar:
    case kVarString:
    case kVarcharCompressed: return in.bytes(read_length(in, column.length > 255 ? 2 : 1));
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed:
    case kJson:
    case kGeometry:
    case kVector: return in.bytes(read_length(in, column.pack));
    default: in.fail(wire::Fault::kUnsupported); return {};
  }
}

// Which JSON columns of the image are differences, by their place among the table's JSON columns.
std::vector<bool> read_partial_bits(wire::Reader& in, const TableMap& table) {
  if ((in.lenenc() & 1) == 0) return {};
  const auto count =
      static_cast<std::size_t>(std::ranges::count(table.columns, ColumnType::kJson, &Column::type));
  const auto bytes = in.bytes((count + 7) / 8);
  std::vector<bool> out(in.ok() ? count : 0);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (bytes[i / 8] >> (i % 8) & 1) != 0;
  return out;
}

Error broken(const TableMap& table) {
  return {Fault::kTruncated, "a row of `" + table.schema + "`.`" + table.table +
                                 "` ends too early, or has a column type that is not supported"};
}

}  // namespace

bool same(const Cell& a, const Cell& b) noexcept {
  return a.state == b.state && a.bytes.size() == b.bytes.size() &&
         (a.bytes.empty() || std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0);
}

Result<void> RowReader::image(const std::vector<bool>& present, bool partial, Image& out,
                              wire::Bytes& whole) {
  const auto& columns = rows_.table->columns;
  out.resize(columns.size());
  wire::Reader in(left_);
  std::vector<bool> differs;
  if (partial) differs = read_partial_bits(in, *rows_.table);
  const auto count = static_cast<std::size_t>(std::ranges::count(present, true));
  const auto nulls = in.bytes((count + 7) / 8);
  if (!in.ok()) return broken(*rows_.table);
  std::size_t at = 0;
  std::size_t json = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool difference =
        columns[i].type == ColumnType::kJson && json < differs.size() && differs[json];
    json += columns[i].type == ColumnType::kJson ? 1 : 0;
    if (!present[i]) {
      out[i] = {};
      continue;
    }
    if ((nulls[at / 8] >> (at % 8) & 1) != 0)
      out[i] = {Cell::State::kNull};
    else
      out[i] = {difference ? Cell::State::kPartial : Cell::State::kBytes,
                read_cell(in, columns[i])};
    ++at;
  }
  if (!in.ok()) return broken(*rows_.table);
  const std::size_t taken = left_.size() - in.remaining();
  whole = left_.first(taken);
  left_ = left_.subspan(taken);
  return {};
}

Result<bool> RowReader::next(Row& row) {
  if (left_.empty()) return false;
  const std::size_t before = left_.size();
  if (rows_.kind == Rows::Kind::kWrite) row.before.clear();
  if (rows_.kind == Rows::Kind::kDelete) row.after.clear();
  if (rows_.kind != Rows::Kind::kWrite) {
    if (auto read = image(rows_.before, false, row.before, row.before_bytes); !read)
      return read.error();
  }
  if (rows_.kind != Rows::Kind::kDelete) {
    if (auto read = image(rows_.after, rows_.partial, row.after, row.after_bytes); !read)
      return read.error();
  }
  // A table of no columns present would never end.
  if (left_.size() == before) return broken(*rows_.table);
  return true;
}

}  // namespace sluice::binlog
