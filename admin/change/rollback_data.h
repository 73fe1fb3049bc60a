// The rows of a change as they are kept for its rollback: row events of the binary log, or images
// made of rows that were read, in chunks that are read from the newest to the oldest.
//
//   header   JSON: the log's format, the tables' definitions, counts
//   chunk    zstd of records:
//              1, table map      before the first rows of that table in the chunk
//              2, rows           one rows event
//
// A chunk stands alone, so that memory is that of one chunk whatever the change's size. Pure but
// for the functions that are given; the bytes are our own and are checked all the same.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "parser/schema/target.h"
#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::change {

// What a change did to one table.
struct TableTally {
  std::string schema;
  std::string table;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  [[nodiscard]] std::uint64_t rows() const { return inserted + updated + deleted; }
  friend bool operator==(const TableTally&, const TableTally&) = default;
};

struct RollbackHeader {
  binlog::FormatDescription format;
  std::string server_version;
  schema::Target target;
  // The definitions of what the rows' tables are made of, as they were: DDL text by database.
  std::map<std::string, std::string> schemas;
  std::vector<TableTally> tables;
  // Transactions within the data that the server took back (XA ROLLBACK): their rows are none.
  std::vector<std::uint64_t> withdrawn;
  // MySQL 9.6: changes that foreign keys cascade are in the log.
  bool cascades_logged = false;
  // Some rows are those of a cascade, or of a session without checks of foreign keys.
  bool may_have_cascaded = true;
  // The images are no events of a server: only SQL can be made of them.
  bool sql_only = false;

  [[nodiscard]] std::uint64_t rows() const;
};
[[nodiscard]] std::string to_json(const RollbackHeader& header);
[[nodiscard]] binlog::Result<RollbackHeader> read_rollback_header(std::string_view json);

// Takes rows from the oldest to the newest. One thread.
class RollbackWriter {
 public:
  // Called with each chunk, from position 0 on; false: it could not be kept, and nothing more is
  // wanted.
  using Put = std::function<bool(std::int64_t position, std::string_view chunk)>;
  // Beyond `max_bytes` (before compression) nothing is kept any more, and too_large() says so.
  RollbackWriter(std::uint64_t max_bytes, Put put);

  // `group`: number of the transaction. The sink's trouble or too_large() end it: false.
  [[nodiscard]] bool add(const binlog::EventHeader& header, const binlog::Rows& rows,
                         std::uint64_t group, std::uint64_t row_count);
  [[nodiscard]] bool flush();  // what is gathered becomes a chunk
  [[nodiscard]] bool too_large() const noexcept { return bytes_ > max_bytes_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::int64_t chunks() const noexcept { return chunks_; }
  // By table, in the order in which they were first changed.
  [[nodiscard]] const std::vector<TableTally>& tables() const noexcept { return tables_; }

 private:
  [[nodiscard]] TableTally& tally(const binlog::TableMap& table);

  std::uint64_t max_bytes_;
  Put put_;
  wire::Buffer raw_;
  std::vector<std::shared_ptr<const binlog::TableMap>> in_chunk_;
  std::uint64_t bytes_ = 0;
  std::int64_t chunks_ = 0;
  std::vector<TableTally> tables_;
};

// One rows event of the data; what it borrows lives until the visitor returns.
struct KeptRows {
  binlog::EventHeader header;
  binlog::Rows rows;
  std::uint64_t group = 0;
};

// Chunk by position; the fault of what cannot be had.
using GetChunk = std::function<binlog::Result<std::string>(std::int64_t position)>;
// False: no more is wanted.
using VisitRows = std::function<bool(const KeptRows& kept)>;
// Newest first. Errors: of the chunks, kMalformed when one is damaged.
[[nodiscard]] binlog::Result<void> visit_newest_first(std::int64_t chunks, const GetChunk& get,
                                                      const VisitRows& visit);
[[nodiscard]] binlog::Result<void> visit_oldest_first(std::int64_t chunks, const GetChunk& get,
                                                      const VisitRows& visit);

}  // namespace sluice::change
