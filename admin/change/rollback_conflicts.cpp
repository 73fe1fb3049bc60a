#include "admin/change/rollback_conflicts.h"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "admin/change/row_now.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using binlog::InverseStatement;
using binlog::Rows;

constexpr std::size_t kGuardsAtOnce = 50;  // in one round trip
constexpr std::size_t kGuardBytes = std::size_t{1} << 20U;
constexpr std::size_t kAroundGuard = 8;  // bytes: brackets, comma, SELECT

class Search {
 public:
  Search(const RowSource& source, mysql::Connection& connection, std::uint64_t max_rows,
         const mysql::Limits& limits)
      : source_(source), connection_(connection), max_rows_(max_rows), limits_(limits) {
    const auto packet = source.options.max_allowed_packet;
    if (packet > 0) guard_bytes_ = std::min(kGuardBytes, packet / 2);
  }

  [[nodiscard]] mysql::Result<ConflictReport> run() {
    InversePass how;
    how.mode = binlog::InverseMode::kExact;
    // SQL leaves what others did to other columns; row events are whole rows.
    how.guard_changed_only = source_.options.mode == binlog::InverseMode::kSql;
    how.batch_rows = 1;
    how.row_by_row = true;
    how.event = [this](KeptRows&) { return begin_event(); };
    how.row = [this](const Rows& rows, const binlog::Row& row, std::size_t index) {
      begin_row(rows, row, index);
      return true;
    };
    how.take = [this](InverseStatement&& statement) { return take(std::move(statement)); };
    const auto ran = run_pass(source_, how);
    if (!fault_ && ran) static_cast<void>(ask());
    if (fault_) return *fault_;
    if (!ran && report_.whole) report_.fault = ran.error().what;
    return std::move(report_);
  }

 private:
  enum class State : std::uint8_t { kAsked, kFree, kBlocked };
  struct Asked {
    RowPlace place;
    ShownRow shown;
    std::string identity;  // that the row has after the change
    std::string other;     // that it had before; empty: the same, or none
    std::string guard;
    std::uint64_t rows = 0;
    // What finds the row that is there now; empty: nothing does.
    std::string where;
    std::vector<std::string> key;
    std::shared_ptr<const binlog::TableMap> table;
    const binlog::TableShape* shape = nullptr;
  };

  [[nodiscard]] bool begin_event();
  void begin_row(const Rows& rows, const binlog::Row& row, std::size_t index);
  [[nodiscard]] bool look(Asked asked);
  [[nodiscard]] bool take(InverseStatement&& statement);
  [[nodiscard]] bool ask();
  [[nodiscard]] bool settle(const Asked& asked, bool holds);
  [[nodiscard]] bool list(const Asked& asked);
  [[nodiscard]] bool stop(mysql::Fault fault) {
    fault_ = std::move(fault);
    return false;
  }

  const RowSource& source_;
  mysql::Connection& connection_;
  std::uint64_t max_rows_;
  const mysql::Limits& limits_;
  ConflictReport report_;
  std::optional<mysql::Fault> fault_;
  std::uint64_t events_ = 0;   // begun
  std::deque<Asked> rows_;     // whose statements have not come yet
  std::vector<Asked> asking_;  // without an answer yet
  std::size_t asking_bytes_ = 0;
  std::size_t guard_bytes_ = kGuardBytes;
  // What is known of rows, by their identity.
  std::unordered_map<std::string, State> known_;
};

bool Search::begin_event() {
  if (report_.rows_checked + rows_.size() >= max_rows_) {
    report_.whole = false;
    static_cast<void>(ask());
    return false;
  }
  ++events_;
  return true;
}

void Search::begin_row(const Rows& rows, const binlog::Row& row, std::size_t index) {
  const auto* shape =
      source_.shapes ? source_.shapes(rows.table->schema, rows.table->table) : nullptr;
  const auto identity = identity_of(*rows.table, shape);
  Asked asked;
  asked.table = rows.table;
  asked.shape = shape;
  asked.place = {events_ - 1, index};
  if (auto shown = show_row(rows, row, shape)) asked.shown = std::move(*shown);
  const bool gone = rows.kind == Rows::Kind::kDelete;
  asked.identity = identify(*rows.table, identity, gone ? row.before : row.after);
  if (rows.kind == Rows::Kind::kUpdate) asked.other = identify(*rows.table, identity, row.before);
  // Where a deleted row would come back, no other may stand.
  asked.where = gone ? find_in_the_way(rows, row, shape) : find_by_key(rows, row, shape);
  if (gone && !asked.where.empty()) {
    asked.guard = "SELECT COUNT(*) FROM " + sqltext::quote_identifier(rows.table->schema) + "." +
                  sqltext::quote_identifier(rows.table->table) + " WHERE " + asked.where;
  }
  for (const auto at : identity.columns) {
    const auto& cells = gone ? asked.shown.before : asked.shown.after;
    if (identity.unique && at < cells.size()) asked.key.push_back(cells[at].column);
  }
  rows_.push_back(std::move(asked));
}

bool Search::take(InverseStatement&& statement) {
  if (statement.kind == InverseStatement::Kind::kSession) {
    // Of the settings only: nothing is applied here.
    if (!statement.sql.starts_with("SET ") ||
        statement.sql.find("GTID_NEXT") != std::string::npos) {
      return true;
    }
    const auto set = connection_.query(statement.sql, limits_);
    return set || stop(set.error());
  }
  if (rows_.empty()) return true;
  if (statement.kind == InverseStatement::Kind::kGuard && statement.rows == 0) {
    return true;  // of rows that came since, which the change's own newer ones hide from a look
  }
  if (statement.kind == InverseStatement::Kind::kGuard) {
    constexpr std::string_view kLocks = " FOR UPDATE";
    if (statement.sql.ends_with(kLocks)) {
      statement.sql.resize(statement.sql.size() - kLocks.size());
    }
    rows_.front().guard = std::move(statement.sql);
    rows_.front().rows = statement.rows;
    return true;
  }
  if (statement.kind != InverseStatement::Kind::kBinlog) return true;
  Asked asked = std::move(rows_.front());
  rows_.pop_front();
  return look(std::move(asked));
}

bool Search::look(Asked asked) {
  ++report_.rows_checked;
  auto known = known_.find(asked.identity);
  if (known != known_.end() && known->second == State::kAsked) {
    if (!ask()) return false;
    known = known_.find(asked.identity);
  }
  if (known != known_.end()) {
    // A newer change of the same row was looked at: this one stands or falls with it.
    if (known->second == State::kBlocked) report_.places.insert(asked.place);
    if (!asked.other.empty()) known_.emplace(asked.other, known->second);
    return true;
  }
  if (asked.guard.empty()) return true;
  const auto bytes = asked.guard.size() + kAroundGuard;
  if (!asking_.empty() && asking_bytes_ + bytes > guard_bytes_ && !ask()) return false;
  known_[asked.identity] = State::kAsked;
  asking_bytes_ += bytes;
  asking_.push_back(std::move(asked));
  return asking_.size() < kGuardsAtOnce || ask();
}

bool Search::ask() {
  if (asking_.empty()) return true;
  std::string sql;
  for (std::size_t i = 0; i < asking_.size(); ++i) {
    sql += (i == 0 ? "SELECT (" : ", (") + asking_[i].guard + ")";
  }
  const auto rows = connection_.rows(sql, limits_);
  if (!rows) return stop(rows.error());
  for (std::size_t i = 0; i < asking_.size(); ++i) {
    const auto found = rows->at(0).at(i).value_or("");
    if (!settle(asking_[i], found == std::to_string(asking_[i].rows))) return false;
  }
  asking_.clear();
  asking_bytes_ = 0;
  return true;
}

bool Search::settle(const Asked& asked, bool holds) {
  const State state = holds ? State::kFree : State::kBlocked;
  known_[asked.identity] = state;
  if (!asked.other.empty()) known_.emplace(asked.other, state);
  if (holds) return true;
  report_.places.insert(asked.place);
  ++report_.conflicts;
  return report_.listed.size() >= ConflictReport::kMaxListed || list(asked);
}

bool Search::list(const Asked& asked) {
  RowConflict conflict;
  conflict.row = asked.shown;
  conflict.what = asked.shown.kind == Rows::Kind::kDelete ? "exists" : "changed";
  conflict.key = asked.key;
  if (!asked.where.empty()) {
    auto now = read_row_now(connection_, *asked.table, asked.shape, asked.where, limits_);
    if (!now) return stop(now.error());
    conflict.now = std::move(*now);
  }
  report_.listed.push_back(std::move(conflict));
  return true;
}

}  // namespace

mysql::Result<ConflictReport> find_conflicts(const RowSource& source, mysql::Connection& connection,
                                             std::uint64_t max_rows, const mysql::Limits& limits) {
  return Search(source, connection, max_rows, limits).run();
}

binlog::Result<void> leave_out(KeptRows& kept, std::uint64_t event,
                               const std::set<RowPlace>& places, wire::Buffer& images) {
  const auto first = places.lower_bound({event, 0});
  if (first == places.end() || first->first != event) return {};
  std::vector<bool> left_out;
  for (auto at = first; at != places.end() && at->first == event; ++at) {
    if (left_out.size() <= at->second) left_out.resize(at->second + 1);
    left_out[at->second] = true;
  }
  auto fewer = without_rows(kept.rows, left_out, images);
  if (!fewer) return fewer.error();
  kept.rows = std::move(*fewer);
  return {};
}

}  // namespace sluice::change
