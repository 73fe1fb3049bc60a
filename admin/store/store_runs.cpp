#include "admin/store/store_runs.h"

#include <algorithm>

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kRun =
    " r.id, r.task_id, t.issue_id, r.attempt, r.holder, r.beat, r.state, r.first_statement, "
    "r.interruptions, r.schema_before, r.server_version, r.thread_id, r.binlog_file, "
    "r.binlog_position, r.gtid_executed, r.started_at, r.session_id FROM task_runs r JOIN tasks t "
    "ON t.id = "
    "r.task_id ";

Run read_run(const Row& row) {
  Run run;
  run.id = integer(row.at(0));
  run.task = integer(row.at(1));
  run.issue = integer(row.at(2));
  run.attempt = integer(row.at(3));
  run.holder = text(row.at(4));
  run.beat = integer(row.at(5));
  run.marked = text(row.at(6)) == "marked";
  run.first_statement = integer(row.at(7));
  run.interruptions = integer(row.at(8));
  run.mark = {text(row.at(9)),  text(row.at(10)),    integer(row.at(11)),
              text(row.at(12)), integer(row.at(13)), text(row.at(14))};
  run.started_at = to_time(row.at(15));
  run.session = integer(row.at(16));
  return run;
}

Fault lost() {
  return {Failure::kConflict, "another program has taken this run over"};
}

// The fence: within a transaction, keeps others from the run until its end.
Result<void> hold(Database& database, const Run& held) {
  const auto rows = run(database,
                        "UPDATE task_runs SET beat = beat + 1 WHERE id = $1 AND holder = $2 AND "
                        "state <> 'ended' RETURNING id",
                        {held.id, held.holder});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return lost();
  return {};
}

Result<std::int64_t> next_attempt(Database& database, Id task) {
  const auto counted = run_one(
      database, "UPDATE tasks SET attempt = attempt + 1 WHERE id = $1 RETURNING attempt", {task});
  if (!counted) return counted.error();
  return integer(counted->at(0));
}

Result<Run> insert_run(Database& database, const Task& task, const std::string& holder, Time now) {
  const auto attempt = next_attempt(database, task.id);
  if (!attempt) return attempt.error();
  const auto made = run_one(database,
                            "INSERT INTO task_runs (task_id, attempt, holder, state, "
                            "first_statement, started_at) VALUES ($1, $2, $3, 'claimed', $4, $5) "
                            "RETURNING id",
                            {task.id, *attempt, holder, task.statements_done, to_cell(now)});
  if (!made) return made.error();
  const auto row =
      run_one(database, "SELECT" + std::string(kRun) + "WHERE r.id = $1", {made->at(0)});
  if (!row) return row.error();
  return read_run(*row);
}

Result<void> put_statement(Database& database, Id run_id, const RunStatement& statement) {
  const auto put = run(
      database,
      "INSERT INTO run_statements (run_id, position, line, state, in_transaction, "
      "affected_rows, warnings, gtid, error, started_at, duration_us) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7, $8, $9, $10, $11) ON CONFLICT (run_id, position) DO UPDATE SET state = "
      "excluded.state, in_transaction = excluded.in_transaction, affected_rows = "
      "excluded.affected_rows, warnings = excluded.warnings, gtid = excluded.gtid, error = "
      "excluded.error, duration_us = excluded.duration_us",
      {run_id, statement.position, statement.line, statement.state, flag(statement.in_transaction),
       statement.affected_rows ? Cell(*statement.affected_rows) : Cell(), statement.warnings,
       statement.gtid, statement.error, to_cell(statement.started_at),
       static_cast<std::int64_t>(statement.duration.count())});
  if (!put) return put.error();
  return {};
}

// The database that a database.create made; gives its number.
Result<Id> put_database(Database& database, const Task& task, Id project, const RunEnd& end,
                        Time now) {
  const auto row = run_one(
      database,
      "INSERT INTO databases (instance_id, name, project_id, character_set, collation_name, "
      "present, synced_at) VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (instance_id, name) DO "
      "UPDATE SET project_id = excluded.project_id, character_set = excluded.character_set, "
      "collation_name = excluded.collation_name, present = 1, synced_at = excluded.synced_at "
      "RETURNING id",
      {task.instance, task.database_name, project, end.character_set, end.collation, to_cell(now)});
  if (!row) return row.error();
  const auto set =
      run(database, "UPDATE tasks SET database_id = $2 WHERE id = $1", {task.id, row->at(0)});
  if (!set) return set.error();
  return integer(row->at(0));
}

Result<Id> put_history(Database& database, const Task& task, Id project, const RunEnd& end,
                       Time now) {
  if (!end.change) return Id{0};
  NewChange change = *end.change;
  if (end.makes_database) {
    const auto made = put_database(database, task, project, end, now);
    if (!made) return made.error();
    change.change.database = *made;
  }
  const auto entry = insert_change(database, change, now);
  if (!entry) return entry.error();
  return entry->id;
}

Result<void> put_progress(Database& database, Id task, const RunEnd& end, Id change) {
  return checked(run(database,
                     "UPDATE tasks SET statements_done = $2, change_id = COALESCE($3, change_id) "
                     "WHERE id = $1",
                     {task, end.statements_done, reference(change)}));
}

Result<void> put_end(Database& database, const Run& held, const RunEnd& end, Id change, Time now) {
  IssueUpdate update;
  TaskUpdate task;
  task.task = held.task;
  task.status = end.status;
  task.reason = end.reason;
  update.tasks.push_back(task);
  update.activity.push_back(
      {0, held.task, 0, std::string(policy::name(end.status)), end.reason, now});
  if (auto put = write_issue_update(database, held.issue, update, now); !put) return put;
  if (auto set = put_progress(database, held.task, end, change); !set) return set;
  if (auto ended =
          checked(run(database, "UPDATE task_runs SET state = 'ended' WHERE id = $1", {held.id}));
      !ended) {
    return ended;
  }
  return checked(run(database, "DELETE FROM run_statements WHERE run_id = $1", {held.id}));
}

}  // namespace

Result<Run> Runs::claim(const TaskKey& key, const std::string& holder, const Decide& decide,
                        Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto state = read_issue_state(database, key.issue, " FOR UPDATE SKIP LOCKED");
  if (!state) {
    if (state.error().kind != Failure::kNotFound) return state.error();
    return Fault{Failure::kBusy, "another program is at this issue"};
  }
  const Task* task = state->task(key.task);
  if (task == nullptr) return Fault{Failure::kNotFound, "the issue has no such task"};
  const Decision decision = decide(*state);
  if (const auto* refused = std::get_if<policy::Refused>(&decision)) {
    return Fault{Failure::kRefused, refused->reason};
  }
  const auto put = write_issue_update(database, key.issue, std::get<IssueUpdate>(decision), now);
  if (!put) {
    // The unique index over running tasks.
    if (put.error().kind == Failure::kConflict) {
      return Fault{Failure::kBusy, "another task runs on the same database"};
    }
    return put.error();
  }
  auto made = insert_run(database, *task, holder, now);
  if (!made) return made;
  if (auto done = transaction.commit(); !done) return done.error();
  return made;
}

Result<void> Runs::mark(const Run& held, const RunMark& mark) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  if (auto ours = hold(database, held); !ours) return ours;
  const auto hash = keep_text(database, mark.schema_before);
  if (!hash) return hash.error();
  const auto put =
      run(database,
          "UPDATE task_runs SET state = 'marked', schema_before = $2, server_version "
          "= $3, thread_id = $4, session_id = $4, binlog_file = $5, binlog_position = $6, "
          "gtid_executed = $7 WHERE id = $1",
          {held.id, *hash, mark.server_version, mark.thread_id, mark.binlog_file,
           mark.binlog_position, mark.gtid_executed});
  if (!put) return put.error();
  return transaction.commit();
}

Result<void> Runs::note_session(const Run& held, std::int64_t connection) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  if (auto ours = hold(database, held); !ours) return ours;
  const auto put =
      run(database, "UPDATE task_runs SET session_id = $2 WHERE id = $1", {held.id, connection});
  if (!put) return put.error();
  return transaction.commit();
}

Result<void> Runs::progress(const Run& held, const std::optional<RunStatement>& ended,
                            const std::optional<RunStatement>& begun) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  if (auto ours = hold(database, held); !ours) return ours;
  for (const auto* statement : {&ended, &begun}) {
    if (!statement->has_value()) continue;
    if (auto put = put_statement(database, held.id, **statement); !put) return put;
  }
  return transaction.commit();
}

Result<std::vector<RunStatement>> Runs::statements(Id run_id) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<RunStatement>(
      run(*shared_.database,
          "SELECT position, line, state, in_transaction, affected_rows, warnings, gtid, error, "
          "started_at, duration_us FROM run_statements WHERE run_id = $1 ORDER BY position",
          {run_id}),
      [](const Row& row) {
        RunStatement statement{integer(row.at(0)),
                               integer(row.at(1)),
                               text(row.at(2)),
                               integer(row.at(3)) != 0,
                               {},
                               integer(row.at(5)),
                               text(row.at(6)),
                               text(row.at(7)),
                               to_time(row.at(8)),
                               std::chrono::microseconds(integer(row.at(9)))};
        if (!std::holds_alternative<std::monostate>(row.at(4))) {
          statement.affected_rows = integer(row.at(4));
        }
        return statement;
      });
}

Result<bool> Runs::renew(const Run& held) {
  const std::lock_guard lock(shared_.mutex);
  if (auto ours = hold(*shared_.database, held); !ours) return ours.error();
  const auto row =
      run_one(*shared_.database, "SELECT cancel_requested FROM tasks WHERE id = $1", {held.task});
  if (!row) return row.error();
  return integer(row->at(0)) != 0;
}

Result<std::vector<Run>> Runs::open_runs() {
  const std::lock_guard lock(shared_.mutex);
  return read_all<Run>(run(*shared_.database,
                           "SELECT" + std::string(kRun) + "WHERE r.state <> 'ended' ORDER BY r.id"),
                       read_run);
}

Result<Run> Runs::take_over(const Run& seen, const std::string& holder) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(*shared_.database,
                        "UPDATE task_runs SET holder = $4, beat = beat + 1, interruptions = "
                        "interruptions + 1 WHERE id = $1 AND holder = $2 AND beat = $3 AND state "
                        "<> 'ended' RETURNING beat, interruptions",
                        {seen.id, seen.holder, seen.beat, holder});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return lost();
  Run taken = seen;
  taken.holder = holder;
  taken.beat = integer(rows->rows[0].at(0));
  taken.interruptions = integer(rows->rows[0].at(1));
  return taken;
}

Result<Id> Runs::finish(const Run& held, const RunEnd& end, Time now, const Decide& follow) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto state = read_issue_state(database, held.issue, " FOR UPDATE");
  if (!state) return state.error();
  const Task* task = state->task(held.task);
  if (task == nullptr) return Fault{Failure::kNotFound, "the issue has no such task"};
  if (auto ours = hold(database, held); !ours) return ours.error();
  const auto change = put_history(database, *task, state->issue.project, end, now);
  if (!change) return change.error();
  if (auto put = put_end(database, held, end, *change, now); !put) return put.error();
  if (auto put = write_follow_up(database, held.issue, follow, now); !put) return put.error();
  if (auto done = transaction.commit(); !done) return done.error();
  return *change;
}

Result<IssueState> Runs::settle(const TaskKey& key, const RunEnd& end, const Decide& decide,
                                Time now, const Decide& follow) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  auto state = read_issue_state(database, key.issue, " FOR UPDATE");
  if (!state) return state;
  const Task* task = state->task(key.task);
  if (task == nullptr) return Fault{Failure::kNotFound, "the issue has no such task"};
  const Decision decision = decide(*state);
  if (const auto* refused = std::get_if<policy::Refused>(&decision)) {
    return Fault{Failure::kRefused, refused->reason};
  }
  if (auto put = write_issue_update(database, key.issue, std::get<IssueUpdate>(decision), now);
      !put) {
    return put.error();
  }
  RunEnd settled = end;
  if (settled.change) {
    const auto attempt = next_attempt(database, key.task);
    if (!attempt) return attempt.error();
    settled.change->change.attempt = *attempt;
  }
  const auto change = put_history(database, *task, state->issue.project, settled, now);
  if (!change) return change.error();
  if (auto put = put_progress(database, key.task, settled, *change); !put) return put.error();
  if (auto put = write_follow_up(database, key.issue, follow, now); !put) return put.error();
  state = read_issue_state(database, key.issue, "");
  if (!state) return state;
  if (auto done = transaction.commit(); !done) return done.error();
  return state;
}

}  // namespace sluice::store
