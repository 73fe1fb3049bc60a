#include "admin/store/store_gate.h"

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kOrigin =
    " g.issue_id, g.account, g.account_kind, g.instance_id, g.schema_name, g.request_hash, "
    "g.program, g.client_host, g.session_id, g.rule, g.answered, g.held, g.holder, g.beat FROM "
    "gate_issues g ";
constexpr std::string_view kChange =
    " id, holder, beat, account, actor, program, client_host, session_id, rule, kind, instance_id, "
    "instance_name, schema_name, server_version, thread_id, binlog_file, binlog_position, "
    "gtid_executed, statements, places, issue_id, task_id, started_at, break_glass ";

GateIssue read_origin(const Row& row) {
  GateIssue origin;
  origin.issue = integer(row.at(0));
  origin.account = text(row.at(1));
  origin.kind =
      text(row.at(2)) == "human" ? policy::AccountKind::kHuman : policy::AccountKind::kService;
  origin.instance = integer(row.at(3));
  origin.schema = text(row.at(4));
  origin.request_hash = text(row.at(5));
  origin.program = text(row.at(6));
  origin.host = text(row.at(7));
  origin.session = integer(row.at(8));
  origin.rule = text(row.at(9));
  origin.answered = integer(row.at(10)) != 0;
  origin.held = integer(row.at(11)) != 0;
  origin.holder = text(row.at(12));
  origin.beat = integer(row.at(13));
  return origin;
}

GateChange read_change(const Row& row) {
  GateChange change;
  change.id = integer(row.at(0));
  change.holder = text(row.at(1));
  change.beat = integer(row.at(2));
  change.account = text(row.at(3));
  change.actor = text(row.at(4));
  change.program = text(row.at(5));
  change.host = text(row.at(6));
  change.session = integer(row.at(7));
  change.rule = text(row.at(8));
  change.kind = policy::parse_issue_kind(text(row.at(9))).value();  // the table's CHECK
  change.instance = integer(row.at(10));
  change.instance_name = text(row.at(11));
  change.schema = text(row.at(12));
  change.server_version = text(row.at(13));
  change.thread_id = integer(row.at(14));
  change.before = {text(row.at(15)), integer(row.at(16))};
  change.gtid_executed = text(row.at(17));
  change.statements = text(row.at(18));
  change.places = text(row.at(19));
  change.issue = integer(row.at(20));
  change.task = integer(row.at(21));
  change.started_at = to_time(row.at(22));
  change.break_glass = text(row.at(23));
  return change;
}

// One of two that join the same request waits for the other; SQLite's transactions do by
// themselves.
Result<void> lock_request(Database& database, const std::string& hash) {
  if (database.dialect() == Dialect::kSqlite) return {};
  const auto locked = run(database, "SELECT pg_advisory_xact_lock(hashtext($1))", {hash});
  if (!locked) return locked.error();
  return {};
}

Result<void> insert_origin(Database& database, Id issue, const GateIssue& origin) {
  const bool human = origin.kind == policy::AccountKind::kHuman;
  const auto put =
      run(database,
          "INSERT INTO gate_issues (issue_id, account, account_kind, instance_id, schema_name, "
          "request_hash, program, client_host, session_id, rule, held, holder) VALUES ($1, $2, $3, "
          "$4, $5, $6, $7, $8, $9, $10, $11, $12)",
          {issue, origin.account, std::string(human ? "human" : "service"), origin.instance,
           origin.schema, origin.request_hash, origin.program, origin.host, origin.session,
           origin.rule, flag(origin.held), origin.holder});
  if (!put) return put.error();
  return {};
}

Result<Id> insert_change_row(Database& database, const GateChange& change,
                             const std::vector<std::string>& keep) {
  for (const std::string& schema : keep) {
    if (const auto hash = keep_text(database, schema); !hash) return hash.error();
  }
  const auto row = run_one(
      database,
      "INSERT INTO gate_changes (holder, account, actor, program, client_host, session_id, rule, "
      "kind, instance_id, instance_name, schema_name, server_version, thread_id, binlog_file, "
      "binlog_position, gtid_executed, statements, places, issue_id, task_id, started_at, "
      "break_glass) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, "
      "$21, $22) RETURNING id",
      {change.holder,
       change.account,
       change.actor,
       change.program,
       change.host,
       change.session,
       change.rule,
       std::string(policy::name(change.kind)),
       change.instance,
       change.instance_name,
       change.schema,
       change.server_version,
       change.thread_id,
       change.before.file,
       change.before.position,
       change.gtid_executed,
       change.statements,
       change.places,
       reference(change.issue),
       reference(change.task),
       to_cell(change.started_at),
       change.break_glass});
  if (!row) return row.error();
  return integer(row->at(0));
}

Fault moved() {
  return {Failure::kConflict, "another program has this change, or it has ended"};
}

// kConflict unless the recorded schema is still the one that the entry was made from. Keeps others
// from it until the transaction's end.
Result<void> check_schema(Database& database, const GateEntry& entry) {
  if (!entry.entry.records_schema) return {};
  const std::string lock = database.dialect() == Dialect::kPostgres ? " FOR UPDATE" : "";
  const auto row = run_one(database, "SELECT schema_hash FROM databases WHERE id = $1" + lock,
                           {entry.entry.change.database});
  if (!row) return row.error();
  if (text(row->at(0)) == entry.expected_schema) return {};
  return Fault{Failure::kConflict, "the recorded schema has moved"};
}

Result<void> end_task(Database& database, const GateChange& change, const GateEnd& end, Id entry,
                      Time now) {
  if (!end.task || change.task == 0) return {};
  const bool done = *end.task == policy::TaskStatus::kDone;
  IssueUpdate update;
  TaskUpdate task;
  task.task = change.task;
  task.status = *end.task;
  task.reason = end.reason;
  update.tasks.push_back(task);
  update.activity.push_back(
      {0, change.task, 0, std::string(policy::name(*end.task)), end.reason, now});
  if (auto put = write_issue_update(database, change.issue, update, now); !put) return put;
  const auto set =
      run(database,
          "UPDATE tasks SET change_id = COALESCE($2, change_id), statements_done = $3 WHERE id = "
          "$1",
          {change.task, reference(entry), flag(done)});
  if (!set) return set.error();
  const auto told = run(database,
                        "UPDATE gate_issues SET held = 0, answered = CASE WHEN $2 = 1 THEN 1 ELSE "
                        "answered END WHERE issue_id = $1",
                        {change.issue, flag(done)});
  if (!told) return told.error();
  return {};
}

}  // namespace

Result<Gate::Joined> Gate::join(const GateIssue& asked, const NewIssue& made, const Stands& stands,
                                Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto locked = lock_request(database, asked.request_hash); !locked) return locked.error();
  const auto found = run(database,
                         "SELECT" + std::string(kOrigin) +
                             "WHERE g.request_hash = $1 ORDER BY g.issue_id DESC LIMIT 1",
                         {asked.request_hash});
  if (!found) return found.error();
  if (!found->rows.empty()) {
    Joined joined;
    joined.origin = read_origin(found->rows.front());
    auto state = read_issue_state(database, joined.origin.issue, "");
    if (!state) return state.error();
    joined.state = std::move(*state);
    if (stands(joined.state, joined.origin)) return joined;
  }
  const auto sealed = sealed_copy(sealer_, made);
  const auto issue = insert_whole_issue(database, sealed ? *sealed : made, now);
  if (!issue) return issue.error();
  if (auto put = insert_origin(database, *issue, asked); !put) return put.error();
  auto state = read_issue_state(database, *issue, "");
  if (!state) return state.error();
  if (auto done = transaction.commit(); !done) return done.error();
  Joined joined{std::move(*state), asked, true};
  joined.origin.issue = *issue;
  return joined;
}

Result<GateIssue> Gate::origin(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database,
                           "SELECT" + std::string(kOrigin) + "WHERE g.issue_id = $1", {issue});
  if (!row) return row.error();
  return read_origin(*row);
}

Result<bool> Gate::take_answer(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(*shared_.database,
                        "UPDATE gate_issues SET answered = 1 WHERE issue_id = $1 AND answered = 0 "
                        "RETURNING issue_id",
                        {issue});
  if (!rows) return rows.error();
  return !rows->rows.empty();
}

Result<void> Gate::give_back_answer(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database, "UPDATE gate_issues SET answered = 0 WHERE issue_id = $1", {issue});
  if (!rows) return rows.error();
  return {};
}

Result<void> Gate::let_go(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database, "UPDATE gate_issues SET held = 0 WHERE issue_id = $1", {issue});
  if (!rows) return rows.error();
  return {};
}

Result<std::vector<GateIssue>> Gate::held() {
  const std::lock_guard lock(shared_.mutex);
  return read_all<GateIssue>(
      run(*shared_.database, "SELECT" + std::string(kOrigin) +
                                 "JOIN issues i ON i.id = g.issue_id WHERE g.held = 1 AND i.status "
                                 "= 'open' ORDER BY g.issue_id"),
      read_origin);
}

Result<void> Gate::add_task(Id issue, NewTask task, Time now) {
  seal_sheet(sealer_, task);
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  const auto state = read_issue_state(database, issue, " FOR UPDATE");
  if (!state) return state.error();
  if (state->stages.empty()) return Fault{Failure::kRefused, "the issue has no stage"};
  if (auto put = insert_task(database, issue, state->stages.front().id, state->issue.creator, task);
      !put) {
    return put;
  }
  if (auto put = write_issue_update(database, issue, {}, now); !put) return put;
  return transaction.commit();
}

Result<std::vector<Id>> Gate::issues_of(const std::string& account, std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<Id>(
      run(*shared_.database,
          "SELECT issue_id FROM gate_issues WHERE account = $1 ORDER BY issue_id DESC LIMIT $2",
          {account, limit}),
      [](const Row& row) { return integer(row.at(0)); });
}

Result<Id> Gate::begin(const GateChange& change, const std::vector<std::string>& keep) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto id = insert_change_row(database, change, keep);
  if (!id) return id;
  if (auto done = transaction.commit(); !done) return done.error();
  return id;
}

Result<Id> Gate::claim(const GateChange& change, const std::vector<std::string>& keep,
                       const Decide& decide, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto state = read_issue_state(database, change.issue, " FOR UPDATE");
  if (!state) return state.error();
  const Decision decision = decide(*state);
  if (const auto* refused = std::get_if<policy::Refused>(&decision)) {
    return Fault{Failure::kRefused, refused->reason};
  }
  const auto put = write_issue_update(database, change.issue, std::get<IssueUpdate>(decision), now);
  if (!put) {
    // The unique index over running tasks.
    if (put.error().kind != Failure::kConflict) return put.error();
    return Fault{Failure::kBusy, "another task runs on the same database"};
  }
  const auto counted =
      run(database, "UPDATE tasks SET attempt = attempt + 1 WHERE id = $1", {change.task});
  if (!counted) return counted.error();
  const auto id = insert_change_row(database, change, keep);
  if (!id) return id;
  if (auto done = transaction.commit(); !done) return done.error();
  return id;
}

Result<std::vector<Id>> Gate::finish(const GateChange& change, const GateEnd& end, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto gone =
      run(database, "DELETE FROM gate_changes WHERE id = $1 AND holder = $2 RETURNING id",
          {change.id, change.holder});
  if (!gone) return gone.error();
  if (gone->rows.empty()) return moved();
  std::vector<Id> ids;
  for (const GateEntry& entry : end.entries) {
    if (auto same = check_schema(database, entry); !same) return same.error();
    const auto added = insert_change(database, entry.entry, now);
    if (!added) return added.error();
    ids.push_back(added->id);
  }
  const Id first = ids.empty() ? 0 : ids.front();
  if (auto put = end_task(database, change, end, first, now); !put) return put.error();
  if (auto done = transaction.commit(); !done) return done.error();
  return ids;
}

Result<std::vector<GateChange>> Gate::open() {
  const std::lock_guard lock(shared_.mutex);
  return read_all<GateChange>(
      run(*shared_.database, "SELECT" + std::string(kChange) + "FROM gate_changes ORDER BY id"),
      read_change);
}

Result<void> Gate::renew(const std::string& holder) {
  const std::lock_guard lock(shared_.mutex);
  for (const char* sql :
       {"UPDATE gate_changes SET beat = beat + 1 WHERE holder = $1",
        "UPDATE gate_issues SET beat = beat + 1 WHERE holder = $1 AND held = 1"}) {
    const auto counted = run(*shared_.database, sql, {holder});
    if (!counted) return counted.error();
  }
  return {};
}

Result<GateChange> Gate::take_over(const GateChange& seen, const std::string& holder) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(*shared_.database,
                        "UPDATE gate_changes SET holder = $4, beat = beat + 1 WHERE id = $1 AND "
                        "holder = $2 AND beat = $3 RETURNING" +
                            std::string(kChange),
                        {seen.id, seen.holder, seen.beat, holder});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return moved();
  return read_change(rows->rows.front());
}

Result<std::int64_t> Gate::policy_revision() {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database,
                           "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'policy_revision'");
  if (!row) return row.error();
  return integer(row->at(0));
}

}  // namespace sluice::store
