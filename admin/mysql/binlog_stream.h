// A server's binary log as it comes over the wire, event by event: from a position or a set of
// GTIDs to the end, or on and on. Over a connection of its own, which speaks the protocol itself:
// the client library decodes only what it knows.
//
//   BinlogStream::open ─▶ log in ─▶ @source_binlog_checksum, heartbeat, capability ─▶
//   COM_BINLOG_DUMP or COM_BINLOG_DUMP_GTID ─▶ next() ─▶ … ─▶ the end
//
// The bytes of events are the server's, checksums included: proxy/binlog verifies and decodes them.
// Needs REPLICATION SLAVE (manual 8.2.2); MySQL manual 19.1.6.2, "MySQL Internals,
// COM_BINLOG_DUMP".
//
// Blocking, one thread. Memory: the largest event and a little. Errors are values; after any but
// kDeadline the stream is over.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin/mysql/cancellation.h"
#include "admin/mysql/options.h"
#include "admin/mysql/types.h"

namespace sluice::mysql {

struct BinlogPlace {
  std::string file;            // "binlog.000012"; empty: nothing was read yet
  std::uint64_t position = 4;  // bytes; of the end of an event, or the first event's begin
  friend bool operator==(const BinlogPlace&, const BinlogPlace&) = default;
};
// Whether `a` lies before `b`. Files are compared as the server counts them up: by the number at
// the end of their names.
[[nodiscard]] bool is_before(const BinlogPlace& a, const BinlogPlace& b);

struct BinlogRequest {
  // Where it begins. With no file: where the first event lies that is not in `had`, or the oldest
  // file.
  BinlogPlace from{};
  // What is not wanted. MySQL (needs gtid_mode = ON): a set of GTIDs, encoded as the command takes
  // it (binlog::GtidSet); the server sends the transactions that are not in it, and it must hold
  // all that were purged. Not for MariaDB.
  std::optional<std::vector<std::uint8_t>> had{};
  // MariaDB: a GTID position, "0-1-7,1-1-3"; what lies behind it comes. `from` is not used then.
  std::optional<std::string> mariadb_from{};
  // MariaDB: the texts of statements before their rows are wanted, too (ANNOTATE_ROWS). MySQL sends
  // them wherever they are logged.
  bool texts = false;
  // False: the stream ends where the log ends now.
  bool follow = false;
  // It ends once it is there, if not before.
  std::optional<BinlogPlace> until{};
  // While it follows: how often the server says that it is still there. A server that is silent
  // three times as long is given up.
  std::chrono::milliseconds heartbeat{5000};
  std::size_t max_event_bytes = (std::size_t{1} << 30U) + (std::size_t{1} << 20U);
};

// One event: 19 bytes of header, its body, and a CRC-32 where the format description says so.
struct BinlogEventView {
  std::span<const std::uint8_t> bytes;  // until the next call
  std::uint8_t type = 0;                // byte 4 of the header
  std::uint32_t timestamp = 0;          // seconds since 1970; 0 for what the stream itself made
  bool artificial = false;              // made for this stream: it is in no file
};

class BinlogStream {
 public:
  // The faults of Connection::open, kServer (1236: the file is gone, GTIDs were purged, the log is
  // off; 1227: REPLICATION SLAVE is missing).
  [[nodiscard]] static Result<std::unique_ptr<BinlogStream>> open(const Options& options,
                                                                  const BinlogRequest& request,
                                                                  const Limits& limits = {});
  ~BinlogStream();
  BinlogStream(const BinlogStream&) = delete;
  BinlogStream& operator=(const BinlogStream&) = delete;

  // The next event; nothing: the end. kDeadline: none came until then, and the next call goes on
  // waiting; kCancelled, kLost (also: the server fell silent), kServer (1236: purged meanwhile),
  // kTooLarge. Heartbeats are given, too, as events of the types 27 and 41.
  [[nodiscard]] Result<std::optional<BinlogEventView>> next(const Limits& limits = {});

  // The end of the last event that next() gave, or of what the server skipped behind it.
  [[nodiscard]] const BinlogPlace& place() const noexcept;
  [[nodiscard]] bool is_mariadb() const noexcept;
  [[nodiscard]] const std::string& server_version() const noexcept;
  [[nodiscard]] bool encrypted() const noexcept;  // the connection: TLS

 private:
  struct State;
  explicit BinlogStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::mysql
