// Rows as they are now, for a person who is to judge what became of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/change/rollback_rows.h"
#include "admin/mysql/connection.h"

namespace sluice::change {

// "`id` = 7": the row as the event left it, or as the event found it when it deleted the row, by a
// key without NULLs. Empty: the table has none.
[[nodiscard]] std::string find_by_key(const binlog::Rows& rows, const binlog::Row& row,
                                      const binlog::TableShape* shape);
// "(`id` = 7) OR (`u` = 2)": rows that have one of the unique keys of a row that was deleted.
// Empty: the table has none.
[[nodiscard]] std::string find_in_the_way(const binlog::Rows& rows, const binlog::Row& row,
                                          const binlog::TableShape* shape);

// The cells of the first row that `where` finds, in the columns that the log has; empty: there is
// none. A fault is the connection's, or the server's.
[[nodiscard]] mysql::Result<std::vector<ShownCell>> read_row_now(mysql::Connection& connection,
                                                                 const binlog::TableMap& table,
                                                                 const binlog::TableShape* shape,
                                                                 const std::string& where,
                                                                 const mysql::Limits& limits);

}  // namespace sluice::change
