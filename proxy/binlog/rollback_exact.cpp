// Rows events reversed, in BINLOG statements:
//
//   BINLOG 'format description'                     once
//   SELECT COUNT(*) …  (rows that still hold the after-image, locked)      before each of
//   BINLOG 'table map, rows …, rows with STMT_END'
#include "proxy/binlog/encode.h"
#include "proxy/binlog/rollback_writer.h"
#include "proxy/binlog/row_sql.h"

namespace sluice::binlog {
namespace {

constexpr std::size_t kTableIdAt = kEventHeaderSize;
constexpr std::size_t kFlagsAt = kTableIdAt + 6;
constexpr std::size_t kRowsAGuard = 100;  // of those that are written out as OR
constexpr std::string_view kOpening = "BINLOG '";

// Bytes of events that make a BINLOG statement of `bytes`: base64 writes four for three.
constexpr std::size_t events_in(std::size_t bytes) {
  return bytes / 4 * 3;
}
// More bytes than a table map and the header of a rows event have.
std::size_t events_overhead(const TableMap& map) {
  constexpr std::size_t kHeaders = 128;
  constexpr std::size_t kAColumn = 8;  // type, metadata, bits
  return kHeaders + map.schema.size() + map.table.size() + map.columns.size() * kAColumn +
         map.optional_metadata.size();
}

class ExactWriter final : public InverseWriter {
 public:
  ExactWriter(const InverseOptions& options, const FormatDescription& format,
              const TakeStatement& take)
      : options_(options), format_(format), take_(take) {}

  void begin() override {
    wire::Buffer bytes;
    encode_format_description(format_, EventHeader{}, bytes);
    take_({InverseStatement::Kind::kSession, binlog_statement(bytes), 0, {}, {}});
    // The format description makes the session wait for a GTID of the log's own.
    if (!options_.maria)
      take_({InverseStatement::Kind::kSession, "SET @@SESSION.GTID_NEXT = 'AUTOMATIC'", 0, {}, {}});
  }

  Result<void> undo(const TablePlan& plan, const EventHeader& header, const Rows& rows,
                    std::span<const Row> images) override {
    if (auto checked = check_images(plan, rows); !checked) return checked;
    const bool same = plan_ == &plan && kind_ == rows.kind && rows_ < options_.batch_rows &&
                      events_.size() + guard_.size() < options_.statement_bytes;
    if (!same) {
      if (auto flushed = flush(); !flushed) return flushed;
    }
    // A row that was changed twice has two after-images, which cannot be checked together: what is
    // gathered ends before it.
    // And before what would make the statement too long.
    const std::size_t limit = events_in(batch_bytes(options_));
    const std::size_t overhead = events_overhead(*plan.map);
    std::size_t end = images.size();
    std::size_t bytes = overhead;
    for (std::size_t i = end; i-- > 0;) {
      const std::size_t size = images[i].before_bytes.size() + images[i].after_bytes.size();
      bytes += size;
      const bool fits = events_.size() + bytes <= limit || (rows_ == 0 && i + 1 == end);
      if (fits && touched_.add(plan, images[i])) continue;
      if (i + 1 < end) {
        if (auto added = add(plan, header, rows, images.subspan(i + 1, end - i - 1)); !added)
          return added;
      }
      if (auto flushed = flush(); !flushed) return flushed;
      touched_.clear();
      (void)touched_.add(plan, images[i]);
      end = i + 1;
      bytes = overhead + size;
    }
    return add(plan, header, rows, images.first(end));
  }

  Result<void> flush() override {
    if (rows_ == 0) return {};
    if (auto guarded = end_guard(); !guarded) return guarded;
    // The statement ends with its last event.
    events_[last_event_ + kFlagsAt] |= 1;
    seal_event(events_, last_event_);
    auto sql = binlog_statement(events_);
    if (auto checked = check_length(options_, *plan_, sql.size()); !checked) return checked;
    take_({InverseStatement::Kind::kBinlog, std::move(sql), rows_, plan_->map->schema,
           plan_->map->table});
    events_.clear();
    touched_.clear();
    rows_ = 0;
    plan_ = nullptr;
    return {};
  }

 private:
  static std::string binlog_statement(wire::Bytes events) {
    std::string sql(kOpening);
    append_base64(sql, events);
    sql += '\'';
    return sql;
  }

  static Result<void> check_images(const TablePlan& plan, const Rows& rows) {
    for (const auto* bits : {&rows.before, &rows.after}) {
      for (const bool present : *bits) {
        if (present) continue;
        return Error{Fault::kIncomplete,
                     "the log does not hold whole rows of " + plan.table +
                         " (binlog_row_image is not FULL): what was there before is not in it"};
      }
    }
    return {};
  }

  Result<void> add(const TablePlan& plan, const EventHeader& header, const Rows& rows,
                   std::span<const Row> images) {
    if (rows_ == 0) {
      plan_ = &plan;
      kind_ = rows.kind;
      encode_table_map(*plan.map, header, events_);
      if (options_.guard_changed_only && rows.kind == Rows::Kind::kUpdate && !plan.key.empty()) {
        changed_columns(plan, images.front(), guarded_columns_);
      } else {
        present_columns(plan, images.front(), rows.kind, guarded_columns_);
      }
      leave_out_key(plan, guarded_columns_);
    }
    RowsToEncode reversed;
    reversed.table_id = plan.map->id;
    reversed.flags = static_cast<std::uint16_t>(rows.flags & ~Rows::kStatementEnd);
    if (!options_.server_checks_foreign_keys) reversed.flags |= Rows::kNoForeignKeyChecks;
    switch (rows.kind) {
      case Rows::Kind::kWrite:
        reversed.kind = Rows::Kind::kDelete;
        reversed.before = rows.after;
        break;
      case Rows::Kind::kDelete:
        reversed.kind = Rows::Kind::kWrite;
        reversed.after = rows.before;
        break;
      case Rows::Kind::kUpdate:
        reversed.kind = Rows::Kind::kUpdate;
        reversed.before = rows.after;
        reversed.after = rows.before;
        leave_out_differences(images, reversed.before);
    }
    for (std::size_t i = images.size(); i-- > 0;) {
      const auto& row = images[i];
      // Whole images are taken over as they stand.
      if (reversed.kind != Rows::Kind::kWrite && rows.partial)
        encode_image(*plan.map, reversed.before, row.after, reversed.images);
      else if (reversed.kind != Rows::Kind::kWrite)
        append(reversed.images, row.after_bytes);
      if (reversed.kind != Rows::Kind::kDelete) append(reversed.images, row.before_bytes);
      if (rows.kind != Rows::Kind::kDelete) {
        if (auto guarded = guard(plan, row, rows.kind); !guarded) return guarded;
      }
    }
    last_event_ = events_.size();
    encode_rows(reversed, options_.maria, header, events_);
    rows_ += images.size();
    return {};
  }

  static void append(wire::Buffer& to, wire::Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
  }

  // A JSON column of which only differences are known is not needed to find the row: the check
  // before has compared it.
  static void leave_out_differences(std::span<const Row> images, std::vector<bool>& present) {
    for (const auto& row : images) {
      for (std::size_t i = 0; i < present.size(); ++i) {
        if (row.after[i].state == Cell::State::kPartial) present[i] = false;
      }
    }
  }

  Result<void> guard(const TablePlan& plan, const Row& row, Rows::Kind kind) {
    const auto& columns = guarded_columns_;
    if (plan.key.empty()) {  // equal rows are one as good as the other
      std::string sql = "SELECT LEAST(COUNT(*), 1) FROM " + plan.table + " WHERE ";
      if (auto done = append_where(sql, plan, row, kind, columns); !done) return done;
      return emit_guard(plan, sql + " FOR UPDATE", 1);
    }
    if (plan.integer_key && !fits_derived(row, options_.maria)) {
      std::string sql = "SELECT COUNT(*) FROM " + plan.table + " WHERE ";
      if (auto done = append_where(sql, plan, row, kind, columns); !done) return done;
      return emit_guard(plan, sql + " FOR UPDATE", 1);
    }
    guarded_row_ = plan.integer_key ? row_opening(options_.maria) : "(";
    auto done = plan.integer_key ? append_guard(guarded_row_, plan, row, kind, columns)
                                 : append_where(guarded_row_, plan, row, kind, columns);
    if (!done) return done;
    guarded_row_ += ')';
    const std::string_view separator = plan.integer_key ? ", " : " OR ";
    if (guarded_ > 0 &&
        guard_.size() + separator.size() + guarded_row_.size() + guard_closing_.size() >
            batch_bytes(options_)) {
      if (auto ended = end_guard(); !ended) return ended;
    }
    if (guarded_ == 0) open_guard(plan);
    if (guarded_ > 0) guard_ += separator;
    guard_ += guarded_row_;
    ++guarded_;
    return plan.integer_key || guarded_ < kRowsAGuard ? Result<void>{} : end_guard();
  }

  [[nodiscard]] std::size_t width(const TablePlan& plan) const {
    return plan.key.size() + guarded_columns_.size();
  }

  void open_guard(const TablePlan& plan) {
    guard_ = "SELECT COUNT(*) FROM ";
    guard_ +=
        plan.integer_key ? derived_opening(width(plan), options_.maria) : plan.table + " WHERE ";
    guard_closing_ = plan.integer_key
                         ? derived_closing(width(plan), options_.maria) + " STRAIGHT_JOIN " +
                               plan.table + " ON " + join_condition(plan, guarded_columns_)
                         : "";
    guard_closing_ += " FOR UPDATE";
  }

  Result<void> end_guard() {
    if (guarded_ == 0) return {};
    guard_ += guard_closing_;
    const std::size_t size = guard_.size();
    auto done = emit_guard(*plan_, std::move(guard_), guarded_);
    guard_.clear();
    guard_.reserve(size);  // the next is about as long
    guarded_ = 0;
    return done;
  }

  Result<void> emit_guard(const TablePlan& plan, std::string sql, std::uint64_t rows) {
    if (auto checked = check_length(options_, plan, sql.size()); !checked) return checked;
    take_(
        {InverseStatement::Kind::kGuard, std::move(sql), rows, plan.map->schema, plan.map->table});
    return {};
  }

  const InverseOptions& options_;
  const FormatDescription& format_;
  const TakeStatement& take_;
  const TablePlan* plan_ = nullptr;
  Rows::Kind kind_ = Rows::Kind::kWrite;
  wire::Buffer events_;
  std::size_t last_event_ = 0;
  std::uint64_t rows_ = 0;
  std::string guard_;
  std::string guard_closing_;
  std::string guarded_row_;  // the text of the row at hand
  Columns guarded_columns_;  // of the statement at hand: those of its key are left out
  std::uint64_t guarded_ = 0;
  TouchedRows touched_;
};

}  // namespace

std::unique_ptr<InverseWriter> make_exact_writer(const InverseOptions& options,
                                                 const FormatDescription& format,
                                                 const TakeStatement& take) {
  return std::make_unique<ExactWriter>(options, format, take);
}

}  // namespace sluice::binlog
