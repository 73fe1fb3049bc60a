// What is known of one table of a change, put together once: the log's table map and the shape.
// Inner part of rollback.cpp; nobody else includes this.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/rollback.h"
#include "proxy/binlog/table_map.h"
#include "proxy/binlog/table_shape.h"

namespace sluice::binlog {

struct TablePlan {
  std::shared_ptr<const TableMap> map;
  const TableShape* shape = nullptr;         // null: only the log is known
  std::string table;                         // `schema`.`table`
  std::vector<Column> columns;               // the log's, completed from the shape
  std::vector<std::string> names;            // quoted
  std::vector<std::string> compared;         // what `<=>` compares bit for bit of each column
  std::vector<CharsetInfo> charsets;         // of each column's collation
  std::vector<std::uint32_t> shape_columns;  // of each column, its place in the shape
  std::vector<bool> writable;                // neither generated nor a row period
  std::vector<bool> updates_itself;          // ON UPDATE CURRENT_TIMESTAMP, or may be
  std::vector<bool> fixed_order;             // in a unique or foreign key: rows must go one by one
  std::vector<std::uint32_t> key;            // what finds a row; empty: all its columns
  bool integer_key = false;     // the key's columns are integers: rows can go in batches
  bool self_reference = false;  // its rows may refer to each other
};

// Errors: kIncomplete (names, character sets, signs not known), kConflict (the table was altered
// since).
[[nodiscard]] Result<TablePlan> make_plan(std::shared_ptr<const TableMap> map,
                                          const TableShape* shape, const InverseOptions& options);

}  // namespace sluice::binlog
