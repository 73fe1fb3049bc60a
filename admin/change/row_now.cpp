#include "admin/change/row_now.h"

#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using binlog::Cell;
using binlog::ColumnType;

// Empty: nobody says it.
std::string name_of(const binlog::TableMap& table, const binlog::TableShape* shape,
                    std::size_t column) {
  if (!table.columns[column].name.empty()) return table.columns[column].name;
  const bool fits = shape != nullptr && shape->columns.size() == table.columns.size();
  return fits ? shape->columns[column].name : "";
}

// "`a` = 1 AND `b` = 2"; empty: one of them is NULL or not there.
template <class Columns, class CellAt>
std::string equal(const binlog::TableMap& table, const binlog::TableShape* shape,
                  const Columns& columns, CellAt cell_at) {
  std::string where;
  for (const auto at : columns) {
    const Cell* cell = cell_at(at);
    const auto name = name_of(table, shape, at);
    if (cell == nullptr || !cell->present() || cell->is_null() || name.empty()) return {};
    static const binlog::ColumnShape kUnknown;
    const bool shaped = shape != nullptr && at < shape->columns.size();
    const auto literal =
        key_literal(table.columns[at], shaped ? shape->columns[at] : kUnknown, *cell);
    if (!literal) return {};
    where += (where.empty() ? "" : " AND ") + sqltext::quote_identifier(name) + " = " + *literal;
  }
  return where;
}

// A value that the text protocol would cut or hide is asked for as a number.
std::string expression(const std::string& name, ColumnType type) {
  const auto quoted = sqltext::quote_identifier(name);
  if (type == ColumnType::kFloat) return quoted + " + 0e0";
  if (type == ColumnType::kBit) return quoted + " + 0";
  return quoted;
}

}  // namespace

std::string find_by_key(const binlog::Rows& rows, const binlog::Row& row,
                        const binlog::TableShape* shape) {
  const auto identity = identity_of(*rows.table, shape);
  if (!identity.unique) return {};
  return equal(*rows.table, shape, identity.columns, [&](std::size_t at) -> const Cell* {
    if (at < row.after.size() && row.after[at].present()) return &row.after[at];
    return at < row.before.size() ? &row.before[at] : nullptr;
  });
}

std::string find_in_the_way(const binlog::Rows& rows, const binlog::Row& row,
                            const binlog::TableShape* shape) {
  if (shape == nullptr) return {};
  std::string where;
  for (const auto& key : shape->unique_keys) {
    if (key.prefix || key.functional) continue;
    // NULLs are in nobody's way.
    const auto part = equal(*rows.table, shape, key.columns, [&](std::size_t at) {
      return at < row.before.size() ? &row.before[at] : nullptr;
    });
    if (!part.empty()) where += (where.empty() ? "(" : " OR (") + part + ")";
  }
  return where;
}

mysql::Result<std::vector<ShownCell>> read_row_now(mysql::Connection& connection,
                                                   const binlog::TableMap& table,
                                                   const binlog::TableShape* shape,
                                                   const std::string& where,
                                                   const mysql::Limits& limits) {
  std::string sql;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto name = name_of(table, shape, i);
    if (name.empty()) continue;
    sql += (sql.empty() ? "SELECT " : ", ") + expression(name, table.columns[i].type);
    names.push_back(name);
  }
  std::vector<ShownCell> cells;
  if (names.empty()) return cells;
  sql += " FROM " + sqltext::quote_identifier(table.schema) + "." +
         sqltext::quote_identifier(table.table) + " WHERE " + where + " LIMIT 1";
  const auto results = connection.query(sql, limits);
  if (!results) return results.error();
  const auto& result = results->at(0);
  if (result.rows.empty()) return cells;
  const auto& row = result.rows.front();
  for (std::size_t i = 0; i < row.size() && i < names.size(); ++i) {
    ShownCell cell;
    cell.column = names[i];
    if (row[i])
      cell.value = result.columns[i].is_binary() ? show_bytes(*row[i]) : show_text(*row[i]);
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace sluice::change
