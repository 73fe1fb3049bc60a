#include "proxy/binlog/script.h"

#include <ostream>

namespace sluice::binlog {
namespace {

// A statement that fails unless the expression has the value, in both servers and outside of stored
// programs: the subquery is evaluated only then.
std::string check(const std::string& expression, std::uint64_t value) {
  return "SET @sluice_unchanged = IF(" + expression + " = " + std::to_string(value) +
         ", 1, (SELECT 0 UNION SELECT 1));\n";
}

}  // namespace

void write_script(std::ostream& out, const InverseStatement& statement) {
  using enum InverseStatement::Kind;
  const std::string_view sql = statement.sql;
  switch (statement.kind) {
    case kChange: out << sql << ";\n" << check("ROW_COUNT()", statement.rows); return;
    case kGuard: {
      // The count goes into a variable instead of onto the screen.
      const auto from = sql.find(" FROM ");
      out << sql.substr(0, from) << " INTO @sluice_rows" << sql.substr(from) << ";\n"
          << check("@sluice_rows", statement.rows);
      return;
    }
    default: out << sql << ";\n";
  }
}

}  // namespace sluice::binlog
