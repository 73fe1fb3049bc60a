#include "proxy/binlog/decode_bodies.h"

#include <algorithm>

#include "proxy/binlog/payload.h"
#include "proxy/binlog/varint.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog::bodies {
namespace {

// A statement's text may be as long as max_allowed_packet.
constexpr std::size_t kMaxStatement = std::size_t{1} << 30;

// Q_…_CODE of QUERY_EVENT's status variables. The first that is not known ends the reading, as it
// does in a replica: what follows cannot be delimited.
bool read_status_variable(wire::Reader& in, Query& query) {
  const std::uint8_t code = in.u8();
  switch (code) {
    case 0: in.skip(4); return true;                           // FLAGS2
    case 1: query.sql_mode = in.u64(); return true;            // SQL_MODE
    case 2: in.skip(std::uint64_t{in.u8()} + 1); return true;  // CATALOG, with its NUL
    case 3: in.skip(4); return true;                           // AUTO_INCREMENT
    case 4:  // CHARSET: client, connection, server
      query.client_charset = in.u16();
      in.skip(4);
      return true;
    case 5: query.time_zone = in.text(in.u8()); return true;  // TIME_ZONE
    case 6: in.skip(in.u8()); return true;                    // CATALOG_NZ
    case 7:                                                   // LC_TIME_NAMES
    case 8: in.skip(2); return true;                          // CHARSET_DATABASE
    case 9: in.skip(8); return true;                          // TABLE_MAP_FOR_UPDATE
    case 10: in.skip(4); return true;                         // MASTER_DATA_WRITTEN
    case 11:                                                  // INVOKERS
      query.user = in.text(in.u8());
      query.host = in.text(in.u8());
      return true;
    case 12: {  // UPDATED_DB_NAMES; 254: too many to list
      const std::uint8_t count = in.u8();
      for (std::uint8_t i = 0; count != 254 && i < count && in.ok(); ++i) (void)in.text_nul();
      return true;
    }
    case 13: in.skip(3); return true;   // MICROSECONDS
    case 16: in.skip(1); return true;   // EXPLICIT_DEFAULTS_FOR_TIMESTAMP
    case 17: in.skip(8); return true;   // DDL_LOGGED_WITH_XID
    case 18: in.skip(2); return true;   // DEFAULT_COLLATION_FOR_UTF8MB4
    case 19:                            // SQL_REQUIRE_PRIMARY_KEY
    case 20: in.skip(1); return true;   // DEFAULT_TABLE_ENCRYPTION
    case 128: in.skip(3); return true;  // MariaDB: HRNOW
    case 129: in.skip(8); return true;  // MariaDB: XID
    default: return false;
  }
}

// Everything before the statement's text.
Query read_query_head(wire::Reader& in, std::size_t load_fields = 0) {
  Query query;
  query.thread_id = in.u32();
  query.seconds = in.u32();
  const std::uint8_t schema = in.u8();
  query.error = in.u16();
  const std::uint16_t size = in.u16();
  in.skip(load_fields);
  wire::Reader variables(in.bytes(size));
  while (variables.ok() && variables.remaining() > 0) {
    if (!read_status_variable(variables, query)) break;
  }
  if (!variables.ok()) in.fail(wire::Fault::kMalformed);
  query.schema = in.text(schema);
  in.expect(0);
  return query;
}

// A time of 55 bits; the 56th says that the original commit's follows.
void read_commit_times(wire::Reader& in, Gtid& out) {
  const auto u56 = [&] { return in.u48() | std::uint64_t{in.u8()} << 48; };
  const std::uint64_t immediate = u56();
  out.immediate_commit_microseconds = immediate & ~(std::uint64_t{1} << 55);
  out.original_commit_microseconds =
      (immediate >> 55) != 0 ? u56() : out.immediate_commit_microseconds;
}

// FL_… of MariaDB's GTID_EVENT.
constexpr std::uint8_t kStandalone = 1;
constexpr std::uint8_t kGroupCommitId = 2;
constexpr std::uint8_t kTransactional = 4;
constexpr std::uint8_t kAllowParallel = 8;
constexpr std::uint8_t kDdl = 32;
constexpr std::uint8_t kPreparedXa = 64;
constexpr std::uint8_t kCompletedXa = 128;

}  // namespace

Error truncated(const char* event) {
  return {Fault::kTruncated, std::string("the ") + event + " event ends too early or is malformed"};
}

Result<FormatDescription> format_description(wire::Bytes body) {
  wire::Reader in(body);
  FormatDescription out;
  out.version = in.u16();
  const auto version = in.text(50);
  out.server_version = version.substr(0, version.find('\0'));
  in.skip(4);
  const std::uint8_t header = in.u8();
  if (!in.ok()) return truncated("FORMAT_DESCRIPTION");
  if (out.version != 4 || header != kEventHeaderSize) {
    return Error{Fault::kUnsupported, "binary log format " + std::to_string(out.version) +
                                          " is not supported: format 4 (MySQL 5.0 and later) is"};
  }
  // The list of lengths, then the checksum algorithm and a checksum that is always there.
  if (in.remaining() < 1 + kChecksumSize) return truncated("FORMAT_DESCRIPTION");
  const auto lengths = in.bytes(in.remaining() - 1 - kChecksumSize);
  out.post_header.assign(lengths.begin(), lengths.end());
  const std::uint8_t algorithm = in.u8();
  if (algorithm > 1) {
    return Error{Fault::kUnsupported,
                 "checksum algorithm " + std::to_string(algorithm) +
                     " of the binary log is not supported: NONE and CRC32 are. A log of a server "
                     "before MySQL 5.6.1 or MariaDB 5.3 looks like this, too"};
  }
  out.checksums = algorithm == 1;
  // MariaDB's types begin at 160; its version names it unless somebody built it otherwise.
  out.maria = out.server_version.find("MariaDB") != std::string::npos || lengths.size() >= 160;
  return out;
}

Result<Query> query(wire::Bytes body) {
  wire::Reader in(body);
  Query out = read_query_head(in);
  out.sql = in.rest_text();
  if (!in.ok()) return truncated("QUERY");
  return out;
}

// LOAD DATA as text: the number of the file, where its name stands in the text, what duplicates do.
Result<Query> load_query(wire::Bytes body) {
  wire::Reader in(body);
  Query out = read_query_head(in, 13);
  out.sql = in.rest_text();
  if (!in.ok()) return truncated("EXECUTE_LOAD_QUERY");
  return out;
}

Result<Query> compressed_query(wire::Bytes body) {
  wire::Reader in(body);
  Query out = read_query_head(in);
  const auto record = in.rest();
  if (!in.ok()) return truncated("QUERY_COMPRESSED");
  wire::Buffer sql;
  if (const auto inflated = inflate_maria(record, kMaxStatement, sql); !inflated)
    return inflated.error();
  out.sql = wire::as_text(sql);
  return out;
}

Result<Gtid> gtid(wire::Bytes body, bool anonymous) {
  wire::Reader in(body);
  Gtid out;
  out.may_have_sbr = (in.u8() & 1) != 0;
  MysqlGtid id;
  std::ranges::copy(in.bytes(id.source.size()), id.source.begin());
  id.number = in.u64();
  if (!in.ok()) return truncated("GTID");
  if (!anonymous) out.gtid = id;
  // Everything below was added release by release: what is not there is not said.
  if (in.remaining() >= 17) in.skip(17);  // type and numbers of the logical clock
  if (in.remaining() >= 7) read_commit_times(in, out);
  if (in.remaining() >= 1) out.transaction_length = in.lenenc();
  if (in.remaining() >= 4) out.server_version = in.u32() & 0x7FFFFFFF;
  if (!in.ok()) return truncated("GTID");
  return out;
}

// version | size | last field that must be known | field, value …
Result<Gtid> tagged_gtid(wire::Bytes body) {
  wire::Reader in(body);
  if (read_varint(in) != 1) {
    return Error{Fault::kUnsupported, "the GTID_TAGGED event has an unknown serialization version"};
  }
  const std::uint64_t size = read_varint(in);
  const std::uint64_t known = read_varint(in);
  if (!in.ok() || size > body.size()) return truncated("GTID_TAGGED");
  if (known > 12) {
    return Error{Fault::kUnsupported, "the GTID_TAGGED event has fields of a later server version"};
  }
  Gtid out;
  MysqlGtid id;
  while (in.ok() && in.remaining() > 0) {
    switch (read_varint(in)) {
      case 0: out.may_have_sbr = (read_varint(in) & 1) != 0; break;
      case 1:
        for (auto& byte : id.source) byte = static_cast<std::uint8_t>(read_varint(in));
        break;
      case 2: id.number = read_varint(in) >> 1; break;  // signed: its lowest bit is the sign
      case 3: id.tag = in.text(read_varint(in)); break;
      case 6: out.immediate_commit_microseconds = read_varint(in); break;
      case 7: out.original_commit_microseconds = read_varint(in); break;
      case 8: out.transaction_length = read_varint(in); break;
      case 9: out.server_version = static_cast<std::uint32_t>(read_varint(in)); break;
      default: (void)read_varint(in);  // clocks, the original version, the ticket
    }
  }
  if (!in.ok() || id.number == 0) return truncated("GTID_TAGGED");
  if (out.original_commit_microseconds == 0)
    out.original_commit_microseconds = out.immediate_commit_microseconds;
  out.gtid = id;
  return out;
}

Result<MariaGtidEvent> maria_gtid(wire::Bytes body, std::uint32_t server) {
  wire::Reader in(body);
  MariaGtidEvent out;
  out.gtid.sequence = in.u64();
  out.gtid.domain = in.u32();
  out.gtid.server = server;
  const std::uint8_t flags = in.u8();
  out.standalone = (flags & kStandalone) != 0;
  out.transactional = (flags & kTransactional) != 0;
  out.parallel = (flags & kAllowParallel) != 0;
  out.ddl = (flags & kDdl) != 0;
  out.prepared_xa = (flags & kPreparedXa) != 0;
  out.completed_xa = (flags & kCompletedXa) != 0;
  if ((flags & kGroupCommitId) != 0) out.commit_id = in.u64();
  if (out.prepared_xa || out.completed_xa) {
    const auto head = in.bytes(6);
    if (!in.ok()) return truncated("GTID");
    const auto rest = in.bytes(std::uint64_t{head[4]} + head[5]);
    out.xid.assign(head.begin(), head.end());
    out.xid.insert(out.xid.end(), rest.begin(), rest.end());
  }
  if (!in.ok()) return truncated("GTID");
  return out;
}

Result<MariaGtidList> maria_gtid_list(wire::Bytes body) {
  wire::Reader in(body);
  MariaGtidList out;
  std::uint32_t count = in.u32() & 0x0FFFFFFF;  // the rest are flags
  for (; count > 0 && in.ok(); --count) {
    MariaGtid gtid;
    gtid.domain = in.u32();
    gtid.server = in.u32();
    gtid.sequence = in.u64();
    out.gtids.push_back(gtid);
  }
  if (!in.ok()) return truncated("GTID_LIST");
  return out;
}

Result<XaPrepare> xa_prepare(wire::Bytes body) {
  wire::Reader in(body);
  XaPrepare out;
  out.one_phase = in.u8() != 0;
  out.format = static_cast<std::int32_t>(in.u32());
  const std::uint32_t gtrid = in.u32();
  const std::uint32_t bqual = in.u32();
  out.gtrid = in.text(gtrid);
  out.bqual = in.text(bqual);
  if (!in.ok()) return truncated("XA_PREPARE");
  return out;
}

// type lenenc | length lenenc | value … | 0 | the compressed bytes
Result<TransactionPayload> payload(wire::Bytes body) {
  wire::Reader in(body);
  TransactionPayload out;
  std::uint64_t size = 0;
  while (in.ok()) {
    const std::uint64_t type = in.lenenc();
    if (type == 0) break;
    wire::Reader value(in.bytes_lenenc());
    if (type == 1) size = value.lenenc();
    if (type == 3) out.inflated_size = value.lenenc();
    if (type == 2) {
      const std::uint64_t how = value.lenenc();
      if (how != 0 && how != 255) {
        return Error{Fault::kUnsupported,
                     "compression " + std::to_string(how) +
                         " of a transaction payload is not supported: zstd is"};
      }
      out.compression = how == 0 ? TransactionPayload::Compression::kZstd
                                 : TransactionPayload::Compression::kNone;
    }
    if (!value.ok()) return truncated("TRANSACTION_PAYLOAD");
  }
  out.bytes = in.bytes(size);
  if (out.compression == TransactionPayload::Compression::kNone) out.inflated_size = size;
  if (!in.ok() || in.remaining() != 0) return truncated("TRANSACTION_PAYLOAD");
  return out;
}

Result<Heartbeat> heartbeat_v2(wire::Bytes body) {
  wire::Reader in(body);
  Heartbeat out;
  while (in.ok() && in.remaining() > 0) {
    const std::uint64_t type = in.lenenc();
    if (type == 0) break;
    wire::Reader value(in.bytes_lenenc());
    if (type == 1) out.file = value.rest_text();
    if (type == 2) out.position = value.lenenc();
    if (!value.ok()) return truncated("HEARTBEAT");
  }
  if (!in.ok()) return truncated("HEARTBEAT");
  return out;
}

}  // namespace sluice::binlog::bodies
