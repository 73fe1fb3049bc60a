#include "admin/change/rollback_conflicts.h"

#include <algorithm>
#include <unordered_map>

namespace sluice::change {
namespace {

using binlog::InverseStatement;
using binlog::Rows;

constexpr std::size_t kGuardsAtOnce = 50;  // in one round trip
constexpr std::size_t kGuardBytes = std::size_t{1} << 20U;

class Search {
 public:
  Search(RollbackScript& script, mysql::Connection& connection, std::uint64_t max_rows,
         const mysql::Limits& limits)
      : script_(script), connection_(connection), max_rows_(max_rows), limits_(limits) {}

  [[nodiscard]] mysql::Result<ConflictReport> run() {
    const auto ran = script_.run(
        binlog::InverseMode::kExact, 1, [this](KeptRows& kept) { return begin_event(kept); },
        [this](InverseStatement&& statement) { return take(std::move(statement)); });
    if (!fault_ && ran) ask();
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
  };

  [[nodiscard]] bool begin_event(KeptRows& kept);
  [[nodiscard]] bool take(InverseStatement&& statement);
  [[nodiscard]] bool ask();
  void settle(const Asked& asked, bool holds);
  [[nodiscard]] bool stop(mysql::Fault fault) {
    fault_ = std::move(fault);
    return false;
  }

  RollbackScript& script_;
  mysql::Connection& connection_;
  std::uint64_t max_rows_;
  const mysql::Limits& limits_;
  ConflictReport report_;
  std::optional<mysql::Fault> fault_;
  std::uint64_t events_ = 0;   // begun
  std::vector<Asked> rows_;    // of the event, oldest first
  std::size_t guards_ = 0;     // of the event, that were taken
  std::vector<Asked> asking_;  // without an answer yet
  std::size_t asking_bytes_ = 0;
  // What is known of rows, by their identity.
  std::unordered_map<std::string, State> known_;
};

bool Search::begin_event(KeptRows& kept) {
  if (report_.rows_checked >= max_rows_) {
    report_.whole = false;
    static_cast<void>(ask());
    return false;
  }
  const Rows& rows = kept.rows;
  const auto* shape = script_.shape(*rows.table);
  const auto identity = identity_of(*rows.table, shape);
  rows_.clear();
  guards_ = 0;
  binlog::RowReader reader(rows);
  binlog::Row row;
  while (true) {
    const auto more = reader.next(row);
    if (!more || !*more) break;  // the script says what is wrong with it
    Asked asked;
    asked.place = {events_, rows_.size()};
    if (auto shown = show_row(rows, row, shape)) asked.shown = std::move(*shown);
    const bool gone = rows.kind == Rows::Kind::kDelete;
    asked.identity = identify(*rows.table, identity, gone ? row.before : row.after);
    if (rows.kind == Rows::Kind::kUpdate) {
      asked.other = identify(*rows.table, identity, row.before);
    }
    rows_.push_back(std::move(asked));
  }
  ++events_;
  return true;
}

bool Search::take(InverseStatement&& statement) {
  if (statement.kind == InverseStatement::Kind::kSession) {
    const auto set = connection_.query(statement.sql, limits_);
    return set || stop(set.error());
  }
  if (statement.kind != InverseStatement::Kind::kGuard) return true;
  // A guard a row, the newest first.
  if (guards_ >= rows_.size()) return true;
  Asked asked = std::move(rows_[rows_.size() - 1 - guards_++]);
  ++report_.rows_checked;
  asked.guard = std::move(statement.sql);
  asked.rows = statement.rows;
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
  known_[asked.identity] = State::kAsked;
  asking_bytes_ += asked.guard.size();
  asking_.push_back(std::move(asked));
  return (asking_.size() < kGuardsAtOnce && asking_bytes_ < kGuardBytes) || ask();
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
    settle(asking_[i], found == std::to_string(asking_[i].rows));
  }
  asking_.clear();
  asking_bytes_ = 0;
  return true;
}

void Search::settle(const Asked& asked, bool holds) {
  const State state = holds ? State::kFree : State::kBlocked;
  known_[asked.identity] = state;
  if (!asked.other.empty()) known_.emplace(asked.other, state);
  if (holds) return;
  report_.places.insert(asked.place);
  ++report_.conflicts;
  if (report_.listed.size() >= ConflictReport::kMaxListed) return;
  const bool gone = asked.shown.kind == Rows::Kind::kDelete;
  report_.listed.push_back({asked.shown, gone ? "exists" : "changed"});
}

}  // namespace

mysql::Result<ConflictReport> find_conflicts(RollbackScript& script, mysql::Connection& connection,
                                             std::uint64_t max_rows, const mysql::Limits& limits) {
  return Search(script, connection, max_rows, limits).run();
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
