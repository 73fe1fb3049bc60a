// The end of a change: position, schema, history entry; and the issue after the fact of what ran
// behind broken glass.
#include <algorithm>

#include "admin/change/gate_schema.h"
#include "admin/change/gate_sink.h"
#include "admin/change/positions.h"
#include "admin/change/record.h"
#include "admin/change/scan.h"
#include "admin/change/server_facts.h"
#include "parser/redact.h"

namespace sluice::change {
namespace {

using policy::ChangeEnd;
using policy::TaskStatus;

constexpr unsigned kNoSuchDatabase = 1049;
constexpr int kTries = 8;  // of writing an end while other programs move the recorded schema

bool only_rows(const std::vector<policy::ChangeStatement>& statements) {
  return std::ranges::all_of(statements, [](const auto& statement) {
    return statement.group <= parser::ActionGroup::Dml;
  });
}

}  // namespace

GateSink::Outcome GateSink::outcome_of(const ChangeEnd& end) {
  Outcome outcome;
  outcome.statements = end.statements;
  std::string message = end.error_message;
  for (auto& statement : outcome.statements) {
    const parser::Secrets secrets(statement.text);
    message = secrets.hide(std::move(message));
    if (!secrets.empty()) statement.text = secrets.shown();
  }
  outcome.gtids = end.gtids;
  outcome.fates.gtids = end.gtids;
  outcome.task = TaskStatus::kDone;
  if (!end.gtids_complete) outcome.error = "more transactions than their GTIDs could be kept";
  if (end.undone) {
    outcome.nothing = true;
    outcome.task = TaskStatus::kCanceled;
    outcome.error = "it was rolled back, or not sent";
    return outcome;
  }
  if (end.error == 0) return outcome;
  outcome.status = store::ChangeStatus::kFailed;
  outcome.task = TaskStatus::kFailed;
  outcome.error = clean_text(std::to_string(end.error) + " " + message);
  outcome.fates.last = "failed";
  outcome.fates.error = outcome.error;
  // One statement that changes rows is undone by its server when it fails.
  outcome.nothing = end.statements.size() == 1 && only_rows(end.statements);
  return outcome;
}

void GateSink::end(const ChangeEnd& end) {
  store::GateChange row;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(end.id);
    if (found == running_.end()) return;
    row = found->second;
  }
  const auto forget = [&] {
    const std::lock_guard lock(mutex_);
    running_.erase(end.id);
  };
  std::optional<Outcome> outcome;
  if (!end.lost) {
    outcome = outcome_of(end);
    // What was left out of a long transaction is told at its beginning alone.
    const auto begun = read_statements(row.statements);
    if (begun.size() == end.statements.size() + 1) {
      outcome->statements.insert(outcome->statements.begin(), begun.front());
    }
    outcome->duration = std::max(services_.now() - row.started_at, std::chrono::microseconds(0));
    if (write_end(row, *outcome)) return forget();
  }
  // The keeper goes on with it.
  const std::lock_guard lock(mutex_);
  pending_.push_back({std::move(row), std::move(outcome)});
  changed_.notify_all();
}

// The schema after, and what it is measured against; a sentence when the server does not tell.
// REQUIRES: the database's turn (order_).
std::optional<std::string> GateSink::put_schema(const store::GateChange& row,
                                                GateDatabase& database, SnapshotReader& reader,
                                                store::GateEntry& made, bool& schema_moved) {
  std::optional<Snapshot> live;
  const auto read = [&](bool whole) -> std::optional<std::string> {
    auto snapshot =
        whole ? reader.read(database.name) : reader.read_objects(database.name, database.names);
    if (snapshot) live = std::move(*snapshot);
    if (!snapshot && snapshot.error().number != kNoSuchDatabase) return snapshot.error().message;
    return std::nullopt;
  };
  if (database.id == 0) {
    if (auto fault = read(true)) return fault;
    if (!live) return std::nullopt;  // it was not made
    const auto added = services_.store.databases().ensure(
        row.instance, {database.name, live->schema.charset, live->schema.collation},
        database.project, services_.now());
    if (!added) return added.error().detail;
    database.id = added->id;
  }
  const auto known = services_.store.databases().get(database.id);
  if (!known) return known.error().detail;
  database.project = known->project;
  made.expected_schema = known->schema_hash;
  made.entry.change.schema_before_hash = known->schema_hash;
  made.entry.change.schema_after_hash = known->schema_hash;
  if (!database.defines()) return std::nullopt;
  const auto recorded = services_.schemas.recorded(services_.store, *known);
  if (!recorded) return recorded.error().detail;
  const bool whole = database.whole || !*recorded;
  if (!live) {
    if (auto fault = read(whole)) return fault;
  }
  auto after = std::make_shared<schema::Schema>(live && !whole ? **recorded : schema::Schema());
  if (live && whole) *after = live->schema;
  if (live && !whole) replace_objects(*after, live->schema, database.names);
  after->name = database.name;
  if (live) {
    made.entry.schema_after =
        with_unseen(live->hidden, canonical_text(*after, reader.server().target));
  }
  const auto hash = store::sha256_hex(made.entry.schema_after);
  schema_moved = schema_moved || hash != known->schema_hash;
  made.entry.change.schema_after_hash.clear();
  if (!database.before.empty()) made.entry.change.schema_before_hash = database.before;
  made.entry.records_schema = true;
  if (live && *recorded && !database.before.empty()) {
    return leave_drift(row, database, *known, made.entry);
  }
  services_.schemas.keep(hash, row.server_version, std::move(after));
  return std::nullopt;
}

// Somebody had changed the touched objects beside Sluice: of the schema after it, only what the
// change itself did is recorded, and the next scan still finds the rest.
std::optional<std::string> GateSink::leave_drift(const store::GateChange& row,
                                                 const GateDatabase& database,
                                                 const store::DatabaseEntry& known,
                                                 store::NewChange& entry) {
  const auto recorded = services_.store.issues().kept(known.schema_hash);
  if (!recorded) return recorded.error().detail;
  if (known.schema_hash != database.recorded) {
    // Others recorded meanwhile. Where it was of these objects, whose is what cannot be told.
    const auto then = services_.store.issues().kept(database.recorded);
    if (!then) return then.error().detail;
    const auto target = target_of(row.server_version);
    const auto objects = [&](const std::string& text) {
      const auto schema = schema::read(text, target).schema;
      return database.whole ? schema : objects_of(schema, database.names);
    };
    const auto moved = find_drift(objects(*then), objects(*recorded), target, {});
    if (!moved.objects.empty()) return std::nullopt;
  }
  const auto before = services_.store.issues().kept(database.before);
  if (!before) return before.error().detail;
  entry.recorded_schema =
      schema_to_record({*recorded, known.schema_version}, {*before, row.server_version},
                       {entry.schema_after, row.server_version});
  return std::nullopt;
}

store::Change GateSink::described(const store::GateChange& row, const Outcome& outcome,
                                  const GateDatabase& database) {
  store::Change change;
  change.kind = row.kind;
  change.status = outcome.status;
  change.source = store::Source::kProxy;
  change.actor = row.actor;
  change.account = row.account;
  change.program = row.program;
  change.client_host = row.host;
  change.project = database.project;
  change.instance = row.instance;
  change.instance_name = row.instance_name;
  change.database = database.id;
  change.database_name = database.name;
  change.issue = row.issue;
  change.server_version = row.server_version;
  change.thread_id = row.thread_id;
  change.before = row.before;
  change.gtid_executed_before = row.gtid_executed;
  change.gtids = outcome.gtids;
  change.error = outcome.error;
  change.started_at = row.started_at;
  change.duration = outcome.duration;
  return change;
}

store::Result<std::vector<store::Id>> GateSink::try_end(const store::GateChange& row,
                                                        const Outcome& outcome,
                                                        ControlPool::Lease& control,
                                                        bool& schema_moved) {
  const auto cannot = [](const std::string& why) {
    return store::Fault{store::Failure::kUnavailable, why};
  };
  const auto position = read_position(control.reader().connection());
  if (!position) return cannot(position.error().message);
  auto databases = read_databases(row.places);
  // What touches no database (accounts) has its entry all the same.
  if (databases.empty()) {
    const auto project = default_project(services_.store);
    if (!project) return project.error();
    databases.emplace_back().project = *project;
  }
  store::GateEnd end;
  end.task = outcome.task;
  end.reason = outcome.status == store::ChangeStatus::kDone ? "" : outcome.error;
  for (GateDatabase& database : databases) {
    store::GateEntry entry;
    entry.entry.records_schema = false;
    if (!database.name.empty()) {
      if (const auto why = put_schema(row, database, control.reader(), entry, schema_moved)) {
        return cannot(*why);
      }
    }
    auto change = described(row, outcome, database);
    change.schema_before_hash = entry.entry.change.schema_before_hash;
    change.schema_after_hash = entry.entry.change.schema_after_hash;
    change.after = {position->file, static_cast<std::int64_t>(position->position)};
    change.gtid_executed_after = position->gtid_executed;
    // Rows are counted once, in the first database's entry, which is also the task's.
    if (end.entries.empty()) {
      for (const auto& statement : outcome.statements) {
        change.affected_rows += static_cast<std::int64_t>(statement.affected_rows);
      }
    }
    entry.entry.change = std::move(change);
    entry.entry.statement = sheet_of(outcome.statements);
    entry.entry.statements =
        history_json(outcome.statements, outcome.fates, row.started_at, outcome.duration);
    end.entries.push_back(std::move(entry));
  }
  return services_.store.gate().finish(row, end, services_.now());
}

bool GateSink::write_end(const store::GateChange& row, const Outcome& outcome) {
  if (outcome.nothing) {
    store::GateEnd nothing;
    nothing.task = outcome.task;
    nothing.reason = outcome.error;
    const auto ended = services_.store.gate().finish(row, nothing, services_.now());
    return ended || ended.error().kind == store::Failure::kConflict;
  }
  auto control = controls_.take(row.instance);
  if (!control) return false;
  std::set<std::size_t> turns;
  for (const auto& database : read_databases(row.places)) {
    turns.insert(std::hash<std::string>{}(row.instance_name + '\n' + database.name) %
                 order_.size());
  }
  std::vector<std::unique_lock<std::mutex>> held;  // in the order of numbers, so that none waits
  for (const std::size_t turn : turns) held.emplace_back(order_[turn]);
  for (int tries = 0; tries < kTries; ++tries) {
    bool schema_moved = false;
    const auto changes = try_end(row, outcome, *control, schema_moved);
    if (changes) {
      held.clear();
      if (schema_moved) services_.policies_changed();
      const auto databases = read_databases(row.places);
      const store::Id project = databases.empty() ? 0 : databases.front().project;
      for (const auto id : *changes) tell("change", id, project, "created");
      if (row.issue != 0) tell("issue", row.issue, project, "updated");
      if (!row.break_glass.empty()) after_the_fact(row, outcome, *changes);
      want_rows(row, outcome, *changes);
      return true;
    }
    if (changes.error().kind != store::Failure::kConflict) {
      services_.log("gate.end_not_written",
                    "change " + std::to_string(row.id) + ": " + changes.error().detail);
      return false;
    }
  }
  return false;
}

// One issue a session and reason, with a task that is done already for each change; people look at
// it and resolve it.
void GateSink::after_the_fact(const store::GateChange& row, const Outcome& outcome,
                              const std::vector<store::Id>& changes) {
  const auto account = services_.store.accounts().find(row.account);
  const auto instance = services_.store.instance(row.instance);
  if (!instance || changes.empty()) return;
  const auto databases = read_databases(row.places);
  store::NewIssue made;
  made.issue.project = databases.empty() ? 1 : databases.front().project;
  made.issue.kind = row.kind;
  made.issue.title = "Break-glass by " + row.actor + ": " + first_words(row.break_glass);
  made.issue.description = "Account " + row.account + " ran at once what is listed here, with " +
                           (row.program.empty() ? "a client" : row.program) + " from " + row.host +
                           ". Reason: " + row.break_glass +
                           "\nLook at each change, then resolve the issue.";
  made.issue.creator = account ? account->user : 0;
  made.issue.source = store::Source::kProxy;
  made.environments = {instance->environment};
  store::NewTask task;
  task.instance = row.instance;
  task.instance_name = row.instance_name;
  task.database = databases.empty() ? 0 : databases.front().id;
  task.database_name = databases.empty() ? "" : databases.front().name;
  task.statement = sheet_of(outcome.statements);
  task.status = outcome.task.value_or(TaskStatus::kDone);
  task.change = changes.front();
  made.tasks = {task};
  store::GateIssue origin;
  origin.account = row.account;
  origin.instance = row.instance;
  origin.schema = row.schema;
  origin.request_hash = store::sha256_hex("break-glass\n" + config_.holder + '\n' + row.account +
                                          '\n' + std::to_string(row.session) + '\n' +
                                          std::to_string(row.instance) + '\n' + row.break_glass);
  origin.program = row.program;
  origin.host = row.host;
  origin.session = row.session;
  origin.rule = row.rule;
  origin.answered = true;
  const auto open = [](const store::IssueState& state, const store::GateIssue&) {
    return state.issue.status == policy::IssueStatus::kOpen;
  };
  const auto joined = services_.store.gate().join(origin, made, open, services_.now());
  if (!joined) return services_.log("gate.break_glass_not_filed", joined.error().detail);
  if (!joined->created) {
    const auto added = services_.store.gate().add_task(joined->origin.issue, task, services_.now());
    if (!added) return services_.log("gate.break_glass_not_filed", added.error().detail);
  }
  tell("issue", joined->origin.issue, made.issue.project, joined->created ? "created" : "updated");
}

}  // namespace sluice::change
