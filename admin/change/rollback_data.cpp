#include "admin/change/rollback_data.h"

#include <algorithm>

#include <boost/json.hpp>
#include <zstd.h>

#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sluice::change {
namespace {

namespace json = boost::json;
using binlog::Column;
using binlog::Error;
using binlog::Rows;
using binlog::TableMap;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;  // a larger event is a chunk alone
constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 31U;
constexpr int kLevel = 3;
constexpr std::uint8_t kTable = 1;
constexpr std::uint8_t kRows = 2;

Error damaged(const std::string& what) {
  return {binlog::Fault::kMalformed, "the rows kept for the rollback are damaged: " + what};
}

void put_optional(wire::Writer& to, const std::optional<std::uint32_t>& value) {
  to.u8(value ? 1 : 0);
  to.u32(value.value_or(0));
}
std::optional<std::uint32_t> get_optional(wire::Reader& in) {
  const bool there = in.u8() != 0;
  const auto value = in.u32();
  return there ? std::optional(value) : std::nullopt;
}
std::optional<std::uint32_t> as_number(const std::optional<bool>& flag) {
  return flag ? std::optional<std::uint32_t>(*flag ? 1 : 0) : std::nullopt;
}
std::optional<bool> as_flag(const std::optional<std::uint32_t>& number) {
  return number ? std::optional(*number != 0) : std::nullopt;
}

void put_column(wire::Writer& to, const Column& column) {
  to.u8(static_cast<std::uint8_t>(column.type));
  to.u32(column.length);
  to.u8(column.pack);
  to.u8(column.digits);
  to.u8(column.decimals);
  to.u8(column.nullable ? 1 : 0);
  put_optional(to, as_number(column.is_unsigned));
  put_optional(to, column.collation);
  to.text_lenenc(column.name);
  to.lenenc(column.members.size());
  for (const auto& member : column.members) to.text_lenenc(member);
  put_optional(to, column.geometry_type);
  put_optional(to, column.dimensions);
  put_optional(to, as_number(column.visible));
}

Column get_column(wire::Reader& in) {
  Column column;
  column.type = static_cast<binlog::ColumnType>(in.u8());
  column.length = in.u32();
  column.pack = in.u8();
  column.digits = in.u8();
  column.decimals = in.u8();
  column.nullable = in.u8() != 0;
  column.is_unsigned = as_flag(get_optional(in));
  column.collation = get_optional(in);
  column.name = std::string(in.text_lenenc());
  const auto members = in.lenenc();
  for (std::uint64_t i = 0; i < members && in.ok(); ++i) {
    column.members.emplace_back(in.text_lenenc());
  }
  column.geometry_type = get_optional(in);
  column.dimensions = get_optional(in);
  column.visible = as_flag(get_optional(in));
  return column;
}

void put_table(wire::Writer& to, const TableMap& table) {
  to.u8(kTable);
  to.u64(table.id);
  to.u16(table.flags);
  to.text_lenenc(table.schema);
  to.text_lenenc(table.table);
  to.u8(table.has_names ? 1 : 0);
  to.lenenc(table.columns.size());
  for (const auto& column : table.columns) put_column(to, column);
  to.lenenc(table.primary_key.size());
  for (const auto& part : table.primary_key) {
    to.u32(part.column);
    to.u32(part.prefix);
  }
  to.bytes_lenenc(table.optional_metadata);
}

std::shared_ptr<const TableMap> get_table(wire::Reader& in) {
  auto table = std::make_shared<TableMap>();
  table->id = in.u64();
  table->flags = in.u16();
  table->schema = std::string(in.text_lenenc());
  table->table = std::string(in.text_lenenc());
  table->has_names = in.u8() != 0;
  const auto columns = in.lenenc();
  for (std::uint64_t i = 0; i < columns && in.ok(); ++i) table->columns.push_back(get_column(in));
  const auto parts = in.lenenc();
  for (std::uint64_t i = 0; i < parts && in.ok(); ++i) {
    binlog::KeyPart part;
    part.column = in.u32();
    part.prefix = in.u32();
    if (part.column >= table->columns.size()) in.fail(wire::Fault::kMalformed);
    table->primary_key.push_back(part);
  }
  const auto metadata = in.bytes_lenenc();
  table->optional_metadata.assign(metadata.begin(), metadata.end());
  return table;
}

void put_bits(wire::Writer& to, const std::vector<bool>& bits) {
  to.lenenc(bits.size());
  for (const bool bit : bits) to.u8(bit ? 1 : 0);
}
std::vector<bool> get_bits(wire::Reader& in) {
  std::vector<bool> bits;
  const auto count = in.lenenc();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) bits.push_back(in.u8() != 0);
  return bits;
}

void put_rows(wire::Writer& to, const binlog::EventHeader& header, const Rows& rows,
              std::size_t table, std::uint64_t group) {
  to.u8(kRows);
  to.u64(group);
  to.u32(header.timestamp);
  to.u8(static_cast<std::uint8_t>(header.type));
  to.u32(header.server_id);
  to.u16(header.flags);
  to.u8(static_cast<std::uint8_t>(rows.kind));
  to.u8(rows.partial ? 1 : 0);
  to.u16(rows.flags);
  to.lenenc(table);
  put_bits(to, rows.before);
  put_bits(to, rows.after);
  to.bytes_lenenc(rows.images);
}

binlog::Result<KeptRows> get_rows(wire::Reader& in,
                                  const std::vector<std::shared_ptr<const TableMap>>& tables) {
  KeptRows kept;
  kept.group = in.u64();
  kept.header.timestamp = in.u32();
  kept.header.type = static_cast<binlog::EventType>(in.u8());
  kept.header.server_id = in.u32();
  kept.header.flags = in.u16();
  const auto kind = in.u8();
  kept.rows.kind = static_cast<Rows::Kind>(kind);
  kept.rows.partial = in.u8() != 0;
  kept.rows.flags = in.u16();
  const auto table = in.lenenc();
  kept.rows.before = get_bits(in);
  kept.rows.after = get_bits(in);
  kept.rows.images = in.bytes_lenenc();
  if (!in.ok() || kind > 2 || table >= tables.size()) return damaged("a record");
  kept.rows.table = tables[table];
  kept.rows.table_id = kept.rows.table->id;
  const auto columns = kept.rows.table->columns.size();
  const auto fits = [&](const std::vector<bool>& bits) {
    return bits.empty() || bits.size() == columns;
  };
  if (!fits(kept.rows.before) || !fits(kept.rows.after)) return damaged("an image");
  return kept;
}

// The chunk's rows, oldest first; they borrow from `raw`.
binlog::Result<std::vector<KeptRows>> read_chunk(const wire::Buffer& raw) {
  std::vector<KeptRows> all;
  std::vector<std::shared_ptr<const TableMap>> tables;
  wire::Reader in(raw);
  while (in.ok() && in.remaining() > 0) {
    const auto record = in.u8();
    if (record == kTable) {
      tables.push_back(get_table(in));
    } else if (record == kRows) {
      auto rows = get_rows(in, tables);
      if (!rows) return rows.error();
      all.push_back(std::move(*rows));
    } else {
      return damaged("an unknown record");
    }
  }
  if (!in.ok()) return damaged("a chunk ends too early");
  return all;
}

binlog::Result<wire::Buffer> inflate(const std::string& chunk) {
  const auto size = ZSTD_getFrameContentSize(chunk.data(), chunk.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kMaxChunk) {
    return damaged("a chunk does not say its size");
  }
  wire::Buffer raw(static_cast<std::size_t>(size));
  const auto got = ZSTD_decompress(raw.data(), raw.size(), chunk.data(), chunk.size());
  if (ZSTD_isError(got) != 0 || got != raw.size()) return damaged("a chunk cannot be inflated");
  return raw;
}

template <class Order>
binlog::Result<void> visit_chunk(std::int64_t position, const GetChunk& get, Order order,
                                 bool& more) {
  const auto chunk = get(position);
  if (!chunk) return chunk.error();
  const auto raw = inflate(*chunk);
  if (!raw) return raw.error();
  auto rows = read_chunk(*raw);
  if (!rows) return rows.error();
  more = order(*rows);
  return {};
}

json::object target_json(const schema::Target& target) {
  return {{"mariadb", target.mariadb},
          {"version", target.version},
          {"ansi_quotes", target.ansi_quotes},
          {"no_backslash_escapes", target.no_backslash_escapes},
          {"lower_case_names", target.lower_case_names}};
}

RollbackHeader from_json(const json::object& from) {
  RollbackHeader header;
  header.server_version = from.at("server_version").as_string();
  const auto& format = from.at("format").as_object();
  header.format.version = static_cast<std::uint16_t>(format.at("version").to_number<unsigned>());
  header.format.server_version = format.at("server_version").as_string();
  header.format.checksums = format.at("checksums").as_bool();
  header.format.maria = format.at("maria").as_bool();
  for (const auto& length : format.at("post_header").as_array()) {
    header.format.post_header.push_back(static_cast<std::uint8_t>(length.to_number<unsigned>()));
  }
  const auto& target = from.at("target").as_object();
  header.target.mariadb = target.at("mariadb").as_bool();
  header.target.version = target.at("version").to_number<std::uint32_t>();
  header.target.ansi_quotes = target.at("ansi_quotes").as_bool();
  header.target.no_backslash_escapes = target.at("no_backslash_escapes").as_bool();
  header.target.lower_case_names = target.at("lower_case_names").as_bool();
  for (const auto& [name, text] : from.at("schemas").as_object()) {
    header.schemas[std::string(name)] = text.as_string();
  }
  for (const auto& value : from.at("tables").as_array()) {
    const auto& table = value.as_object();
    header.tables.push_back({std::string(table.at("schema").as_string()),
                             std::string(table.at("table").as_string()),
                             table.at("inserted").to_number<std::uint64_t>(),
                             table.at("updated").to_number<std::uint64_t>(),
                             table.at("deleted").to_number<std::uint64_t>()});
  }
  for (const auto& group : from.at("withdrawn").as_array()) {
    header.withdrawn.push_back(group.to_number<std::uint64_t>());
  }
  header.cascades_logged = from.at("cascades_logged").as_bool();
  // Data of older versions do not say it.
  if (const auto* value = from.if_contains("may_have_cascaded"))
    header.may_have_cascaded = value->as_bool();
  header.sql_only = from.at("sql_only").as_bool();
  return header;
}

}  // namespace

std::uint64_t RollbackHeader::rows() const {
  std::uint64_t sum = 0;
  for (const auto& table : tables) sum += table.rows();
  return sum;
}

std::string to_json(const RollbackHeader& header) {
  json::array post_header;
  for (const auto length : header.format.post_header) post_header.push_back(length);
  json::object schemas;
  for (const auto& [name, text] : header.schemas) schemas[name] = text;
  json::array tables;
  for (const auto& table : header.tables) {
    tables.push_back({{"schema", table.schema},
                      {"table", table.table},
                      {"inserted", table.inserted},
                      {"updated", table.updated},
                      {"deleted", table.deleted}});
  }
  json::array withdrawn;
  for (const auto group : header.withdrawn) withdrawn.push_back(group);
  return json::serialize(json::object{{"server_version", header.server_version},
                                      {"format",
                                       {{"version", header.format.version},
                                        {"server_version", header.format.server_version},
                                        {"checksums", header.format.checksums},
                                        {"maria", header.format.maria},
                                        {"post_header", std::move(post_header)}}},
                                      {"target", target_json(header.target)},
                                      {"schemas", std::move(schemas)},
                                      {"tables", std::move(tables)},
                                      {"withdrawn", std::move(withdrawn)},
                                      {"cascades_logged", header.cascades_logged},
                                      {"may_have_cascaded", header.may_have_cascaded},
                                      {"sql_only", header.sql_only}});
}

binlog::Result<RollbackHeader> read_rollback_header(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse(text, error);
  if (error || !value.is_object()) return damaged("the header is no JSON object");
  // The library says by an exception that a value is another than expected.
  try {
    return from_json(value.get_object());
  } catch (const std::exception&) {
    return damaged("the header lacks a value");
  }
}

RollbackWriter::RollbackWriter(std::uint64_t max_bytes, Put put)
    : max_bytes_(max_bytes), put_(std::move(put)) {}

TableTally& RollbackWriter::tally(const TableMap& table) {
  for (auto& known : tables_) {
    if (known.schema == table.schema && known.table == table.table) return known;
  }
  return tables_.emplace_back(TableTally{table.schema, table.table});
}

bool RollbackWriter::add(const binlog::EventHeader& header, const Rows& rows, std::uint64_t group,
                         std::uint64_t row_count) {
  if (too_large()) return false;
  const std::size_t before = raw_.size();
  wire::Writer to(raw_);
  auto found = std::ranges::find_if(
      in_chunk_, [&](const auto& table) { return table == rows.table || *table == *rows.table; });
  if (found == in_chunk_.end()) {
    put_table(to, *rows.table);
    found = in_chunk_.insert(in_chunk_.end(), rows.table);
  }
  put_rows(to, header, rows, static_cast<std::size_t>(found - in_chunk_.begin()), group);
  bytes_ += raw_.size() - before;
  auto& counts = tally(*rows.table);
  switch (rows.kind) {
    case Rows::Kind::kWrite: counts.inserted += row_count; break;
    case Rows::Kind::kUpdate: counts.updated += row_count; break;
    case Rows::Kind::kDelete: counts.deleted += row_count; break;
  }
  if (too_large()) return false;
  return raw_.size() < kChunkBytes || flush();
}

bool RollbackWriter::flush() {
  if (raw_.empty()) return true;
  std::string chunk(ZSTD_compressBound(raw_.size()), '\0');
  const auto size = ZSTD_compress(chunk.data(), chunk.size(), raw_.data(), raw_.size(), kLevel);
  if (ZSTD_isError(size) != 0) return false;
  chunk.resize(size);
  raw_.clear();
  in_chunk_.clear();
  return put_(chunks_++, chunk);
}

binlog::Result<void> visit_newest_first(std::int64_t chunks, const GetChunk& get,
                                        const VisitRows& visit) {
  bool more = true;
  const auto backwards = [&](const std::vector<KeptRows>& rows) {
    return std::all_of(rows.rbegin(), rows.rend(), visit);
  };
  for (std::int64_t i = chunks; i > 0 && more; --i) {
    if (auto read = visit_chunk(i - 1, get, backwards, more); !read) return read;
  }
  return {};
}

binlog::Result<void> visit_oldest_first(std::int64_t chunks, const GetChunk& get,
                                        const VisitRows& visit) {
  bool more = true;
  const auto forwards = [&](const std::vector<KeptRows>& rows) {
    return std::all_of(rows.begin(), rows.end(), visit);
  };
  for (std::int64_t i = 0; i < chunks && more; ++i) {
    if (auto read = visit_chunk(i, get, forwards, more); !read) return read;
  }
  return {};
}

}  // namespace sluice::change
