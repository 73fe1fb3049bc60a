// Row events to the statements that undo them, newest first. Two forms from one decoder:
//
//   SQL    UPDATE, INSERT and DELETE by key, changed columns only, each guarded by the after-image:
//          a row that was changed since is not matched, and the statement's row count tells.
//   exact  the row events reversed, in BINLOG statements, behind a query that counts the rows that
//          still hold the after-image. Triggers do not fire; generated columns come back as bytes.
//
// The session in which they run must have begin()'s settings; everything between begin() and end()
// is one transaction. Pure; one thread at a time; memory is that of one batch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"
#include "proxy/binlog/row_image.h"
#include "proxy/binlog/table_shape.h"

namespace sluice::binlog {

// One statement of an inverse, in utf8mb4, without a delimiter.
struct InverseStatement {
  enum class Kind : std::uint8_t {
    kSession,  // SET …: before the transaction
    kControl,  // START TRANSACTION, COMMIT
    // SELECT COUNT(*) …: its one value must be `rows`, else rows were changed since; 0 rows: other
    // rows came since, and refer to those that go.
    kGuard,
    kChange,  // must affect exactly `rows` rows (of a client without CLIENT_FOUND_ROWS)
    kBinlog,  // BINLOG '…': checked by the guard before it
  };
  Kind kind = Kind::kChange;
  std::string sql;
  std::uint64_t rows = 0;
  std::string schema;  // of the table; empty for kSession and kControl
  std::string table;
};

enum class InverseMode : std::uint8_t { kSql, kExact };

struct InverseOptions {
  InverseMode mode = InverseMode::kSql;
  bool maria = false;                     // the server that will run them
  std::uint32_t batch_rows = 1000;        // rows a statement at most, where keys allow
  std::size_t statement_bytes = 1 << 20;  // of one statement, about; a longer row alone
  // Bytes, as the server that will run them has it; 0: not known. No statement is longer, and a row
  // that alone would be is refused.
  std::size_t max_allowed_packet = 0;
  // Exact mode's guards compare of an updated row only what the change changed, as SQL mode does.
  bool guard_changed_only = false;
  bool server_checks_foreign_keys = true;  // false: SET foreign_key_checks = 0
};

// The shape of a table, or null when nothing more is known than what the log says. What it points
// to must live as long as the Inverse.
using FindShape = std::function<const TableShape*(std::string_view schema, std::string_view table)>;
using TakeStatement = std::function<void(InverseStatement&&)>;

class Inverse {
 public:
  // `format` is the format description of the log (exact mode repeats it).
  Inverse(InverseOptions options, FormatDescription format, FindShape shapes, TakeStatement take);
  ~Inverse();
  Inverse(Inverse&&) noexcept;
  Inverse& operator=(Inverse&&) noexcept;

  // Whether changes of this kind to rows of the table can be undone exactly in the mode; an error
  // says why not, and what to do. Call it for every table and kind of the change first, so that a
  // refusal comes before the first statement. `cascades_logged` as in Rows.
  [[nodiscard]] Result<void> check(const TableMap& table, Rows::Kind kind, bool cascades_logged);

  void begin();  // session settings and START TRANSACTION
  // The inverse of one rows event. REQUIRES: events come newest first.
  // Errors: of the bytes; kIncomplete (row image), kConflict, kOversized (max_allowed_packet).
  [[nodiscard]] Result<void> undo(const EventHeader& header, const Rows& rows);
  [[nodiscard]] Result<void> end();  // what is still in the batch, then COMMIT

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::binlog
