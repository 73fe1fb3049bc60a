#include "proxy/binlog/row_sql.h"

#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/digits.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/literal.h"

namespace sluice::binlog {
namespace {

Error in_column(const TablePlan& plan, std::size_t column, const Error& error) {
  return {error.fault, plan.table + "." + plan.names[column] + ": " + error.what};
}

// What tells a row from others: its key's bytes, or those of all columns but JSON, of which an
// image may hold a difference only. Two rows that are taken for one only end a batch early.
std::string identity(const TablePlan& plan, const Image& image) {
  std::string out;
  const auto add = [&](const Cell& cell) {
    out += static_cast<char>(cell.state);
    append_integer(out, cell.bytes.size());
    out += ':';
    out += wire::as_text(cell.bytes);
  };
  for (const auto column : plan.key) add(image[column]);
  for (std::size_t i = 0; plan.key.empty() && i < image.size(); ++i) {
    if (plan.columns[i].type != ColumnType::kJson) add(image[i]);
  }
  return out;
}

bool same_key(const TablePlan& plan, const Row& row) {
  return !plan.key.empty() && std::ranges::all_of(plan.key, [&](std::uint32_t column) {
    return same(row.before[column], row.after[column]);
  });
}

Result<void> append_cell(std::string& out, const TablePlan& plan, const Cell& cell,
                         std::size_t column, LiteralUse use) {
  auto done = append_literal(out, plan.columns[column], plan.charsets[column], cell, use);
  if (!done) return in_column(plan, column, done.error());
  return {};
}

}  // namespace

const Cell& current(const Row& row, Rows::Kind kind, std::size_t column) {
  if (kind == Rows::Kind::kDelete) return row.before[column];
  if (kind == Rows::Kind::kWrite || row.after[column].present()) return row.after[column];
  return row.before[column];
}

Result<void> append_stored(std::string& out, const TablePlan& plan, const Cell& cell,
                           std::size_t column, bool& lenient) {
  if (plan.columns[column].type == ColumnType::kEnum && !cell.is_null())
    lenient |= std::ranges::all_of(cell.bytes, [](std::uint8_t byte) { return byte == 0; });
  return append_cell(out, plan, cell, column, LiteralUse::kStored);
}

Result<void> append_sought(std::string& out, const TablePlan& plan, const Cell& cell,
                           std::size_t column) {
  return append_cell(out, plan, cell, column, LiteralUse::kSought);
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
  return append_cell(out, plan, cell, column, LiteralUse::kCompared);
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
    out += plan.compared[column];
    out += " <=> ";
    if (auto done = append_compared(out, plan, row, kind, column); !done) return done;
  }
  return {};
}

Result<void> append_guard(std::string& out, const TablePlan& plan, const Row& row, Rows::Kind kind,
                          const Columns& guarded) {
  const char* separator = "";
  for (const auto column : plan.key) {
    out += separator;
    separator = ", ";
    if (auto done = append_sought(out, plan, current(row, kind, column), column); !done)
      return done;
  }
  for (const auto column : guarded) {
    out += ", ";
    if (auto done = append_compared(out, plan, row, kind, column); !done) return done;
  }
  return {};
}

void changed_columns(const TablePlan& plan, const Row& row, Columns& out) {
  out.clear();
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (!plan.writable[i] || !row.after[i].present()) continue;
    if (!same(row.before[i], row.after[i])) out.push_back(static_cast<std::uint32_t>(i));
  }
}

void present_columns(const TablePlan& plan, const Row& row, Rows::Kind kind, Columns& out) {
  out.clear();
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.writable[i] && current(row, kind, i).present())
      out.push_back(static_cast<std::uint32_t>(i));
  }
}

void leave_out_key(const TablePlan& plan, Columns& columns) {
  if (!plan.integer_key) return;
  std::erase_if(columns, [&](std::uint32_t column) {
    return std::ranges::find(plan.key, column) != plan.key.end();
  });
}

bool fits_derived(const Row& row, bool maria) {
  // Bytes of the column's own character set, of which a literal may have four times as many.
  constexpr std::size_t kLongest = 15'000;
  const auto is_short = [](const Cell& cell) { return cell.bytes.size() <= kLongest; };
  return !maria ||
         (std::ranges::all_of(row.before, is_short) && std::ranges::all_of(row.after, is_short));
}

std::string_view row_opening(bool maria) {
  return maria ? "(" : "ROW(";
}

namespace {
std::string derived_names(std::size_t columns) {
  std::string names;
  for (std::size_t i = 0; i < columns; ++i) names += (i > 0 ? ", c" : "c") + std::to_string(i);
  return names;
}
}  // namespace

std::string derived_opening(std::size_t columns, bool maria) {
  return maria ? "(WITH w(" + derived_names(columns) + ") AS (VALUES " : "(VALUES ";
}

std::string derived_closing(std::size_t columns, bool maria) {
  return maria ? ") SELECT * FROM w) AS v" : ") AS v(" + derived_names(columns) + ")";
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
    append_comparable(out, prefix + plan.names[column], plan.columns[column]);
    out += " <=> v.c" + std::to_string(at++);
  }
  return out;
}

bool TouchedRows::add(const TablePlan& plan, const Row& row) {
  std::string before;
  std::string after;
  bool has_before = !row.before.empty();
  const bool has_after = !row.after.empty();
  if (has_before && has_after && same_key(plan, row)) has_before = false;  // one of two alike
  if (has_before) before = identity(plan, row.before);
  if (has_after) after = identity(plan, row.after);
  if ((has_before && seen_.contains(before)) || (has_after && seen_.contains(after))) return false;
  if (has_before) seen_.insert(std::move(before));
  if (has_after) seen_.insert(std::move(after));
  return true;
}

}  // namespace sluice::binlog
