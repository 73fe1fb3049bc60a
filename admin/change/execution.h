// One run on its way: what runner.cpp, run_recovery.cpp and run_end.cpp share. Not for other rooms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/change/commit_marks.h"
#include "admin/change/rollback_conflicts.h"
#include "admin/change/rollback_script.h"
#include "admin/change/row_capture.h"
#include "admin/change/run_session.h"
#include "admin/change/runner.h"
#include "policy/rules/sheet.h"

namespace sluice::change {

class Execution {
 public:
  Execution(const RunServices& services, const store::Run& run, RunSignal& signal)
      : services_(services), run_(run), signal_(signal) {}
  void run();

 private:
  struct Ending {
    policy::TaskStatus status = policy::TaskStatus::kDone;
    std::string reason;
  };

  // Each gives whether the run goes on; when it does not, either ending_ says how it ends, or it is
  // left to whoever takes it over.
  [[nodiscard]] bool load();
  [[nodiscard]] bool connect();  // waits for an instance that is away
  [[nodiscard]] bool connect_once(std::string& why);
  [[nodiscard]] bool lock();  // the database's change lock
  [[nodiscard]] bool noted_session();
  [[nodiscard]] bool outlive(std::uint64_t holder);  // the session that executed before
  [[nodiscard]] bool begin();                        // schema, position, MARK
  [[nodiscard]] bool execute_all();
  [[nodiscard]] bool execute_next();
  [[nodiscard]] bool leave();  // the program ends: what was only noted was not sent
  [[nodiscard]] bool took_end(std::size_t position, const Executed& executed);
  void conclude();  // run_end.cpp
  // MariaDB: the transactions of statements that may commit several (commit_marks.h).
  [[nodiscard]] bool mark_commits(const BinlogPosition& from);
  void find_commits(const BinlogPosition& until);
  [[nodiscard]] bool commits_often(std::size_t position) const;
  [[nodiscard]] bool look_at_end(RunSchema& after, BinlogPosition& position);
  void write_end(const store::RunEnd& end);

  // run_recovery.cpp: finds out how far the interrupted run came, and sets next_.
  [[nodiscard]] bool recover();
  [[nodiscard]] bool settle(store::RunStatement& begun);
  [[nodiscard]] bool settle_transaction(std::size_t from);
  [[nodiscard]] bool restore_session();
  [[nodiscard]] std::optional<schema::Schema> schema_before(std::size_t position);
  [[nodiscard]] bool interrupted(const std::string& why);

  // run_rollback.cpp: the task of a rollback issue, which is one transaction.
  [[nodiscard]] bool is_rollback() const {
    return state_.issue.kind == policy::IssueKind::kDataRollback;
  }
  [[nodiscard]] bool roll_back();
  [[nodiscard]] bool roll_back_once();
  [[nodiscard]] bool recover_rollback();
  [[nodiscard]] std::unique_ptr<RollbackScript> rollback_script(store::OnConflict& on_conflict);
  [[nodiscard]] bool undone(RollbackScript& script, const ConflictReport& left);
  void keep_reverse(const RollbackScript& script, const ConflictReport& left);
  void note_progress(std::int64_t rows);
  [[nodiscard]] bool conflicted(RollbackScript& script, const std::string& why);
  // Where the log will not hold the rows of a change that is to be undone: they are read.
  [[nodiscard]] bool begin_capture();
  [[nodiscard]] Executed execute_captured(std::size_t position, bool in_transaction);
  // The rows of what this run changed, for a rollback of it.
  void keep_rows_of(const store::RunEnd& end);

  [[nodiscard]] bool fail(policy::TaskStatus status, std::string reason);
  [[nodiscard]] bool written(const store::Result<void>& result, std::string_view what);
  [[nodiscard]] bool ask(const mysql::Result<void>& result, std::string_view what);
  void at(Point point) const {
    if (services_.at) services_.at(point);
  }
  // The transaction's statements are undone: those behind `end` that were within it.
  void mark_rolled_back(std::size_t end);
  // What is executed of the task's text: a baseline's is what ran outside Sluice, and is only kept.
  [[nodiscard]] std::string_view executed_text() const;
  [[nodiscard]] std::string place(std::size_t position) const;  // "statement 3 (line 12)"
  [[nodiscard]] std::string sql(std::size_t position) const;    // with its tag
  [[nodiscard]] store::RunStatement begun(std::size_t position) const;
  [[nodiscard]] store::RunEnd run_end(const RunSchema& after, const BinlogPosition& position);
  // What is recorded when it is not `after`: what drifted before the run stays drift.
  [[nodiscard]] bool choose_record(const RunSchema& after);
  [[nodiscard]] std::string statements_json() const;
  [[nodiscard]] std::int64_t leading_done() const;
  template <class F>
  [[nodiscard]] auto patiently(F call) -> decltype(call());

  const RunServices& services_;
  store::Run run_;
  RunSignal& signal_;

  store::IssueState state_;
  store::Task task_;
  std::string actor_;
  std::string text_;
  mysql::Options options_;
  std::unique_ptr<RunSession> session_;
  std::optional<policy::rules::Sheet> sheet_;
  std::string schema_before_;
  std::optional<std::string> recorded_schema_;  // nothing: the schema after the run
  std::vector<store::RunStatement> done_;       // this run's, in order; the last may be only begun
  std::size_t next_ = 0;                        // of the sheet
  std::pair<std::string, std::string> defaults_;  // the database's, at the end
  std::optional<RowCapture> capture_;
  std::optional<CommitMarks> marks_;  // of this session; gone with it
  std::optional<CommitMarks::Found> commits_;
  int interruptions_ = 0;  // of this process' own session
  std::optional<Ending> ending_;
};

// Waits for a store that is away, full or locked, as long as the run has patience.
template <class F>
auto Execution::patiently(F call) -> decltype(call()) {
  const auto give_up = std::chrono::steady_clock::now() + services_.limits.patience;
  while (true) {
    auto result = call();
    if (result) return result;
    const auto kind = result.error().kind;
    const bool passes = kind == store::Failure::kUnavailable || kind == store::Failure::kBusy ||
                        kind == store::Failure::kFull;
    if (!passes || std::chrono::steady_clock::now() > give_up) return result;
    if (!signal_.pause(std::chrono::milliseconds(250))) return result;
  }
}

}  // namespace sluice::change
