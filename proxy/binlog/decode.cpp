#include "proxy/binlog/decode.h"

#include <array>
#include <utility>

#include <zlib.h>

#include "proxy/binlog/decode_bodies.h"
#include "proxy/binlog/payload.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

// A rows event inflates to at most what an event may have.
constexpr std::size_t kMaxInflated = std::size_t{1} << 30;
constexpr std::uint16_t kInUse = 0x01;  // LOG_EVENT_BINLOG_IN_USE_F
constexpr std::size_t kFlagsAt = 17;

struct Named {
  EventType type;
  const char* name;
};
constexpr std::array kNames{
    Named{EventType::kUnknown, "UNKNOWN"},
    Named{EventType::kStartV3, "START_V3"},
    Named{EventType::kQuery, "QUERY"},
    Named{EventType::kStop, "STOP"},
    Named{EventType::kRotate, "ROTATE"},
    Named{EventType::kIntVar, "INTVAR"},
    Named{EventType::kLoad, "LOAD"},
    Named{EventType::kAppendBlock, "APPEND_BLOCK"},
    Named{EventType::kDeleteFile, "DELETE_FILE"},
    Named{EventType::kRand, "RAND"},
    Named{EventType::kUserVar, "USER_VAR"},
    Named{EventType::kFormatDescription, "FORMAT_DESCRIPTION"},
    Named{EventType::kXid, "XID"},
    Named{EventType::kBeginLoadQuery, "BEGIN_LOAD_QUERY"},
    Named{EventType::kExecuteLoadQuery, "EXECUTE_LOAD_QUERY"},
    Named{EventType::kTableMap, "TABLE_MAP"},
    Named{EventType::kWriteRowsV1, "WRITE_ROWS_V1"},
    Named{EventType::kUpdateRowsV1, "UPDATE_ROWS_V1"},
    Named{EventType::kDeleteRowsV1, "DELETE_ROWS_V1"},
    Named{EventType::kIncident, "INCIDENT"},
    Named{EventType::kHeartbeat, "HEARTBEAT"},
    Named{EventType::kIgnorable, "IGNORABLE"},
    Named{EventType::kRowsQuery, "ROWS_QUERY"},
    Named{EventType::kWriteRows, "WRITE_ROWS"},
    Named{EventType::kUpdateRows, "UPDATE_ROWS"},
    Named{EventType::kDeleteRows, "DELETE_ROWS"},
    Named{EventType::kGtid, "GTID"},
    Named{EventType::kAnonymousGtid, "ANONYMOUS_GTID"},
    Named{EventType::kPreviousGtids, "PREVIOUS_GTIDS"},
    Named{EventType::kTransactionContext, "TRANSACTION_CONTEXT"},
    Named{EventType::kViewChange, "VIEW_CHANGE"},
    Named{EventType::kXaPrepare, "XA_PREPARE"},
    Named{EventType::kPartialUpdateRows, "PARTIAL_UPDATE_ROWS"},
    Named{EventType::kTransactionPayload, "TRANSACTION_PAYLOAD"},
    Named{EventType::kHeartbeatV2, "HEARTBEAT_V2"},
    Named{EventType::kGtidTagged, "GTID_TAGGED"},
    Named{EventType::kMariaAnnotateRows, "ANNOTATE_ROWS"},
    Named{EventType::kMariaBinlogCheckpoint, "BINLOG_CHECKPOINT"},
    Named{EventType::kMariaGtid, "GTID (MariaDB)"},
    Named{EventType::kMariaGtidList, "GTID_LIST"},
    Named{EventType::kMariaStartEncryption, "START_ENCRYPTION"},
    Named{EventType::kMariaQueryCompressed, "QUERY_COMPRESSED"},
    Named{EventType::kMariaWriteRowsCompressedV1, "WRITE_ROWS_COMPRESSED_V1"},
    Named{EventType::kMariaUpdateRowsCompressedV1, "UPDATE_ROWS_COMPRESSED_V1"},
    Named{EventType::kMariaDeleteRowsCompressedV1, "DELETE_ROWS_COMPRESSED_V1"},
    Named{EventType::kMariaWriteRowsCompressed, "WRITE_ROWS_COMPRESSED"},
    Named{EventType::kMariaUpdateRowsCompressed, "UPDATE_ROWS_COMPRESSED"},
    Named{EventType::kMariaDeleteRowsCompressed, "DELETE_ROWS_COMPRESSED"},
};

// How a rows event of each type is laid out; nothing: no rows event.
struct RowsLayout {
  Rows::Kind kind;
  bool extra = false;  // version 2: extra data before the width
  bool packed = false;
};
std::optional<RowsLayout> rows_layout(EventType type) {
  using enum EventType;
  switch (type) {
    case kWriteRowsV1: return RowsLayout{Rows::Kind::kWrite};
    case kUpdateRowsV1: return RowsLayout{Rows::Kind::kUpdate};
    case kDeleteRowsV1: return RowsLayout{Rows::Kind::kDelete};
    case kWriteRows: return RowsLayout{Rows::Kind::kWrite, true};
    case kUpdateRows:
    case kPartialUpdateRows: return RowsLayout{Rows::Kind::kUpdate, true};
    case kDeleteRows: return RowsLayout{Rows::Kind::kDelete, true};
    case kMariaWriteRowsCompressedV1: return RowsLayout{Rows::Kind::kWrite, false, true};
    case kMariaUpdateRowsCompressedV1: return RowsLayout{Rows::Kind::kUpdate, false, true};
    case kMariaDeleteRowsCompressedV1: return RowsLayout{Rows::Kind::kDelete, false, true};
    case kMariaWriteRowsCompressed: return RowsLayout{Rows::Kind::kWrite, true, true};
    case kMariaUpdateRowsCompressed: return RowsLayout{Rows::Kind::kUpdate, true, true};
    case kMariaDeleteRowsCompressed: return RowsLayout{Rows::Kind::kDelete, true, true};
    default: return std::nullopt;
  }
}

std::vector<bool> read_bitmap(wire::Reader& in, std::uint64_t count) {
  const auto bytes = in.bytes((count + 7) / 8);
  std::vector<bool> out(bytes.empty() ? 0 : count);  // bits past the count mean nothing
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (bytes[i / 8] >> (i % 8) & 1) != 0;
  return out;
}

// A FORMAT_DESCRIPTION's checksum is that of the closed file: the flag "in use" does not count.
bool checksum_holds(wire::Bytes event, const EventHeader& header) {
  const auto covered = event.first(event.size() - kChecksumSize);
  wire::Reader in(event.last(kChecksumSize));
  const std::uint32_t expected = in.u32();
  uLong sum = crc32(0, nullptr, 0);
  if (header.type != EventType::kFormatDescription || (header.flags & kInUse) == 0) {
    sum = crc32(sum, covered.data(), static_cast<uInt>(covered.size()));
    return sum == expected;
  }
  const std::array flags{static_cast<std::uint8_t>(covered[kFlagsAt] & ~kInUse)};
  sum = crc32(sum, covered.data(), kFlagsAt);
  sum = crc32(sum, flags.data(), 1);
  const auto rest = covered.subspan(kFlagsAt + 1);
  return crc32(sum, rest.data(), static_cast<uInt>(rest.size())) == expected;
}

template <class T>
Result<Body> as_body(Result<T> decoded) {
  if (!decoded) return decoded.error();
  return Body(std::move(*decoded));
}

Result<Body> small_body(const EventHeader& header, wire::Bytes body) {
  using enum EventType;
  wire::Reader in(body);
  Body out;
  switch (header.type) {
    case kRotate: {
      Rotate rotate{in.u64(), std::string(in.rest_text())};
      out = std::move(rotate);
      break;
    }
    case kXid: out = Xid{in.u64()}; break;
    case kRowsQuery:
      in.skip(1);  // a length that is wrong for long texts
      out = RowsQuery{std::string(in.rest_text())};
      break;
    case kMariaAnnotateRows: out = RowsQuery{std::string(in.rest_text())}; break;
    case kHeartbeat: out = Heartbeat{std::string(in.rest_text()), header.next_position}; break;
    case kIncident: {
      Incident incident;
      incident.number = in.u16();
      incident.message = in.text(in.u8());
      out = std::move(incident);
      break;
    }
    case kStop: out = Stop{}; break;
    case kIntVar: {
      const bool insert_id = in.u8() == 2;
      out = IntVar{insert_id, in.u64()};
      break;
    }
    case kRand: {
      const std::uint64_t seed = in.u64();
      out = Rand{seed, in.u64()};
      break;
    }
    case kUserVar: out = UserVar{std::string(in.text(in.u32()))}; break;
    case kMariaBinlogCheckpoint: out = BinlogCheckpoint{std::string(in.text(in.u32()))}; break;
    default: out = Ignored{}; break;
  }
  if (!in.ok()) return bodies::truncated(to_string(header.type).c_str());
  return out;
}

Error not_supported(EventType type) {
  if (type == EventType::kMariaStartEncryption) {
    return {Fault::kUnsupported,
            "the binary log is encrypted (START_ENCRYPTION): read it from the server instead, "
            "which sends it in the clear over its own protocol"};
  }
  return {Fault::kUnsupported, "an event of an unknown kind, " + to_string(type) +
                                   ", which may not be skipped: the log is of a server that this "
                                   "version does not know"};
}

}  // namespace

std::string to_string(EventType type) {
  for (const auto& named : kNames) {
    if (named.type == type) return named.name;
  }
  return "type " + std::to_string(static_cast<int>(type));
}

Result<EventHeader> decode_header(wire::Bytes event) {
  wire::Reader in(event);
  EventHeader out;
  out.timestamp = in.u32();
  out.type = static_cast<EventType>(in.u8());
  out.server_id = in.u32();
  out.size = in.u32();
  out.next_position = in.u32();
  out.flags = in.u16();
  if (!in.ok()) return Error{Fault::kTruncated, "an event's header is cut short"};
  if (out.size < kEventHeaderSize) {
    return Error{Fault::kMalformed, "an event claims " + std::to_string(out.size) +
                                        " bytes, fewer than its header has"};
  }
  return out;
}

std::shared_ptr<const TableMap> Decoder::table(std::uint64_t id) const {
  const auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second;
}

Result<wire::Bytes> Decoder::body_of(wire::Bytes event, const EventHeader& header,
                                     bool inner) const {
  if (header.size != event.size()) {
    return Error{Fault::kTruncated, "an event of " + std::to_string(event.size()) +
                                        " bytes claims to have " + std::to_string(header.size)};
  }
  const auto body = event.subspan(kEventHeaderSize);
  if (header.type == EventType::kFormatDescription || inner || !format_.checksums) return body;
  if (body.size() < kChecksumSize)
    return Error{Fault::kTruncated, "an event has no room for its checksum"};
  const bool skips = !verify_rows_ && rows_layout(header.type);
  if (!skips && !checksum_holds(event, header)) {
    return Error{Fault::kChecksum, "the checksum of a " + to_string(header.type) +
                                       " event is wrong: the log is damaged here"};
  }
  return body.first(body.size() - kChecksumSize);
}

Result<Event> Decoder::decode(wire::Bytes event) {
  const auto header = decode_header(event);
  if (!header) return header.error();
  const auto body = body_of(event, *header, false);
  if (!body) return body.error();
  if (header->type == EventType::kFormatDescription) {
    auto described = bodies::format_description(*body);
    if (!described) return described.error();
    if (described->checksums && !checksum_holds(event, *header))
      return Error{Fault::kChecksum, "the checksum of the FORMAT_DESCRIPTION event is wrong"};
    described->in_use = (header->flags & kInUse) != 0;
    format_ = *described;
    described_ = true;
    tables_.clear();  // numbers of tables mean nothing across a restart
    return Event{*header, std::move(*described)};
  }
  const bool early = header->type == EventType::kRotate || header->type == EventType::kHeartbeat ||
                     header->type == EventType::kHeartbeatV2;
  if (!described_ && !early) {
    return Error{Fault::kMalformed, "a " + to_string(header->type) +
                                        " event comes before any FORMAT_DESCRIPTION event"};
  }
  return decode_body(*header, *body);
}

Result<Event> Decoder::decode_inner(wire::Bytes event) {
  const auto header = decode_header(event);
  if (!header) return header.error();
  if (header->type == EventType::kFormatDescription ||
      header->type == EventType::kTransactionPayload) {
    return Error{Fault::kMalformed,
                 "a transaction payload holds a " + to_string(header->type) + " event"};
  }
  const auto body = body_of(event, *header, true);
  if (!body) return body.error();
  return decode_body(*header, *body);
}

Result<Event> Decoder::decode_rows(wire::Bytes event, std::shared_ptr<const TableMap> table,
                                   bool inner) {
  const auto header = decode_header(event);
  if (!header) return header.error();
  if (!rows_layout(header->type))
    return Error{Fault::kMalformed, "a " + to_string(header->type) + " event has no rows"};
  const bool verify = std::exchange(verify_rows_, true);
  const auto body = body_of(event, *header, inner);
  verify_rows_ = verify;
  if (!body) return body.error();
  auto decoded = rows(*header, *body, std::move(table));
  if (!decoded) return decoded.error();
  return Event{*header, std::move(*decoded)};
}

Result<Event> Decoder::decode_body(const EventHeader& header, wire::Bytes body) {
  using enum EventType;
  Result<Body> out = Body(Ignored{});
  switch (header.type) {
    case kQuery: out = as_body(bodies::query(body)); break;
    case kExecuteLoadQuery: out = as_body(bodies::load_query(body)); break;
    case kMariaQueryCompressed: out = as_body(bodies::compressed_query(body)); break;
    case kGtid: out = as_body(bodies::gtid(body, false)); break;
    case kAnonymousGtid: out = as_body(bodies::gtid(body, true)); break;
    case kGtidTagged: out = as_body(bodies::tagged_gtid(body)); break;
    case kMariaGtid: out = as_body(bodies::maria_gtid(body, header.server_id)); break;
    case kMariaGtidList: out = as_body(bodies::maria_gtid_list(body)); break;
    case kXaPrepare: out = as_body(bodies::xa_prepare(body)); break;
    case kTransactionPayload: out = as_body(bodies::payload(body)); break;
    case kHeartbeatV2: out = as_body(bodies::heartbeat_v2(body)); break;
    case kPreviousGtids: {
      auto gtids = GtidSet::decode(body);
      if (!gtids) return gtids.error();
      out = Body(PreviousGtids{std::move(*gtids)});
      break;
    }
    case kTableMap: {
      auto map = decode_table_map(body, format_.maria);
      if (!map) return map.error();
      if (const auto kept = keep_table(*map); !kept) return kept.error();
      out = Body(std::move(*map));
      break;
    }
    case kRotate:
    case kXid:
    case kRowsQuery:
    case kMariaAnnotateRows:
    case kHeartbeat:
    case kIncident:
    case kStop:
    case kIntVar:
    case kRand:
    case kUserVar:
    case kMariaBinlogCheckpoint: out = small_body(header, body); break;
    case kBeginLoadQuery:  // pieces of a file that LOAD DATA as text reads
    case kAppendBlock:
    case kDeleteFile:
    case kTransactionContext:
    case kViewChange:
    case kIgnorable: break;
    default:
      if (rows_layout(header.type)) {
        out = as_body(rows(header, body, nullptr));
      } else if (!header.ignorable()) {
        return not_supported(header.type);
      }
  }
  if (!out) return out.error();
  return Event{header, std::move(*out)};
}

Result<Rows> Decoder::rows(const EventHeader& header, wire::Bytes body,
                           std::shared_ptr<const TableMap> given) {
  const auto layout = *rows_layout(header.type);
  wire::Reader in(body);
  Rows out;
  out.kind = layout.kind;
  out.partial = header.type == EventType::kPartialUpdateRows;
  const auto index = static_cast<std::size_t>(header.type) - 1;
  const bool short_id = index < format_.post_header.size() && format_.post_header[index] == 6;
  out.table_id = short_id ? in.u32() : in.u48();
  out.flags = in.u16();
  if (layout.extra) {
    const std::uint16_t extra = in.u16();  // its own two bytes count
    if (extra < 2) in.fail(wire::Fault::kMalformed);
    in.skip(extra - 2U);
  }
  const std::uint64_t width = in.lenenc();
  if (!in.ok()) return bodies::truncated(to_string(header.type).c_str());
  out.table = given ? std::move(given) : table(out.table_id);
  if (!out.table) {
    return Error{Fault::kUnknownTable,
                 "rows of table number " + std::to_string(out.table_id) +
                     " have no table map before them: begin at the start of the transaction"};
  }
  if (width != out.table->columns.size()) {
    return Error{Fault::kMalformed, "a rows event of `" + out.table->schema + "`.`" +
                                        out.table->table + "` has " + std::to_string(width) +
                                        " columns, its table map " +
                                        std::to_string(out.table->columns.size())};
  }
  auto first = read_bitmap(in, width);
  if (out.kind == Rows::Kind::kUpdate) out.after = read_bitmap(in, width);
  (out.kind == Rows::Kind::kWrite ? out.after : out.before) = std::move(first);
  out.images = in.rest();
  if (!in.ok()) return bodies::truncated(to_string(header.type).c_str());
  if (layout.packed) {
    inflated_.clear();
    if (auto done = inflate_maria(out.images, kMaxInflated, inflated_); !done) return done.error();
    out.images = inflated_;
  }
  return out;
}

Result<void> Decoder::keep_table(const TableMap& map) {
  // A server gives a table a new number when its definition is opened again; the bound is far above
  // what one holds at a time.
  constexpr std::size_t kMaxTables = 100'000;
  auto& kept = tables_[map.id];
  if (!kept || !kept->same_structure(map)) kept = std::make_shared<const TableMap>(map);
  if (tables_.size() > kMaxTables) {
    const auto last = kept;
    tables_.clear();
    tables_[map.id] = last;
  }
  return {};
}

}  // namespace sluice::binlog
