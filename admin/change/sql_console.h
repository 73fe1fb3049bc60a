// One statement that a person sends to a database, and its answer. Outside the change history by
// design: what it writes (admin mode) is in the audit log only.
//
// Read mode is decided twice: by the parser's facts of the text, and by the server, in a READ ONLY
// transaction that is always rolled back. A connection of its own for each statement; blocking. The
// answer is handed on row by row and never kept here: whoever takes the rows slowly slows the
// server down.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "admin/mysql/connection.h"
#include "parser/parse.h"

namespace sluice::change {

struct SqlRequest {
  std::string statement;
  bool admin = false;             // any statement, committed as the server does by itself
  std::uint64_t max_rows = 1000;  // of each result
  std::uint64_t max_bytes = std::uint64_t{16} << 20;  // of all cells
  std::chrono::seconds timeout{30};                   // from the statement's begin to its last row
  // The sink's own, where it waits for somebody: the statement ends then at the latest.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

// Why a result has fewer rows than the server had.
enum class SqlCut : std::uint8_t { kNone, kRows, kBytes };

// Takes an answer as it comes, on the caller's thread. CALL gives several results. Views live until
// the function returns. False: no more is wanted, and the statement is ended.
class SqlSink {
 public:
  virtual ~SqlSink() = default;
  virtual bool columns(std::span<const mysql::Column> columns) = 0;
  virtual bool row(std::span<const mysql::CellView> cells) = 0;
  // A result's end; without columns() before it, the statement gave no rows.
  virtual void done(const mysql::Completion& completion, SqlCut cut) = 0;
};

struct SqlEnd {
  std::chrono::microseconds duration{};
};

struct SqlRefusal {
  enum class Kind : std::uint8_t {
    kNotAllowed,   // not in this mode; nothing was sent
    kServer,       // the server's error
    kUnreachable,  // no connection
    kDeadline,     // it took too long and was ended
    kStopped,      // the sink wanted no more, or it was cancelled
  };
  Kind kind = Kind::kServer;
  std::string detail;  // a sentence
  unsigned number = 0;
  std::string sqlstate;
};

// Why the text may not run in read mode, as a sentence; nothing: it may. Pure.
[[nodiscard]] std::optional<std::string> why_not_read(std::string_view statement,
                                                      const parser::Dialect& dialect);

// A refusal may come after a part of the answer; a result that is open then gets no done().
// `cancellation` may be null.
[[nodiscard]] boost::system::result<SqlEnd, SqlRefusal> run_sql(const mysql::Options& options,
                                                                const SqlRequest& request,
                                                                SqlSink& sink,
                                                                mysql::Cancellation* cancellation);

}  // namespace sluice::change
