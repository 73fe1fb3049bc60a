// Pieces of the SQL that finds and writes one row. Inner part of the two inverse writers.
#pragma once

#include <string>
#include <unordered_set>

#include "proxy/binlog/rollback_plan.h"
#include "proxy/binlog/row_image.h"

namespace sluice::binlog {

using Columns = std::vector<std::uint32_t>;  // indexes

// The column's value after the row event: of the after-image, or of the before-image where that
// leaves out what did not change.
[[nodiscard]] const Cell& current(const Row& row, Rows::Kind kind, std::size_t column);

// Literals of a cell of the row, for storing, for finding by key, for comparing bit for bit.
// `lenient` becomes true when a strict sql_mode would refuse to store the value (ENUM's 0).
[[nodiscard]] Result<void> append_stored(std::string& out, const TablePlan& plan, const Cell& cell,
                                         std::size_t column, bool& lenient);
[[nodiscard]] Result<void> append_sought(std::string& out, const TablePlan& plan, const Cell& cell,
                                         std::size_t column);
// A partial JSON cell is made whole with the before-image.
[[nodiscard]] Result<void> append_compared(std::string& out, const TablePlan& plan, const Row& row,
                                           Rows::Kind kind, std::size_t column);

// "`k` = 1 AND `a` <=> 2 …": the row by its key, and the columns of `guarded` compared.
[[nodiscard]] Result<void> append_where(std::string& out, const TablePlan& plan, const Row& row,
                                        Rows::Kind kind, const Columns& guarded);

// "1, 2 …": the row's key, and the columns of `guarded` as they are compared; a row of a derived
// table begins so.
[[nodiscard]] Result<void> append_guard(std::string& out, const TablePlan& plan, const Row& row,
                                        Rows::Kind kind, const Columns& guarded);

// The writable columns that a row event changed, or all of them that are there. What `out` held is
// gone.
void changed_columns(const TablePlan& plan, const Row& row, Columns& out);
void present_columns(const TablePlan& plan, const Row& row, Rows::Kind kind, Columns& out);
// Without the key's columns that `=` compares bit for bit already.
void leave_out_key(const TablePlan& plan, Columns& columns);

// Whether the row's values may stand in a derived table of VALUES: MariaDB 10.11 cuts there what
// has 64 KiB or more, silently.
[[nodiscard]] bool fits_derived(const Row& row, bool maria);

// Rows as a derived table of the batch statements, VALUES in MySQL's form and in MariaDB's:
// opening,
// "(…), (…)" with MySQL's ROW before each, closing.
[[nodiscard]] std::string derived_opening(std::size_t columns, bool maria);
[[nodiscard]] std::string derived_closing(std::size_t columns, bool maria);
[[nodiscard]] std::string_view row_opening(bool maria);
// "`s`.`t`.`k` = v.c0 AND `s`.`t`.`a` <=> v.c1 …", the columns of the derived table in order. The
// table has no alias: a DELETE of several tables knows one only within the default schema.
[[nodiscard]] std::string join_condition(const TablePlan& plan, const Columns& guarded);

// Rows that one statement or one check may hold together: none of them was touched twice.
class TouchedRows {
 public:
  // False: a row with one of these identities is there already, and nothing was added.
  [[nodiscard]] bool add(const TablePlan& plan, const Row& row);
  void clear() { seen_.clear(); }

 private:
  std::unordered_set<std::string> seen_;
};

}  // namespace sluice::binlog
