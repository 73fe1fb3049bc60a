#include "proxy/binlog/reference_guard.h"

#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/rollback_writer.h"
#include "proxy/binlog/row_sql.h"

namespace sluice::binlog {
namespace {

// The log's columns that the foreign key refers to; empty: not all of them are there.
Columns referenced(const TablePlan& plan, const Reference& reference) {
  Columns columns;
  for (const auto wanted : reference.columns) {
    const auto found = std::ranges::find(plan.shape_columns, wanted);
    if (found == plan.shape_columns.end()) return {};
    columns.push_back(static_cast<std::uint32_t>(found - plan.shape_columns.begin()));
  }
  return columns.size() == reference.referring.size() ? columns : Columns{};
}

std::string as_tuple(std::span<const std::string> names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return names.size() == 1 ? list : "(" + list + ")";
}

// The row's key as a tuple; empty: the row has none that can be referred to, or keeps it.
Result<std::string> key_that_goes(const TablePlan& plan, Rows::Kind kind, const Row& row,
                                  const Columns& columns) {
  const bool keeps =
      kind == Rows::Kind::kUpdate && std::ranges::all_of(columns, [&](std::uint32_t column) {
        return !row.after[column].present() || same(row.before[column], row.after[column]);
      });
  if (keeps) return std::string();
  std::vector<std::string> values;
  for (const auto column : columns) {
    const auto& cell = current(row, kind, column);
    if (!cell.present() || cell.is_null()) return std::string();
    std::string value;
    if (auto done = append_sought(value, plan, cell, column); !done) return done.error();
    values.push_back(std::move(value));
  }
  return as_tuple(values);
}

class Guards {
 public:
  Guards(const InverseOptions& options, const TablePlan& plan, const Reference& reference,
         const Columns& columns, std::vector<InverseStatement>& out)
      : options_(options), reference_(reference), out_(out) {
    std::vector<std::string> referring;
    for (const auto& name : reference.referring)
      referring.push_back(sqltext::quote_identifier(name));
    opening_ = "SELECT COUNT(*) FROM " + sqltext::quote_identifier(reference.schema) + "." +
               sqltext::quote_identifier(reference.table) + " WHERE " + as_tuple(referring) +
               " IN (";
    std::vector<std::string> own;
    for (const auto column : columns) own.push_back(plan.names[column]);
    if (!options.server_checks_foreign_keys) {
      std::string list;
      for (const auto& name : own) list += (list.empty() ? "" : ", ") + name;
      second_ = " AND " + as_tuple(referring) + " NOT IN (SELECT " + list + " FROM " + plan.table +
                " WHERE " + as_tuple(own) + " IN (";
      end_ = ")";
    } else if (reference.schema == plan.map->schema && reference.table == plan.map->table) {
      // Rows of the same table that go together may refer to each other.
      second_ = " AND " + as_tuple(own) + " NOT IN (";
    }
  }

  void add(const std::string& key) {
    const std::size_t lists = second_.empty() ? 1 : 2;
    constexpr std::size_t kBetween = 8;  // bytes
    const bool full = (keys_.size() + key.size() + kBetween) * lists + opening_.size() +
                          second_.size() + kClosing.size() >
                      batch_bytes(options_);
    if (full) flush();
    keys_ += (keys_.empty() ? "" : ", ") + key;
  }
  void flush() {
    if (keys_.empty()) return;
    std::string sql = opening_ + keys_ + ")";
    if (!second_.empty()) sql += second_ + keys_ + ")" + end_;
    sql += kClosing;
    out_.push_back(
        {InverseStatement::Kind::kGuard, std::move(sql), 0, reference_.schema, reference_.table});
    keys_.clear();
  }

 private:
  // The rows as they are, and held so; needs no more than SELECT.
  static constexpr std::string_view kClosing = " LOCK IN SHARE MODE";

  const InverseOptions& options_;
  const Reference& reference_;
  std::vector<InverseStatement>& out_;
  std::string opening_;
  std::string second_;  // the condition beside the list, which has it again
  std::string end_;
  std::string keys_;
};

}  // namespace

Result<std::vector<InverseStatement>> reference_guards(const InverseOptions& options,
                                                       const TablePlan& plan, const Rows& rows,
                                                       std::span<const Row> images) {
  std::vector<InverseStatement> out;
  if (plan.shape == nullptr || rows.kind == Rows::Kind::kDelete) return out;
  for (const auto& reference : plan.shape->referenced_by) {
    const bool acts =
        rows.kind == Rows::Kind::kWrite ? reference.delete_changes : reference.update_changes;
    const auto columns =
        acts || !options.server_checks_foreign_keys ? referenced(plan, reference) : Columns{};
    if (columns.empty()) continue;
    Guards guards(options, plan, reference, columns, out);
    for (const auto& row : images) {
      const auto key = key_that_goes(plan, rows.kind, row, columns);
      if (!key) return key.error();
      if (!key->empty()) guards.add(*key);
    }
    guards.flush();
  }
  return out;
}

}  // namespace sluice::binlog
