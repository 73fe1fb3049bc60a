// Runs of tasks: who executes which, how far it came, and the one transaction that ends it.
//
//   claim ──▶ claimed ── mark ──▶ marked ── begin/end of each statement ── finish ──▶ ended
//                │                   └───────────── take_over (the holder's beat stood still) ─┐
//                └───────────────────────────────── take_over ────────────────────────────────┴▶ …
//
// The holder is fenced: each write names it, and a run that another program took over answers
// kConflict. Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/store/store_history.h"
#include "admin/store/store_issues.h"

namespace sluice::store {

struct RunStatement {
  std::int64_t position = 0;                  // in the sheet, from 0
  std::int64_t line = 1;                      // of the sheet, from 1
  std::string state;                          // "begun", "done", "failed", "rolled_back"
  bool in_transaction = false;                // the session was within one when it had ended
  std::optional<std::int64_t> affected_rows;  // nothing: not known
  std::int64_t warnings = 0;
  std::string gtid;
  std::string error;
  Time started_at{};
  std::chrono::microseconds duration{};
};

// What is known of the server before the first statement.
struct RunMark {
  std::string schema_before;  // its text
  std::string server_version;
  std::int64_t thread_id = 0;  // CONNECTION_ID() of the session that executes
  std::string binlog_file;     // empty: the binary log is off or may not be looked at
  std::int64_t binlog_position = 0;
  std::string gtid_executed;
};

struct Run {
  Id id = 0;
  Id task = 0;
  Id issue = 0;
  std::int64_t attempt = 0;
  std::string holder;
  std::int64_t beat = 0;
  bool marked = false;
  std::int64_t first_statement = 0;  // of the sheet, from 0: those before ran in an earlier attempt
  std::int64_t interruptions = 0;    // times it was taken over
  std::int64_t session = 0;          // connection of the server that executes, or executed last
  RunMark mark;                      // schema_before is its hash here
  Time started_at{};
};

// How a run ended.
struct RunEnd {
  policy::TaskStatus status = policy::TaskStatus::kDone;
  std::string reason;
  std::int64_t statements_done = 0;  // of the sheet, from its start
  // Nothing when not a statement was sent.
  std::optional<NewChange> change;
  // Of a database.create: the database that there is now, in this project.
  bool makes_database = false;
  std::string character_set;
  std::string collation;
};

class Runs {
 public:
  explicit Runs(Shared& shared) : shared_(shared) {}

  // Starts the task when `decide` gives kRunning for it on its locked issue. kBusy: another program
  // is at this issue, or another task runs on the database; kRefused: decide's sentence.
  [[nodiscard]] Result<Run> claim(const TaskKey& key, const std::string& holder,
                                  const Decide& decide, Time now);
  [[nodiscard]] Result<void> mark(const Run& run, const RunMark& mark);
  // A new session goes on with it.
  [[nodiscard]] Result<void> note_session(const Run& run, std::int64_t connection);
  // The end of one statement and the beginning of the next, in one durable write. Either may be
  // absent.
  [[nodiscard]] Result<void> progress(const Run& run, const std::optional<RunStatement>& ended,
                                      const std::optional<RunStatement>& begun);
  [[nodiscard]] Result<std::vector<RunStatement>> statements(Id run);
  // Counts the beat up; tells whether the task is to be cancelled.
  [[nodiscard]] Result<bool> renew(const Run& run);

  [[nodiscard]] Result<std::vector<Run>> open_runs();
  // kConflict when it moved since `seen` was read.
  [[nodiscard]] Result<Run> take_over(const Run& seen, const std::string& holder);

  // The history entry, the recorded schema and the task's new state, in one transaction, with what
  // goes on by itself after it. Gives the entry's number, or 0.
  [[nodiscard]] Result<Id> finish(const Run& run, const RunEnd& end, Time now,
                                  const Decide& follow = nullptr);

  // What a person found out of a task that needs one: `decide` moves it, `end` says what else is
  // written, as the end of an attempt of its own; its status and reason are not looked at.
  // kRefused: decide's sentence.
  [[nodiscard]] Result<IssueState> settle(const TaskKey& key, const RunEnd& end,
                                          const Decide& decide, Time now,
                                          const Decide& follow = nullptr);

 private:
  Shared& shared_;
};

}  // namespace sluice::store
