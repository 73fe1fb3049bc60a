#include "proxy/binlog/script.h"

namespace sluice::binlog {
namespace {

// A statement that fails unless the expression has the value, in both servers and outside of stored
// programs: the subquery is evaluated only then.
std::string check(const std::string& expression, std::uint64_t value) {
  return "SET @sluice_unchanged = IF(" + expression + " = " + std::to_string(value) +
         ", 1, (SELECT 0 UNION SELECT 1));\n";
}

}  // namespace

std::string script_text(const InverseStatement& statement) {
  using enum InverseStatement::Kind;
  switch (statement.kind) {
    case kChange: return statement.sql + ";\n" + check("ROW_COUNT()", statement.rows);
    case kGuard: {
      // The count goes into a variable instead of onto the screen.
      std::string sql = statement.sql;
      sql.insert(sql.find(" FROM "), " INTO @sluice_rows");
      return sql + ";\n" + check("@sluice_rows", statement.rows);
    }
    default: return statement.sql + ";\n";
  }
}

}  // namespace sluice::binlog
