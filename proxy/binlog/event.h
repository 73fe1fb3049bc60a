// The events of a binary log as values: MySQL 5.6 to 9.x, Aurora, MariaDB 10.x
// (MySQL Internals, "Binary Log"; MariaDB Knowledge Base, "Replication Protocol").
//
//   19 bytes  header: timestamp 4, type 1, server id 4, size 4, next position 4, flags 2
//   …         body
//   4 bytes   CRC32 of header and body, when the format description says so
//
// Spans are borrowed: they live as long as the bytes that were decoded. Everything else is owned.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/binlog/gtid_set.h"
#include "proxy/binlog/table_map.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

enum class EventType : std::uint8_t {
  kUnknown = 0,
  kStartV3 = 1,
  kQuery = 2,
  kStop = 3,
  kRotate = 4,
  kIntVar = 5,
  kLoad = 6,
  kAppendBlock = 9,
  kDeleteFile = 11,
  kRand = 13,
  kUserVar = 14,
  kFormatDescription = 15,
  kXid = 16,
  kBeginLoadQuery = 17,
  kExecuteLoadQuery = 18,
  kTableMap = 19,
  kWriteRowsV1 = 23,
  kUpdateRowsV1 = 24,
  kDeleteRowsV1 = 25,
  kIncident = 26,
  kHeartbeat = 27,
  kIgnorable = 28,
  kRowsQuery = 29,
  kWriteRows = 30,
  kUpdateRows = 31,
  kDeleteRows = 32,
  kGtid = 33,
  kAnonymousGtid = 34,
  kPreviousGtids = 35,
  kTransactionContext = 36,
  kViewChange = 37,
  kXaPrepare = 38,
  kPartialUpdateRows = 39,
  kTransactionPayload = 40,
  kHeartbeatV2 = 41,
  kGtidTagged = 42,
  kMariaAnnotateRows = 160,
  kMariaBinlogCheckpoint = 161,
  kMariaGtid = 162,
  kMariaGtidList = 163,
  kMariaStartEncryption = 164,
  kMariaQueryCompressed = 165,
  kMariaWriteRowsCompressedV1 = 166,
  kMariaUpdateRowsCompressedV1 = 167,
  kMariaDeleteRowsCompressedV1 = 168,
  kMariaWriteRowsCompressed = 169,
  kMariaUpdateRowsCompressed = 170,
  kMariaDeleteRowsCompressed = 171,
};

// "QUERY", "TABLE_MAP", …; "type 99" for one without a name.
[[nodiscard]] std::string to_string(EventType type);

inline constexpr std::size_t kEventHeaderSize = 19;
inline constexpr std::size_t kChecksumSize = 4;

struct EventHeader {
  std::uint32_t timestamp = 0;  // seconds since 1970, UTC
  EventType type = EventType::kUnknown;
  std::uint32_t server_id = 0;
  std::uint32_t size = 0;           // bytes, header and checksum included
  std::uint32_t next_position = 0;  // its low 32 bits: a file may pass 4 GiB; 0 inside a payload
  std::uint16_t flags = 0;

  // LOG_EVENT_ARTIFICIAL_F: made for the connection, not in the file.
  [[nodiscard]] bool artificial() const noexcept { return (flags & 0x20) != 0; }
  // LOG_EVENT_IGNORABLE_F: whoever does not know the type may skip it.
  [[nodiscard]] bool ignorable() const noexcept { return (flags & 0x80) != 0; }
};

struct FormatDescription {
  std::uint16_t version = 0;   // 4
  std::string server_version;  // "9.7.4", "10.11.19-MariaDB-log"
  bool checksums = false;      // every event ends with a CRC32
  bool maria = false;
  std::vector<std::uint8_t> post_header;  // lengths by type, from type 1
  bool in_use = false;                    // the file was not closed: the server writes it, or fell
};
struct Rotate {
  std::uint64_t position = 4;
  std::string file;
};
// A statement that was logged as text: DDL always, DML in statement format, BEGIN and COMMIT.
struct Query {
  std::uint32_t thread_id = 0;  // @@pseudo_thread_id of the session: its CONNECTION_ID()
  std::uint32_t seconds = 0;    // it ran
  std::uint16_t error = 0;      // error number that it ended with on the source
  std::string schema;           // default schema
  std::string sql;              // in `client_charset`
  std::optional<std::uint64_t> sql_mode;
  std::optional<std::uint16_t> client_charset;  // collation number of character_set_client
  std::string time_zone;
  std::string user;  // of the invoker; empty: not logged
  std::string host;
};
struct Gtid {  // also ANONYMOUS_GTID, whose `gtid` is empty, and tagged ones
  std::optional<MysqlGtid> gtid;
  bool may_have_sbr = false;  // flag 1: the transaction may hold statements as text
  std::uint64_t immediate_commit_microseconds = 0;  // since 1970; 0: not said
  std::uint64_t original_commit_microseconds = 0;
  std::uint64_t transaction_length = 0;  // bytes, this event included; 0: not said
  std::uint32_t server_version = 0;      // 90704; 0: not said
};
struct MariaGtidEvent {  // begins a group; there is no BEGIN unless `standalone`
  MariaGtid gtid;
  bool standalone = false;  // one statement follows (DDL), with no commit of its own
  bool transactional = false;
  bool ddl = false;
  bool parallel = true;       // false: its session had set skip_parallel_replication
  bool prepared_xa = false;   // the group ends with XA PREPARE
  bool completed_xa = false;  // XA COMMIT or XA ROLLBACK of a prepared one
  std::optional<std::uint64_t> commit_id;
  wire::Buffer xid;  // format 4, gtrid length 1, bqual length 1, both; of an XA group
};
struct PreviousGtids {
  GtidSet gtids;
};
struct MariaGtidList {
  std::vector<MariaGtid> gtids;
};
struct Xid {
  std::uint64_t number = 0;
};
struct XaPrepare {
  bool one_phase = false;
  std::int32_t format = 0;
  std::string gtrid;
  std::string bqual;
};
struct RowsQuery {  // also MariaDB's ANNOTATE_ROWS: the statement behind the row events that follow
  std::string sql;
};
struct Heartbeat {
  std::string file;
  std::uint64_t position = 0;
};
struct Incident {
  std::uint16_t number = 0;
  std::string message;
};
struct Stop {};
struct IntVar {
  bool insert_id = false;  // else LAST_INSERT_ID
  std::uint64_t value = 0;
};
struct Rand {
  std::uint64_t seed1 = 0;
  std::uint64_t seed2 = 0;
};
struct UserVar {
  std::string name;
};
struct BinlogCheckpoint {
  std::string file;
};
// Of no meaning for what was changed: view changes of a group, transaction contexts, or a type that
// its flag lets be skipped.
struct Ignored {};

// Rows of one table. Read them with RowReader (row_image.h).
struct Rows {
  enum class Kind : std::uint8_t { kWrite, kUpdate, kDelete };
  Kind kind = Kind::kWrite;
  bool partial = false;  // PARTIAL_UPDATE_ROWS: JSON after-images may be differences
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  std::shared_ptr<const TableMap> table;  // of this id, in force here; never null
  std::vector<bool> before;               // columns present in the before-image; empty for kWrite
  std::vector<bool> after;                // columns present in the after-image; empty for kDelete
  wire::Bytes images;  // borrowed: the event's bytes, or the decoder's buffer when compressed

  static constexpr std::uint16_t kStatementEnd = 0x01;
  static constexpr std::uint16_t kNoForeignKeyChecks = 0x02;
  // MySQL 9.6: foreign keys are the SQL layer's work, and cascaded changes are in the log.
  static constexpr std::uint16_t kSqlForeignKeys = 0x10;
  [[nodiscard]] bool statement_end() const noexcept { return (flags & kStatementEnd) != 0; }
  [[nodiscard]] bool cascades_logged() const noexcept { return (flags & kSqlForeignKeys) != 0; }
};

// Events within an event, compressed. Inflate with payload.h, then decode each with the same
// Decoder.
struct TransactionPayload {
  enum class Compression : std::uint8_t { kZstd, kNone };
  Compression compression = Compression::kZstd;
  std::uint64_t inflated_size = 0;  // as claimed
  wire::Bytes bytes;                // borrowed
};

using Body =
    std::variant<Ignored, FormatDescription, Rotate, Query, Gtid, MariaGtidEvent, PreviousGtids,
                 MariaGtidList, Xid, XaPrepare, TableMap, Rows, TransactionPayload, RowsQuery,
                 Heartbeat, Incident, Stop, IntVar, Rand, UserVar, BinlogCheckpoint>;

struct Event {
  EventHeader header;
  Body body;
};

}  // namespace sluice::binlog
