#include "proxy/binlog/rollback.h"

#include <algorithm>
#include <iterator>

#include "proxy/binlog/reference_guard.h"
#include "proxy/binlog/rollback_writer.h"

namespace sluice::binlog {

struct Inverse::State {
  InverseOptions options;
  FormatDescription format;
  FindShape shapes;
  TakeStatement take;
  std::unique_ptr<InverseWriter> writer;
  // A plan a table map; those of one table with one structure share it.
  struct Kept {
    std::shared_ptr<const TableMap> map;
    std::unique_ptr<Result<TablePlan>> plan;
  };
  std::map<std::pair<std::string, std::string>, std::vector<Kept>> plans;
  std::shared_ptr<const TableMap> last_map;
  const TablePlan* last_plan = nullptr;
  std::vector<Row> rows;                 // reused from event to event
  std::vector<InverseStatement> at_end;  // guards

  [[nodiscard]] Result<const TablePlan*> plan(const std::shared_ptr<const TableMap>& map);
  [[nodiscard]] Result<std::size_t> read(const TablePlan& plan, const Rows& from);
};

Inverse::Inverse(InverseOptions options, FormatDescription format, FindShape shapes,
                 TakeStatement take)
    : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->format = std::move(format);
  state_->shapes = std::move(shapes);
  state_->take = std::move(take);
  state_->writer = options.mode == InverseMode::kSql
                       ? make_sql_writer(state_->options, state_->take)
                       : make_exact_writer(state_->options, state_->format, state_->take);
}
Inverse::~Inverse() = default;
Inverse::Inverse(Inverse&&) noexcept = default;
Inverse& Inverse::operator=(Inverse&&) noexcept = default;

Result<const TablePlan*> Inverse::State::plan(const std::shared_ptr<const TableMap>& map) {
  if (map == last_map) return last_plan;
  auto& kept = plans[{map->schema, map->table}];
  for (const auto& known : kept) {
    if (known.map != map && !known.map->same_structure(*map)) continue;
    if (!*known.plan) return known.plan->error();
    last_map = map;
    return last_plan = &**known.plan;
  }
  auto made = make_plan(map, shapes ? shapes(map->schema, map->table) : nullptr, options);
  kept.push_back({map, std::make_unique<Result<TablePlan>>(std::move(made))});
  const auto& plan = *kept.back().plan;
  if (!plan) return plan.error();
  last_map = map;
  return last_plan = &*plan;
}

Result<void> check_length(const InverseOptions& options, const TablePlan& plan, std::size_t bytes) {
  if (bytes <= longest_statement(options)) return {};
  constexpr std::size_t kUnit = 1024;  // the variable's
  const auto needed = (bytes + kPacketRoom + kUnit - 1) / kUnit * kUnit;
  return Error{Fault::kOversized, "a row of " + plan.table +
                                      " is too long for the server's max_allowed_packet (" +
                                      std::to_string(options.max_allowed_packet) +
                                      " bytes): the statement that undoes it has " +
                                      std::to_string(bytes) + ". Set max_allowed_packet to " +
                                      std::to_string(needed) + " or more, and try again"};
}

static Error unlogged_cascade(const TablePlan& plan, const Reference& reference) {
  return {Fault::kConflict,
          "rows of `" + reference.schema + "`.`" + reference.table + "` refer to " + plan.table +
              " and follow its changes, and a server that leaves cascades to the engine (before "
              "MySQL 9.6, MariaDB, innodb_native_foreign_keys) does not log what became of them: "
              "undo the change by hand, or from a backup of both tables"};
}

static Result<void> check_deletes(const TablePlan& plan, Rows::Kind kind) {
  if (plan.shape == nullptr || kind != Rows::Kind::kDelete) return {};
  for (const auto& reference : plan.shape->referenced_by) {
    if (reference.delete_changes) return unlogged_cascade(plan, reference);
  }
  return {};
}

// What undoes a kind of change by SQL, as triggers know it.
static TriggerShape::Event fires(Rows::Kind kind) {
  switch (kind) {
    case Rows::Kind::kWrite: return TriggerShape::Event::kDelete;
    case Rows::Kind::kUpdate: return TriggerShape::Event::kUpdate;
    default: return TriggerShape::Event::kInsert;
  }
}

// What a trigger did is among the rows of the change, and is undone like them. SQL may not make one
// fire on top of that: its second effect would stay, and nobody can tell it from what it did first.
static Result<void> check_triggers(const TablePlan& plan, Rows::Kind kind, InverseMode mode) {
  static constexpr const char* kWords[] = {"INSERT", "UPDATE", "DELETE"};
  if (plan.shape == nullptr || mode != InverseMode::kSql) return {};
  const auto event = fires(kind);
  const auto found = std::ranges::find(plan.shape->triggers, event, &TriggerShape::event);
  if (found == plan.shape->triggers.end()) return {};
  const std::string word = kWords[static_cast<std::size_t>(event)];
  return Error{
      Fault::kConflict,
      "the table " + plan.table + " has triggers (" + found->name + ") that fire on " + word +
          ", and would fire again when SQL undoes the change, while what they did first is "
          "undone with it: use exact mode, which applies row events and fires none (it "
          "needs BINLOG_ADMIN or REPLICATION_APPLIER; MariaDB: BINLOG REPLAY), or take the "
          "trigger away while the change is undone"};
}

Result<void> Inverse::check(const TableMap& table, Rows::Kind kind, bool cascades_logged) {
  const auto plan = state_->plan(std::make_shared<const TableMap>(table));
  if (!plan) return plan.error();
  if (auto checked = check_triggers(**plan, kind, state_->options.mode); !checked) return checked;
  return cascades_logged ? Result<void>{} : check_deletes(**plan, kind);
}

// An update cascades when it changes a column that another table refers to.
static Result<void> check_cascades(const TablePlan& plan, const Rows& rows,
                                   std::span<const Row> images) {
  if (rows.cascades_logged() || plan.shape == nullptr) return {};
  if (rows.kind != Rows::Kind::kUpdate) return check_deletes(plan, rows.kind);
  for (const auto& reference : plan.shape->referenced_by) {
    if (!reference.update_changes) continue;
    for (const auto wanted : reference.columns) {
      const auto at = std::ranges::find(plan.shape_columns, wanted) - plan.shape_columns.begin();
      const auto column = static_cast<std::size_t>(at);
      if (column == plan.shape_columns.size()) continue;
      for (const auto& row : images) {
        if (row.after[column].present() && !same(row.before[column], row.after[column]))
          return unlogged_cascade(plan, reference);
      }
    }
  }
  return {};
}

void Inverse::begin() {
  const auto session = [&](std::string sql) {
    state_->take({InverseStatement::Kind::kSession, std::move(sql), 0, {}, {}});
  };
  session("SET NAMES utf8mb4");
  session("SET time_zone = '+00:00'");
  session(kStrictMode);
  session("SET sql_safe_updates = 0");
  if (!state_->options.server_checks_foreign_keys) session("SET foreign_key_checks = 0");
  state_->writer->begin();
  state_->take({InverseStatement::Kind::kControl, "START TRANSACTION", 0, {}, {}});
}

// What the log must hold of a column: what finds the row, what the undoing puts back, and what it
// takes away, by which a later change of the row is noticed. An update that left a column alone
// needs nothing of it, unless it finds the row.
static bool is_logged(const TablePlan& plan, const Rows& rows, std::size_t column) {
  const bool before = rows.kind != Rows::Kind::kWrite && rows.before[column];
  const bool after = rows.kind != Rows::Kind::kDelete && rows.after[column];
  const bool in_key = std::ranges::find(plan.key, column) != plan.key.end();
  if (!plan.writable[column] && !in_key) return true;
  if (!plan.writable[column] || rows.kind != Rows::Kind::kUpdate) return before || after;
  return before || !(after || in_key || plan.key.empty());
}

static Result<void> check_row_image(const TablePlan& plan, const Rows& rows) {
  for (std::size_t i = 0; i < plan.columns.size(); ++i) {
    if (is_logged(plan, rows, i)) continue;
    return Error{Fault::kIncomplete,
                 "the log does not hold whole rows of " + plan.table +
                     " (binlog_row_image is not FULL): the change cannot be undone from it"};
  }
  return {};
}

Result<std::size_t> Inverse::State::read(const TablePlan& plan, const Rows& from) {
  if (auto checked = check_row_image(plan, from); !checked) return checked.error();
  RowReader reader(from);
  std::size_t count = 0;
  for (;;) {
    if (rows.size() == count) rows.emplace_back();
    const auto more = reader.next(rows[count]);
    if (!more) return more.error();
    if (!*more) return count;
    ++count;
  }
}

Result<void> Inverse::undo(const EventHeader& header, const Rows& rows) {
  const auto plan = state_->plan(rows.table);
  if (!plan) return plan.error();
  const auto count = state_->read(**plan, rows);
  if (!count) return count.error();
  if (*count == 0) return {};
  if (auto checked = check_triggers(**plan, rows.kind, state_->options.mode); !checked)
    return checked;
  const auto images = std::span<const Row>(state_->rows).first(*count);
  if (auto checked = check_cascades(**plan, rows, images); !checked) return checked;
  auto guards = reference_guards(state_->options, **plan, rows, images);
  if (!guards) return guards.error();
  if (!state_->options.server_checks_foreign_keys) {
    std::ranges::move(*guards, std::back_inserter(state_->at_end));
  } else if (!guards->empty()) {
    if (auto flushed = state_->writer->flush(); !flushed) return flushed;
    for (auto& guard : *guards) state_->take(std::move(guard));
  }
  return state_->writer->undo(**plan, header, rows, images);
}

Result<void> Inverse::end() {
  if (auto flushed = state_->writer->flush(); !flushed) return flushed;
  for (auto& guard : state_->at_end) state_->take(std::move(guard));
  state_->at_end.clear();
  state_->take({InverseStatement::Kind::kControl, "COMMIT", 0, {}, {}});
  return {};
}

}  // namespace sluice::binlog
