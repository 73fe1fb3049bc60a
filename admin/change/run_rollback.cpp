// The run of a rollback's task: the change's rows are undone, newest first, in one transaction that
// checks how many rows each statement finds.
//
//   session settings ─▶ START TRANSACTION ─▶ statements ─▶ COMMIT
//                                               └─ a row was changed since ─▶ ROLLBACK, listed
#include <algorithm>
#include <functional>

#include "admin/change/execution.h"
#include "admin/change/recovery.h"
#include "admin/change/rollback_reverse.h"
#include "admin/change/rollback_source.h"
#include "admin/change/server_facts.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

using binlog::InverseStatement;
using policy::TaskStatus;

constexpr std::uint32_t kBatchRows = 1000;   // rows a statement, where keys allow
constexpr std::uint64_t kSettling = 10'000;  // rows that tell whether the transaction committed

// Errors that say that another row is in the way, or that others need the row.
bool means_conflict(unsigned number) {
  return number == 1062 || number == 1451 || number == 1452 || number == 1761;
}

// Executes the statements of the script on the run's session.
class Undoing {
 public:
  // `undone` hears now and then how many rows are undone so far.
  Undoing(RunSession& session, RunSignal& signal, std::string tag, std::chrono::milliseconds every,
          std::function<void(std::int64_t rows)> undone)
      : session_(session),
        signal_(signal),
        tag_(std::move(tag)),
        every_(every),
        undone_(std::move(undone)) {}

  [[nodiscard]] bool take(const InverseStatement& statement) {
    if (signal_.lost()) return false;
    if (statement.kind == InverseStatement::Kind::kGuard) return guard(statement);
    const bool tagged = statement.kind == InverseStatement::Kind::kChange ||
                        statement.kind == InverseStatement::Kind::kBinlog;
    auto executed = session_.execute((tagged ? tag_ : "") + statement.sql, signal_.cancellation);
    total_.duration += executed.duration;
    total_.warnings += executed.warnings;
    total_.gtid += executed.gtid;
    if (executed.fault) {
      if (means_conflict(executed.fault->number)) conflict_ = executed.fault->message;
      total_.fault = std::move(executed.fault);
      return false;
    }
    if (statement.kind == InverseStatement::Kind::kChange) {
      const auto found = static_cast<std::uint64_t>(executed.affected_rows);
      if (found != statement.rows) return mismatch(statement, found);
      total_.affected_rows += executed.affected_rows;
    } else if (statement.kind == InverseStatement::Kind::kBinlog) {
      total_.affected_rows += static_cast<std::int64_t>(statement.rows);
    }
    const auto now = std::chrono::steady_clock::now();
    if (tagged && now - told_ >= every_) {
      undone_(total_.affected_rows);
      told_ = now;
    }
    return true;
  }

  [[nodiscard]] const Executed& total() const { return total_; }
  // Why rows are not as the change left them; empty: they are.
  [[nodiscard]] const std::string& conflict() const { return conflict_; }

 private:
  [[nodiscard]] bool guard(const InverseStatement& statement) {
    auto count = session_.ask(statement.sql, signal_.cancellation);
    if (!count) {
      total_.fault = count.error();
      return false;
    }
    if (*count == std::to_string(statement.rows)) return true;
    return mismatch(statement, std::strtoull(count->c_str(), nullptr, 10));
  }
  [[nodiscard]] bool mismatch(const InverseStatement& statement, std::uint64_t found) {
    if (statement.kind == InverseStatement::Kind::kGuard && statement.rows == 0) {
      conflict_ = std::to_string(found) + " rows of table " + statement.table +
                  " came since and refer to rows that would go";
      return false;
    }
    conflict_ = "of " + std::to_string(statement.rows) + " rows of table " + statement.table +
                " only " + std::to_string(found) + " are as the change left them";
    return false;
  }

  RunSession& session_;
  RunSignal& signal_;
  std::string tag_;
  std::chrono::milliseconds every_;
  std::function<void(std::int64_t rows)> undone_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
  Executed total_;
  std::string conflict_;
};

}  // namespace

bool Execution::roll_back() {
  while (next_ == 0) {
    if (signal_.lost()) return false;
    if (signal_.stopped()) return leave();
    if (signal_.cancellation.requested()) {
      if (!done_.empty() && done_.back().state == "begun") done_.pop_back();
      return fail(TaskStatus::kCanceled, "nothing was undone");
    }
    if (!roll_back_once()) return false;
  }
  return true;
}

// What the task undoes, on the tables as they are; null: it ended, or was interrupted.
std::unique_ptr<RollbackScript> Execution::rollback_script(store::OnConflict& on_conflict) {
  auto rollbacks = services_.store.rollbacks();
  const auto undoes = patiently([&] { return rollbacks.of_task(task_.id); });
  if (!undoes || !*undoes) {
    static_cast<void>(fail(TaskStatus::kFailed, "what the task undoes is not known"));
    return nullptr;
  }
  on_conflict = (*undoes)->on_conflict;
  const auto data = patiently([&] { return rollbacks.get((*undoes)->data); });
  if (!data || data->state != store::RollbackState::kWhole) {
    static_cast<void>(
        fail(TaskStatus::kFailed, "nothing ran: " + (data ? data->reason : data.error().detail)));
    return nullptr;
  }
  auto script = RollbackScript::make(services_.store, *data, session_->reader());
  if (!script) {
    static_cast<void>(ask(script.error(), "reading the tables"));
    return nullptr;
  }
  if (!(*script)->refused().empty()) {
    static_cast<void>(fail(TaskStatus::kFailed, "nothing ran: " + (*script)->refused()));
    return nullptr;
  }
  return std::move(*script);
}

bool Execution::roll_back_once() {
  auto on_conflict = store::OnConflict::kStop;
  const auto script = rollback_script(on_conflict);
  if (!script) return !ending_ && next_ == 0 && session_ && !session_->lost();
  ConflictReport left;
  if (on_conflict == store::OnConflict::kLeave) {
    auto connection = mysql::Connection::open(options_);
    if (!connection) return ask(connection.error(), "looking for rows that were changed since");
    mysql::Limits limits;
    limits.cancellation = &signal_.cancellation;
    auto found = find_conflicts(script->source(), **connection, UINT64_MAX, limits);
    if (!found) return ask(found.error(), "looking for rows that were changed since");
    if (!found->fault.empty()) return fail(TaskStatus::kFailed, "nothing ran: " + found->fault);
    left = std::move(*found);
  }
  if (done_.empty()) {
    store::RunStatement statement;
    statement.state = "begun";
    statement.started_at = services_.now();
    done_.push_back(statement);
    if (!written(patiently([&] {
                   return services_.store.runs().progress(run_, std::nullopt, done_.back());
                 }),
                 "noting the rollback")) {
      return false;
    }
  }
  at(Point::kBegun);
  return undone(*script, left);
}

bool Execution::undone(RollbackScript& script, const ConflictReport& left) {
  Undoing undoing(*session_, signal_, statement_tag(run_, 0), services_.limits.progress_every,
                  [this](std::int64_t rows) { note_progress(rows); });
  std::uint64_t event = 0;
  wire::Buffer images;
  std::optional<binlog::Error> trouble;
  RollbackScript::Run how;
  how.mode = script.mode();
  how.batch_rows = kBatchRows;
  how.event = [&](KeptRows& kept) {
    auto fewer = leave_out(kept, event++, left.places, images);
    if (!fewer) trouble = fewer.error();
    return fewer.has_value();
  };
  how.take = [&](InverseStatement&& statement) { return undoing.take(statement); };
  const auto ran = script.run(how);
  at(Point::kExecuted);
  const Executed& total = undoing.total();
  const auto& fault = total.fault;
  if (session_->lost() || (fault && fault->kind == mysql::Failure::kLost)) {
    return interrupted("the rollback: " + (fault ? fault->message : "the session was lost"));
  }
  if (signal_.lost()) return false;
  store::RunStatement& statement = done_.back();
  statement.duration = total.duration;
  statement.warnings = total.warnings;
  if (fault || !undoing.conflict().empty() || !ran || trouble) {
    static_cast<void>(session_->roll_back());
    statement.state = "failed";
    if (!undoing.conflict().empty()) return conflicted(script, undoing.conflict());
    statement.error = clean_text(fault ? std::to_string(fault->number) + " " + fault->message
                                 : ran ? trouble->what
                                       : ran.error().what);
    const bool cancelled = fault && fault->kind == mysql::Failure::kCancelled;
    return fail(cancelled ? TaskStatus::kCanceled : TaskStatus::kFailed,
                "nothing was undone: " + statement.error);
  }
  statement.state = "done";
  statement.affected_rows = total.affected_rows;
  statement.gtid = total.gtid;
  if (left.conflicts > 0) {
    statement.error =
        std::to_string(left.conflicts) + " rows were changed since, and were left as they are";
  }
  next_ = 1;
  keep_reverse(script, left);
  const store::RunStatement ended = statement;
  const bool kept =
      written(patiently([&] { return services_.store.runs().progress(run_, ended, std::nullopt); }),
              "recording the rollback");
  if (kept) at(Point::kRecorded);
  return kept;
}

// What cannot be noted is not waited for: the transaction holds its rows' locks.
void Execution::note_progress(std::int64_t rows) {
  store::RunStatement statement = done_.back();
  statement.affected_rows = rows;
  const auto noted = services_.store.runs().progress(run_, std::nullopt, statement);
  if (!noted && noted.error().kind == store::Failure::kConflict) signal_.lose();
  if (noted && services_.events != nullptr) {
    services_.events->publish({"progress", run_.task, state_.issue.project, "running"});
  }
}

// Where the log has no rows of the rollback, it can be undone by those that it undid.
void Execution::keep_reverse(const RollbackScript& script, const ConflictReport& left) {
  const auto limits = rollback_limits_of(services_.store, task_.instance);
  if (!limits || !limits->keep) return;
  const auto logged = logs_rows(session_->executing());
  if (!logged || *logged) return;
  const KeepServices keep{services_.store, services_.now(), *limits};
  const auto kept = keep_reversed(keep, task_.id, run_.attempt, script, left);
  if (!kept) services_.log("rollback.not_kept", kept.error().detail);
}

// Whether the one transaction was committed: by its tag in the binary log, by its thread's rows
// there, or because the rows are still as the change left them.
bool Execution::recover_rollback() {
  next_ = 0;
  if (done_.empty()) return true;
  store::RunStatement& last = done_.back();
  if (last.state == "done") {
    next_ = 1;
    return true;
  }
  if (last.state != "begun") {
    done_.pop_back();
    return true;
  }
  const auto log = search_binlog(session_->control(), run_);
  if (!log) return interrupted(log.error().message);
  bool ran = log->found.contains(0);
  if (!ran) {
    auto on_conflict = store::OnConflict::kStop;
    const auto script = rollback_script(on_conflict);
    if (!script) return false;
    const bool would_tell =
        log->whole && session_->logs_row_texts() && script->mode() == binlog::InverseMode::kSql;
    if (!would_tell) {
      auto connection = mysql::Connection::open(options_);
      if (!connection) return interrupted(connection.error().message);
      const auto found = find_conflicts(script->source(), **connection, kSettling, {});
      if (!found) return interrupted(found.error().message);
      if (found->conflicts > 0 && found->conflicts < found->rows_checked) {
        return fail(TaskStatus::kNeedsPerson,
                    "whether the rollback was committed is not known: some of the rows are as the "
                    "change left them, others are not. Look at them; then retry the task, or skip "
                    "it");
      }
      ran = found->conflicts > 0;
    }
  }
  services_.log("run.recovered", "task " + std::to_string(run_.task) + ", rollback: " +
                                     (ran ? "it was committed" : "it was not committed"));
  if (!ran) {
    done_.pop_back();
    return true;
  }
  last.state = "done";
  last.affected_rows.reset();
  last.error = "interrupted; it was committed";
  next_ = 1;
  const store::RunStatement ended = last;
  return written(
      patiently([&] { return services_.store.runs().progress(run_, ended, std::nullopt); }),
      "recording the rollback");
}

bool Execution::begin_capture() {
  if (state_.issue.kind != policy::IssueKind::kDataUpdate || !state_.issue.keep_rollback) {
    return true;
  }
  const auto limits = rollback_limits_of(services_.store, task_.instance);
  if (!limits || !limits->keep) return true;
  const auto logged = logs_rows(session_->executing());
  if (!logged) return ask(logged.error(), "reading the binary log's settings");
  if (*logged) return true;
  capture_.emplace(KeepServices{services_.store, services_.now(), *limits}, session_->executing(),
                   task_.id, run_.attempt);
  capture_->begin(session_->reader(), task_.database_name);
  for (const auto& statement : sheet_->statements()) {
    const auto* facts = statement.facts();
    const bool sets = facts != nullptr &&
                      std::ranges::any_of(facts->system_variables_set, [](const auto& variable) {
                        return variable.find("autocommit") != std::string::npos;
                      });
    if (sets) capture_->refuse("the statements set autocommit: transactions are not seen then");
  }
  return true;
}

// A statement between its rows before and after, in a transaction of its own unless it is in one.
Executed Execution::execute_captured(std::size_t position, bool in_transaction) {
  if (!capture_) return session_->execute(sql(position), signal_.cancellation);
  const auto& statement = sheet_->statements()[position];
  const auto plan = plan_capture(statement, task_.database_name);
  Executed executed;
  executed.fault = capture_->before(plan, in_transaction);
  if (executed.fault) return executed;
  executed = session_->execute(sql(position), signal_.cancellation);
  if (executed.fault) return executed;
  executed.fault = capture_->after(plan, executed.affected_rows);
  if (!plan.nothing && !in_transaction && !executed.fault) executed.in_transaction = false;
  const auto* facts = statement.facts();
  if (facts != nullptr && facts->class_name == "rollback") capture_->withdraw();
  if (!executed.in_transaction) capture_->settle();
  return executed;
}

void Execution::keep_rows_of(const store::RunEnd& end) {
  if (capture_) return capture_->end();
  const bool data = state_.issue.kind == policy::IssueKind::kDataUpdate || is_rollback();
  if (!data || !state_.issue.keep_rollback || !end.change) return;
  const store::Change& change = end.change->change;
  if (change.affected_rows == 0 && change.gtids.empty()) return;
  const auto limits = rollback_limits_of(services_.store, task_.instance);
  if (!limits || !limits->keep) return;
  // Rows that were read before and after each statement are there already.
  const auto there = services_.store.rollbacks().of_run(task_.id, run_.attempt);
  if (!there || (*there && (*there)->state == store::RollbackState::kWhole)) return;
  const KeepServices keep{services_.store, services_.now(), *limits};
  store::ChangeTexts texts;
  texts.statements = end.change->statements;
  texts.schema_after = end.change->schema_after;
  mysql::Limits patience;
  patience.cancellation = &signal_.cancellation;
  const auto kept = keep_rows(keep, options_, rows_wanted(change, texts), patience);
  if (!kept) {
    services_.log("rollback.not_kept",
                  "task " + std::to_string(task_.id) + ": " + kept.error().detail);
  } else if (kept->state != store::RollbackState::kWhole) {
    services_.log("rollback.not_kept", "task " + std::to_string(task_.id) + ": " + kept->reason);
  }
}

}  // namespace sluice::change
