// One statement that a person sends to a database, and its answer. Outside the change history by
// design: what it writes (admin mode) is in the audit log only.
//
// Read mode is decided twice: by the parser's facts of the text, and by the server, in a READ ONLY
// transaction that is always rolled back. A connection of its own for each statement; blocking.
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
  std::chrono::seconds timeout{30};
};

struct SqlResult {
  mysql::ResultSet set;
  bool truncated = false;  // there were more rows
};

struct SqlAnswer {
  std::vector<SqlResult> results;  // CALL gives several; never empty
  std::chrono::microseconds duration{};
};

struct SqlRefusal {
  enum class Kind : std::uint8_t {
    kNotAllowed,   // not in this mode; nothing was sent
    kServer,       // the server's error
    kUnreachable,  // no connection
    kDeadline,     // it took too long and was ended
  };
  Kind kind = Kind::kServer;
  std::string detail;  // a sentence
  unsigned number = 0;
  std::string sqlstate;
};

// Why the text may not run in read mode, as a sentence; nothing: it may. Pure.
[[nodiscard]] std::optional<std::string> why_not_read(std::string_view statement,
                                                      const parser::Dialect& dialect);

[[nodiscard]] boost::system::result<SqlAnswer, SqlRefusal> run_sql(const mysql::Options& options,
                                                                   const SqlRequest& request);

}  // namespace sluice::change
