// Rows to INSERT, UPDATE and DELETE. Rows of one table that need the same statement are batched
// where that is safe; else each has its own.
#include <algorithm>

#include "parser/sqltext/quote.h"
#include "proxy/binlog/rollback_writer.h"
#include "proxy/binlog/row_sql.h"

namespace sluice::binlog {
namespace {

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
    Result<void> done{};
    for (auto& batch : batches_) {
      if (done) done = emit_batch(batch);
    }
    batches_.clear();
    touched_.clear();
    return done;
  }

 private:
  // Rows of one table and kind that need the same statement.
  struct Batch {
    const TablePlan* plan = nullptr;
    Rows::Kind kind = Rows::Kind::kWrite;
    Columns columns;
    std::string sql;      // as far as it is written: up to the last row
    std::string closing;  // what comes behind
    std::uint64_t rows = 0;
    bool lenient = false;
  };
  // One statement changes different columns of different rows, when some of them had the new value
  // already: each set of columns has a batch of its own, up to this many.
  static constexpr std::size_t kMaxBatches = 16;
  static constexpr std::size_t kSeparator = 2;  // bytes between rows

  // Columns of the derived table that a batch joins: key, guards, and what an update stores.
  static std::size_t width(const Batch& batch) {
    const std::size_t each = batch.kind == Rows::Kind::kUpdate ? 2 : 1;
    return batch.plan->key.size() + each * batch.columns.size();
  }

  [[nodiscard]] std::string opening(const Batch& batch) const {
    const auto& plan = *batch.plan;
    switch (batch.kind) {
      case Rows::Kind::kDelete:
        return "INSERT INTO " + plan.table + " (" + name_list(plan, batch.columns) + ") VALUES ";
      case Rows::Kind::kWrite:
        return "DELETE " + plan.table + " FROM " + derived_opening(width(batch), options_.maria);
      default: return "UPDATE " + derived_opening(width(batch), options_.maria);
    }
  }

  [[nodiscard]] std::string closing(const Batch& batch) const {
    const auto& plan = *batch.plan;
    if (batch.kind == Rows::Kind::kDelete) return {};
    std::string sql = derived_closing(width(batch), options_.maria);
    sql += " STRAIGHT_JOIN " + plan.table + " ON " + join_condition(plan, batch.columns);
    if (batch.kind == Rows::Kind::kUpdate) append_set(sql, batch);
    return sql;
  }

  [[nodiscard]] Result<void> emit_batch(Batch& batch) {
    batch.sql += batch.closing;
    last_size_ = batch.sql.size();
    return emit(*batch.plan, std::move(batch.sql), batch.rows, batch.lenient);
  }

  static std::string name_list(const TablePlan& plan, const Columns& columns) {
    std::string out;
    for (const auto column : columns) out += (out.empty() ? "" : ", ") + plan.names[column];
    return out;
  }

  static void append_set(std::string& sql, const Batch& batch) {
    const auto& plan = *batch.plan;
    sql += " SET ";
    const std::string prefix = plan.table + ".";
    std::size_t at = plan.key.size() + batch.columns.size();
    for (const auto column : batch.columns)
      sql += prefix + plan.names[column] + " = v.c" + std::to_string(at++) + ", ";
    for (std::size_t i = 0; i < plan.columns.size(); ++i) {
      if (keeps_itself(plan, i, batch.columns))
        sql += prefix + plan.names[i] + " = " + prefix + plan.names[i] + ", ";
    }
    sql.resize(sql.size() - 2);
  }

  // A column that the server would set to the current time unless it is told not to.
  static bool keeps_itself(const TablePlan& plan, std::size_t column, const Columns& changed) {
    return plan.updates_itself[column] && plan.writable[column] &&
           std::ranges::find(changed, column) == changed.end();
  }

  [[nodiscard]] Result<void> emit(const TablePlan& plan, std::string sql, std::uint64_t rows,
                                  bool lenient) {
    if (auto checked = check_length(options_, plan, sql.size()); !checked) return checked;
    const auto session = [&](const char* text) {
      take_({InverseStatement::Kind::kSession, text, 0, {}, {}});
    };
    if (lenient) session(kLenientMode);
    take_(
        {InverseStatement::Kind::kChange, std::move(sql), rows, plan.map->schema, plan.map->table});
    if (lenient) session(kStrictMode);
    return {};
  }

  [[nodiscard]] bool has_room(const Batch& batch, std::size_t row_bytes) const {
    return batch.rows < options_.batch_rows &&
           batch.sql.size() + row_bytes + batch.closing.size() + kSeparator <=
               batch_bytes(options_);
  }

  // The batch of this table, kind and columns, with room for a row of that many bytes.
  [[nodiscard]] Result<Batch*> open(const TablePlan& plan, Rows::Kind kind, const Columns& columns,
                                    std::size_t row_bytes) {
    if (!batches_.empty() && (batches_.front().plan != &plan || batches_.front().kind != kind)) {
      if (auto flushed = flush(); !flushed) return flushed.error();
    }
    auto found = std::ranges::find(batches_, columns, &Batch::columns);
    const bool full =
        found != batches_.end() ? !has_room(*found, row_bytes) : batches_.size() >= kMaxBatches;
    if (full) {
      if (auto flushed = flush(); !flushed) return flushed.error();
      found = batches_.end();
    }
    if (found == batches_.end()) {
      Batch batch;
      batch.plan = &plan;
      batch.kind = kind;
      batch.columns = columns;
      batch.sql.reserve(last_size_);
      batch.sql = opening(batch);
      batch.closing = closing(batch);
      batches_.push_back(std::move(batch));
      found = batches_.end() - 1;
    }
    return &*found;
  }

  [[nodiscard]] Result<void> undo_delete(const TablePlan& plan, const Row& row) {
    present_columns(plan, row, Rows::Kind::kDelete, columns_);
    bool lenient = false;
    row_ = "(";
    const char* separator = "";
    for (const auto column : columns_) {
      row_ += separator;
      separator = ", ";
      if (auto done = append_stored(row_, plan, row.before[column], column, lenient); !done)
        return done;
    }
    row_ += ')';
    const auto batch = open(plan, Rows::Kind::kDelete, columns_, row_.size());
    if (!batch) return batch.error();
    append_row(**batch, lenient);
    return {};
  }

  void append_row(Batch& batch, bool lenient) const {
    if (batch.rows > 0) batch.sql += ", ";
    batch.sql += row_;
    batch.lenient |= lenient;
    ++batch.rows;
  }

  [[nodiscard]] Result<void> undo_insert(const TablePlan& plan, const Row& row) {
    present_columns(plan, row, Rows::Kind::kWrite, columns_);
    leave_out_key(plan, columns_);
    const bool batches = options_.batch_rows > 1 && plan.integer_key && plan.shape != nullptr &&
                         !plan.self_reference && fits_derived(row, options_.maria);
    if (batches) return add_to_batch(plan, row, Rows::Kind::kWrite, columns_, false);
    if (auto flushed = flush(); !flushed) return flushed;
    std::string sql = "DELETE FROM " + plan.table + " WHERE ";
    if (auto done = append_where(sql, plan, row, Rows::Kind::kWrite, columns_); !done) return done;
    if (plan.key.empty()) sql += " LIMIT 1";
    return emit(plan, std::move(sql), 1, false);
  }

  [[nodiscard]] Result<void> undo_update(const TablePlan& plan, const Row& row) {
    changed_columns(plan, row, columns_);
    const auto& changed = columns_;
    if (changed.empty()) return {};  // only generated columns differ, and they follow the others
    const bool batches = options_.batch_rows > 1 && plan.integer_key && plan.shape != nullptr &&
                         !plan.self_reference && fits_derived(row, options_.maria) &&
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
    if (plan.key.empty()) present_columns(plan, row, Rows::Kind::kUpdate, columns_);
    leave_out_key(plan, columns_);
    if (auto done = append_where(sql, plan, row, Rows::Kind::kUpdate, columns_); !done) return done;
    if (plan.key.empty()) sql += " LIMIT 1";
    return emit(plan, std::move(sql), 1, lenient);
  }

  // (key …, guards …, stored …)
  [[nodiscard]] Result<void> add_to_batch(const TablePlan& plan, const Row& row, Rows::Kind kind,
                                          const Columns& columns, bool stores) {
    // A row that is in a batch already must be undone there first.
    if (!batches_.empty() && !touched_.add(plan, row)) {
      if (auto flushed = flush(); !flushed) return flushed;
    }
    bool lenient = false;
    row_ = row_opening(options_.maria);
    if (auto done = append_guard(row_, plan, row, kind, columns); !done) return done;
    for (const auto column : columns) {
      if (!stores) break;
      row_ += ", ";
      if (auto done = append_stored(row_, plan, row.before[column], column, lenient); !done)
        return done;
    }
    row_ += ')';
    const auto batch = open(plan, kind, columns, row_.size());
    if (!batch) return batch.error();
    (void)touched_.add(plan, row);
    append_row(**batch, lenient);
    return {};
  }

  const InverseOptions& options_;
  const TakeStatement& take_;
  std::vector<Batch> batches_;
  Columns columns_;            // of the row at hand
  std::string row_;            // its text
  std::size_t last_size_ = 0;  // of a batch's statement: the next is about as long
  TouchedRows touched_;
};

}  // namespace

std::unique_ptr<InverseWriter> make_sql_writer(const InverseOptions& options,
                                               const TakeStatement& take) {
  return std::make_unique<SqlWriter>(options, take);
}

}  // namespace sluice::binlog
