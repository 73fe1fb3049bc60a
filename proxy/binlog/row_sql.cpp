#include "proxy/binlog/row_sql.h"

#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/literal.h"
#include "proxy/binlog/value.h"

namespace sluice::binlog {
namespace {

Error in_column(const TablePlan& plan, std::size_t column, const Error& error) {
  return {error.fault, plan.table + "." + plan.names[column] + ": " + error.what};
}

// The column as something that compares bit for bit. Without a prefix, `name` alone.
void append_side(std::string& out, const TablePlan& plan, std::size_t column,
                 std::string_view prefix) {
  append_comparable(out, std::string(prefix) + plan.names[column], plan.columns[column]);
}

// What tells a row from others: its key's bytes, or those of all columns but JSON, of which an
// image may hold a difference only. Two rows that are taken for one only end a batch early.
std::string identity(const TablePlan& plan, const Image& image) {
  std::string out;
  const auto add = [&](const Cell& cell) {
    out += static_cast<char>(cell.state);
    out += std::to_string(cell.bytes.size()) + ':';
    out += wire::as_text(cell.bytes);
  };
  for (const auto column : plan.key) add(image[column]);
  for (std::size_t i = 0; plan.key.empty() && i < image.size(); ++i) {
    if (plan.columns[i].type != ColumnType::kJson) add(image[i]);
  }
  return out;
}

}  // namespace

const Cell& current(const Row& row, Rows::Kind kind, std::size_t column) {
  if (kind == Rows::Kind::kDelete) return row.before[column];
  if (kind == Rows::Kind::kWrite || row.after[column].present()) return row.after[column];
  return row.before[column];
}

Result<void> append_stored(std::string& out, const TablePlan& plan, const Cell& cell,
                           std::size_t column, bool& lenient) {
  const auto value = decode_value(plan.columns[column], cell);
  if (!value) return in_column(plan, column, value.error());
  if (const auto* index = std::get_if<EnumIndex>(&*value)) lenient |= index->index == 0;
  if (auto done = append_literal(out, *value); !done) return in_column(plan, column, done.error());
  return {};
}

Result<void> append_sought(std::string& out, const TablePlan& plan, const Cell& cell,
                           std::size_t column) {
  const auto value = decode_value(plan.columns[column], cell);
  if (!value) return in_column(plan, column, value.error());
  if (auto done = append_key_literal(out, *value); !done)
    return in_column(plan, column, done.error());
  return {};
}

Result<void> append_compared(std::string& out, const TablePlan& plan, const Row& row,
                             Rows::Kind kind, std::size_t column) {
  const auto& cell = current(row, kind, column);
  if (cell.state == Cell::State::kPartial) {
    auto json = decode_json(row.before[column].bytes);
    if (!json) return in_column(plan, column, json.error());
    if (const auto applied = apply_json_diffs(*json, cell.bytes); !applied)
      return in_column(plan, column, applied.error());
    std::string text;
    append_json_text(*json, text);
    out += sqltext::quote_string(text);
    return {};
  }
  const auto value = decode_value(plan.columns[column], cell);
  if (!value) return in_column(plan, column, value.error());
  if (auto done = append_comparand(out, *value); !done)
    return in_column(plan, column, done.error());
  return {};
}

Result<void> append_where(std::string& out, const TablePlan& plan, const Row& row, Rows::Kind kind,
                          const std::vector<std::uint32_t>& guarded) {
  bool first = true;
  const auto next = [&] {
    if (!first) out += " AND ";
    first = false;
  };
  for (const auto column : plan.key) {
    next();
    out += plan.names[column] + " = ";
    if (auto done = append_sought(out, plan, current(row, kind, column), column); !done)
      return done;
  }
  for (const auto column : guarded) {
    next();
    append_side(out, plan, column, "");
    out += " <=> ";
    if (auto done = append_compared(out, plan, row, kind, column); !done) return done;
  }
  return {};
}

std::vector<std::uint32_t> changed_columns(const TablePlan& plan, const Row& row) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (!plan.writable[i] || !row.after[i].present()) continue;
    if (!same(row.before[i], row.after[i])) out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

std::vector<std::uint32_t> present_columns(const TablePlan& plan, const Row& row, Rows::Kind kind) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.writable[i] && current(row, kind, i).present())
      out.push_back(static_cast<std::uint32_t>(i));
  }
  return out;
}

std::vector<std::uint32_t> without_key(const TablePlan& plan, std::vector<std::uint32_t> columns) {
  if (plan.integer_key) {
    std::erase_if(columns, [&](std::uint32_t column) {
      return std::ranges::find(plan.key, column) != plan.key.end();
    });
  }
  return columns;
}

std::string_view row_opening(bool maria) {
  return maria ? "(" : "ROW(";
}

std::string derived_table(const std::string& values, std::size_t columns, bool maria) {
  std::string names;
  for (std::size_t i = 0; i < columns; ++i) names += (i > 0 ? ", c" : "c") + std::to_string(i);
  if (maria) return "(WITH w(" + names + ") AS (VALUES " + values + ") SELECT * FROM w) AS v";
  return "(VALUES " + values + ") AS v(" + names + ")";
}

std::string join_condition(const TablePlan& plan, const std::vector<std::uint32_t>& guarded) {
  const std::string prefix = plan.table + ".";
  std::string out;
  std::size_t at = 0;
  for (const auto column : plan.key) {
    if (at > 0) out += " AND ";
    out += prefix + plan.names[column] + " = v.c" + std::to_string(at++);
  }
  for (const auto column : guarded) {
    if (at > 0) out += " AND ";
    append_side(out, plan, column, prefix);
    out += " <=> v.c" + std::to_string(at++);
  }
  return out;
}

bool TouchedRows::add(const TablePlan& plan, const Row& row) {
  std::string before;
  std::string after;
  if (!row.before.empty()) before = identity(plan, row.before);
  if (!row.after.empty()) after = identity(plan, row.after);
  if ((!row.before.empty() && seen_.contains(before)) ||
      (!row.after.empty() && seen_.contains(after)))
    return false;
  if (!row.before.empty()) seen_.insert(std::move(before));
  if (!row.after.empty()) seen_.insert(std::move(after));
  return true;
}

}  // namespace sluice::binlog
