// Rows to INSERT, UPDATE and DELETE. Rows of one table that need the same statement are batched
// where that is safe; else each has its own.
#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/rollback_writer.h"
#include "proxy/binlog/row_sql.h"

namespace sluice::binlog {
namespace {

using Columns = std::vector<std::uint32_t>;

class SqlWriter final : public InverseWriter {
 public:
  SqlWriter(const InverseOptions& options, const TakeStatement& take)
      : options_(options), take_(take) {}

  Result<void> undo(const TablePlan& plan, const EventHeader&, const Rows& rows,
                    std::span<const Row> images) override {
    for (std::size_t i = images.size(); i-- > 0;) {
      const auto& row = images[i];
      Result<void> done{};
      switch (rows.kind) {
        case Rows::Kind::kWrite: done = undo_insert(plan, row); break;
        case Rows::Kind::kUpdate: done = undo_update(plan, row); break;
        case Rows::Kind::kDelete: done = undo_delete(plan, row); break;
      }
      if (!done) return done;
    }
    return {};
  }

  Result<void> flush() override {
    for (auto& batch : batches_) emit_batch(batch);
    batches_.clear();
    touched_.clear();
    return {};
  }

 private:
  // Rows of one table and kind that need the same statement.
  struct Batch {
    const TablePlan* plan = nullptr;
    Rows::Kind kind = Rows::Kind::kWrite;
    Columns columns;
    std::string values;
    std::uint64_t rows = 0;
    bool lenient = false;
  };
  // One statement changes different columns of different rows, when some of them had the new value
  // already: each set of columns has a batch of its own, up to this many.
  static constexpr std::size_t kMaxBatches = 16;

  void emit_batch(const Batch& batch) {
    std::string sql;
    const auto& plan = *batch.plan;
    switch (batch.kind) {
      case Rows::Kind::kDelete:
        sql = "INSERT INTO " + plan.table + " (" + name_list(plan, batch.columns) + ") VALUES " +
              batch.values;
        break;
      case Rows::Kind::kWrite: sql = "DELETE " + plan.table + " FROM " + joined(batch, 0); break;
      case Rows::Kind::kUpdate: sql = batch_update(batch); break;
    }
    emit(plan, std::move(sql), batch.rows, batch.lenient);
  }

  static std::string name_list(const TablePlan& plan, const Columns& columns) {
    std::string out;
    for (const auto column : columns) out += (out.empty() ? "" : ", ") + plan.names[column];
    return out;
  }

  // v ⨝ t: the batch's rows find theirs by key and by what is guarded.
  std::string joined(const Batch& batch, std::size_t stored) const {
    const auto& plan = *batch.plan;
    const std::size_t width = plan.key.size() + batch.columns.size() + stored;
    return derived_table(batch.values, width, options_.maria) + " STRAIGHT_JOIN " + plan.table +
           " ON " + join_condition(plan, batch.columns);
  }

  std::string batch_update(const Batch& batch) const {
    const auto& plan = *batch.plan;
    std::string sql = "UPDATE " + joined(batch, batch.columns.size()) + " SET ";
    const std::string prefix = plan.table + ".";
    std::size_t at = plan.key.size() + batch.columns.size();
    for (const auto column : batch.columns)
      sql += prefix + plan.names[column] + " = v.c" + std::to_string(at++) + ", ";
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (keeps_itself(plan, i, batch.columns))
        sql += prefix + plan.names[i] + " = " + prefix + plan.names[i] + ", ";
    }
    sql.resize(sql.size() - 2);
    return sql;
  }

  // A column that the server would set to the current time unless it is told not to.
  static bool keeps_itself(const TablePlan& plan, std::size_t column, const Columns& changed) {
    return plan.updates_itself[column] && plan.writable[column] &&
           std::ranges::find(changed, column) == changed.end();
  }

  void emit(const TablePlan& plan, std::string sql, std::uint64_t rows, bool lenient) {
    const auto session = [&](const char* text) {
      take_({InverseStatement::Kind::kSession, text, 0, {}, {}});
    };
    if (lenient) session(kLenientMode);
    take_(
        {InverseStatement::Kind::kChange, std::move(sql), rows, plan.map->schema, plan.map->table});
    if (lenient) session(kStrictMode);
  }

  // The batch of this table, kind and columns, ready for one more row.
  [[nodiscard]] Batch& open(const TablePlan& plan, Rows::Kind kind, const Columns& columns) {
    if (!batches_.empty() && (batches_.front().plan != &plan || batches_.front().kind != kind))
      (void)flush();
    auto found = std::ranges::find(batches_, columns, &Batch::columns);
    const bool full = found != batches_.end() ? found->rows >= options_.batch_rows ||
                                                    found->values.size() >= options_.statement_bytes
                                              : batches_.size() >= kMaxBatches;
    if (full) {
      (void)flush();
      found = batches_.end();
    }
    if (found == batches_.end()) {
      Batch batch;
      batch.plan = &plan;
      batch.kind = kind;
      batch.columns = columns;
      batches_.push_back(std::move(batch));
      found = batches_.end() - 1;
    }
    return *found;
  }

  [[nodiscard]] Result<void> undo_delete(const TablePlan& plan, const Row& row) {
    const auto columns = present_columns(plan, row, Rows::Kind::kDelete);
    auto& batch = open(plan, Rows::Kind::kDelete, columns);
    auto& out = batch.values;
    out += batch.rows > 0 ? ", (" : "(";
    const char* separator = "";
    for (const auto column : columns) {
      out += separator;
      separator = ", ";
      if (auto done = append_stored(out, plan, row.before[column], column, batch.lenient); !done)
        return done;
    }
    out += ')';
    ++batch.rows;
    return {};
  }

  [[nodiscard]] Result<void> undo_insert(const TablePlan& plan, const Row& row) {
    const auto guarded = without_key(plan, present_columns(plan, row, Rows::Kind::kWrite));
    const bool batches = options_.batch_rows > 1 && plan.integer_key && plan.shape != nullptr &&
                         !plan.self_reference;
    if (batches) return add_to_batch(plan, row, Rows::Kind::kWrite, guarded, false);
    if (auto flushed = flush(); !flushed) return flushed;
    std::string sql = "DELETE FROM " + plan.table + " WHERE ";
    if (auto done = append_where(sql, plan, row, Rows::Kind::kWrite, guarded); !done) return done;
    if (plan.key.empty()) sql += " LIMIT 1";
    emit(plan, std::move(sql), 1, false);
    return {};
  }

  [[nodiscard]] Result<void> undo_update(const TablePlan& plan, const Row& row) {
    const auto changed = changed_columns(plan, row);
    if (changed.empty()) return {};  // only generated columns differ, and they follow the others
    const bool batches = options_.batch_rows > 1 && plan.integer_key && plan.shape != nullptr &&
                         !plan.self_reference &&
                         std::ranges::none_of(changed, [&](std::uint32_t column) {
                           return plan.fixed_order[column] || std::ranges::count(plan.key, column);
                         });
    if (batches) return add_to_batch(plan, row, Rows::Kind::kUpdate, changed, true);
    if (auto flushed = flush(); !flushed) return flushed;
    bool lenient = false;
    std::string sql = "UPDATE " + plan.table + " SET ";
    for (const auto column : changed) {
      sql += plan.names[column] + " = ";
      if (auto done = append_stored(sql, plan, row.before[column], column, lenient); !done)
        return done;
      sql += ", ";
    }
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (keeps_itself(plan, i, changed)) sql += plan.names[i] + " = " + plan.names[i] + ", ";
    }
    sql.resize(sql.size() - 2);
    sql += " WHERE ";
    const auto guarded = plan.key.empty() ? present_columns(plan, row, Rows::Kind::kUpdate)
                                          : without_key(plan, changed);
    if (auto done = append_where(sql, plan, row, Rows::Kind::kUpdate, guarded); !done) return done;
    if (plan.key.empty()) sql += " LIMIT 1";
    emit(plan, std::move(sql), 1, lenient);
    return {};
  }

  // (key …, guards …, stored …)
  [[nodiscard]] Result<void> add_to_batch(const TablePlan& plan, const Row& row, Rows::Kind kind,
                                          const Columns& columns, bool stores) {
    // A row that is in a batch already must be undone there first.
    if (!batches_.empty() && !touched_.add(plan, row)) {
      if (auto flushed = flush(); !flushed) return flushed;
    }
    auto& batch = open(plan, kind, columns);
    (void)touched_.add(plan, row);
    auto& out = batch.values;
    if (batch.rows > 0) out += ", ";
    out += row_opening(options_.maria);
    const char* separator = "";
    for (const auto column : plan.key) {
      out += separator;
      separator = ", ";
      if (auto done = append_sought(out, plan, current(row, kind, column), column); !done)
        return done;
    }
    for (const auto column : columns) {
      out += ", ";
      if (auto done = append_compared(out, plan, row, kind, column); !done) return done;
    }
    for (const auto column : columns) {
      if (!stores) break;
      out += ", ";
      if (auto done = append_stored(out, plan, row.before[column], column, batch.lenient); !done)
        return done;
    }
    out += ')';
    ++batch.rows;
    return {};
  }

  const InverseOptions& options_;
  const TakeStatement& take_;
  std::vector<Batch> batches_;
  TouchedRows touched_;
};

}  // namespace

std::unique_ptr<InverseWriter> make_sql_writer(const InverseOptions& options,
                                               const TakeStatement& take) {
  return std::make_unique<SqlWriter>(options, take);
}

}  // namespace sluice::binlog
