// What the store's files share: values to cells and back, and the one place that runs a statement.
#pragma once

#include <initializer_list>

#include "admin/store/store.h"

namespace sluice::store {

[[nodiscard]] inline std::int64_t to_cell(Time time) {
  return time.time_since_epoch().count();
}
[[nodiscard]] inline Time to_time(const Cell& cell) {
  return Time(std::chrono::microseconds(integer(cell)));
}

[[nodiscard]] inline Result<Rows> run(Database& database, std::string_view sql,
                                      std::initializer_list<Cell> values = {}) {
  return database.run(sql, std::span<const Cell>(values.begin(), values.size()));
}

// The only row; kNotFound when there is none.
[[nodiscard]] inline Result<Row> run_one(Database& database, std::string_view sql,
                                         std::initializer_list<Cell> values = {}) {
  auto rows = run(database, sql, values);
  if (!rows) return rows.error();
  if (rows->rows.empty()) return Fault{Failure::kNotFound, "there is no such entry"};
  return std::move(rows->rows.front());
}

template <class Value, class Read>
[[nodiscard]] Result<std::vector<Value>> read_all(const Result<Rows>& rows, Read read) {
  if (!rows) return rows.error();
  std::vector<Value> values;
  for (const Row& row : rows->rows) values.push_back(read(row));
  return values;
}

}  // namespace sluice::store
