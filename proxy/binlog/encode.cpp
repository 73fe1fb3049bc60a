#include "proxy/binlog/encode.h"

#include <algorithm>
#include <array>

#include <zlib.h>

#include "proxy/wire/writer.h"

namespace sluice::binlog {
namespace {

constexpr std::size_t kSizeAt = 9;

// Writes header and checksum around what `body` appends.
template <class WriteBody>
void event(EventType type, const EventHeader& like, wire::Buffer& out, WriteBody&& body) {
  const std::size_t begin = out.size();
  wire::Writer writer(out);
  writer.u32(like.timestamp);
  writer.u8(static_cast<std::uint8_t>(type));
  writer.u32(like.server_id);
  writer.u32(0);  // size
  writer.u32(0);  // position
  writer.u16(0);
  body(writer);
  writer.u32(0);  // checksum
  seal_event(out, begin);
}

void write_bits(wire::Writer& writer, const std::vector<bool>& bits) {
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    std::uint8_t byte = 0;
    for (std::size_t k = i; k < std::min(i + 8, bits.size()); ++k)
      byte = static_cast<std::uint8_t>(byte | (bits[k] ? 1U << (k - i) : 0U));
    writer.u8(byte);
  }
}

std::uint8_t logged_type(const Column& column) {
  const bool hidden = column.type == ColumnType::kEnum || column.type == ColumnType::kSet;
  return static_cast<std::uint8_t>(hidden ? ColumnType::kString : column.type);
}

// The inverse of table_map.cpp's read_type.
void write_type(wire::Writer& writer, const Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case kFloat:
    case kDouble:
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed:
    case kJson:
    case kGeometry:
    case kVector: writer.u8(column.pack); break;
    case kTimestamp2:
    case kDateTime2:
    case kTime2: writer.u8(column.decimals); break;
    case kVarchar:
    case kVarString:
    case kVarcharCompressed: writer.u16(static_cast<std::uint16_t>(column.length)); break;
    case kBit:
      writer.u8(static_cast<std::uint8_t>(column.length % 8));
      writer.u8(static_cast<std::uint8_t>(column.length / 8));
      break;
    case kNewDecimal:
      writer.u8(column.digits);
      writer.u8(column.decimals);
      break;
    case kEnum:
    case kSet:
      writer.u8(static_cast<std::uint8_t>(column.type));
      writer.u8(static_cast<std::uint8_t>(column.length));
      break;
    case kString:
      writer.u8(static_cast<std::uint8_t>(254U ^ ((column.length & 0x300) >> 4)));
      writer.u8(static_cast<std::uint8_t>(column.length & 0xFF));
      break;
    default: break;
  }
}

// Bytes of the length before a value; 0: values of the type need none.
std::size_t length_size(const Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case kString:
    case kVarchar:
    case kVarString:
    case kVarcharCompressed: return column.length > 255 ? 2 : 1;
    case kTinyBlob:
    case kMediumBlob:
    case kLongBlob:
    case kBlob:
    case kBlobCompressed:
    case kJson:
    case kGeometry:
    case kVector: return column.pack;
    default: return 0;
  }
}

EventType rows_type(Rows::Kind kind, bool maria) {
  switch (kind) {
    case Rows::Kind::kWrite: return maria ? EventType::kWriteRowsV1 : EventType::kWriteRows;
    case Rows::Kind::kUpdate: return maria ? EventType::kUpdateRowsV1 : EventType::kUpdateRows;
    default: return maria ? EventType::kDeleteRowsV1 : EventType::kDeleteRows;
  }
}

}  // namespace

void seal_event(wire::Buffer& out, std::size_t begin) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  put(begin + kSizeAt, static_cast<std::uint32_t>(out.size() - begin));
  const std::size_t end = out.size() - kChecksumSize;
  put(end,
      static_cast<std::uint32_t>(crc32(0, out.data() + begin, static_cast<uInt>(end - begin))));
}

void encode_format_description(const FormatDescription& format, const EventHeader& like,
                               wire::Buffer& out) {
  event(EventType::kFormatDescription, like, out, [&](wire::Writer& writer) {
    writer.u16(format.version);
    std::string version = format.server_version;
    version.resize(50, '\0');
    writer.text(version);
    writer.u32(0);  // no restart: temporary tables of the session stay
    writer.u8(kEventHeaderSize);
    writer.bytes(format.post_header);
    writer.u8(1);  // CRC32
  });
}

void encode_table_map(const TableMap& map, const EventHeader& like, wire::Buffer& out) {
  event(EventType::kTableMap, like, out, [&](wire::Writer& writer) {
    writer.u48(map.id);
    writer.u16(map.flags);
    writer.u8(static_cast<std::uint8_t>(map.schema.size()));
    writer.text_nul(map.schema);
    writer.u8(static_cast<std::uint8_t>(map.table.size()));
    writer.text_nul(map.table);
    writer.lenenc(map.columns.size());
    for (const auto& column : map.columns) writer.u8(logged_type(column));
    wire::Buffer types;
    wire::Writer type_writer(types);
    for (const auto& column : map.columns) write_type(type_writer, column);
    writer.bytes_lenenc(types);
    std::vector<bool> nullable;
    for (const auto& column : map.columns) nullable.push_back(column.nullable);
    write_bits(writer, nullable);
    writer.bytes(map.optional_metadata);  // a VECTOR's dimension is compared with the table's
  });
}

void encode_rows(const RowsToEncode& rows, bool maria, const EventHeader& like, wire::Buffer& out) {
  event(rows_type(rows.kind, maria), like, out, [&](wire::Writer& writer) {
    writer.u48(rows.table_id);
    writer.u16(rows.flags);
    if (!maria) writer.u16(2);  // no extra data
    writer.lenenc(std::max(rows.before.size(), rows.after.size()));
    if (rows.kind != Rows::Kind::kWrite) write_bits(writer, rows.before);
    if (rows.kind != Rows::Kind::kDelete) write_bits(writer, rows.after);
    writer.bytes(rows.images);
  });
}

void encode_image(const TableMap& map, const std::vector<bool>& present, const Image& image,
                  wire::Buffer& out) {
  wire::Writer writer(out);
  std::vector<bool> nulls;
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (present[i]) nulls.push_back(image[i].is_null());
  }
  write_bits(writer, nulls);
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (!present[i] || image[i].is_null()) continue;
    const auto bytes = image[i].bytes;
    for (std::size_t k = 0; k < length_size(map.columns[i]); ++k)
      writer.u8(static_cast<std::uint8_t>(bytes.size() >> (8 * k)));
    writer.bytes(bytes);
  }
}

namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The two digits of each 12 bits.
constexpr auto kBase64Pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kBase64[i >> 6], kBase64[i & 63]};
  return pairs;
}();

}  // namespace

void append_base64(std::string& out, wire::Bytes bytes) {
  std::size_t at = out.size();
  out.resize(at + (bytes.size() + 2) / 3 * 4);
  const auto put = [&](unsigned bits) {
    out[at++] = kBase64Pairs[bits][0];
    out[at++] = kBase64Pairs[bits][1];
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned group = unsigned{bytes[i]} << 16 | unsigned{bytes[i + 1]} << 8 | bytes[i + 2];
    put(group >> 12);
    put(group & 4095);
  }
  if (i == bytes.size()) return;
  const bool two = i + 1 < bytes.size();
  const unsigned group = unsigned{bytes[i]} << 16 | (two ? unsigned{bytes[i + 1]} << 8 : 0U);
  put(group >> 12);
  put(group & 4095);
  out[at - 1] = '=';
  if (!two) out[at - 2] = '=';
}

}  // namespace sluice::binlog
