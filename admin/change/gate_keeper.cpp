// What goes on beside the sessions: beats, ends that could not be written at once, and changes that
// a program left when it ended.
#include <algorithm>

#include "admin/change/gate_schema.h"
#include "admin/change/gate_sink.h"
#include "admin/change/recovery.h"
#include "admin/change/scan.h"
#include "admin/change/server_facts.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using policy::TaskStatus;

// Whether the session may still execute the change. An EXECUTE has no tag, so whatever runs counts:
// a session whose client is gone ends with its statement.
mysql::Result<bool> runs_still(mysql::Connection& connection, const store::GateChange& row) {
  const auto found = connection.rows(
      "SELECT 1 FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Query', "
      "'Execute') AND ID = " +
      std::to_string(row.thread_id));
  if (!found) return found.error();
  return !found->empty();
}

}  // namespace

void GateSink::start() {
  keeper_ = std::thread([this] { keep(); });
  rows_keeper_ = std::thread([this] { keep_wanted_rows(); });
}

void GateSink::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  cancel_rows_.request();
  if (keeper_.joinable()) keeper_.join();
  if (rows_keeper_.joinable()) rows_keeper_.join();
}

void GateSink::keep() {
  const auto wait = std::min(config_.poll, config_.lease / 4);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    tick();
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return stopping_; });
  }
}

void GateSink::tick() {
  const auto now = std::chrono::steady_clock::now();
  bool holds = false;
  {
    const std::lock_guard lock(mutex_);
    holds = !running_.empty() || !held_.empty();
  }
  if (holds && now - renewed_ >= config_.lease / 4) {
    renewed_ = now;
    const auto renewed = services_.store.gate().renew(config_.holder);
    if (!renewed) services_.log("gate.renew", renewed.error().detail);
  }
  settle_pending();
  take_left_changes();
  withdraw_left_issues();
}

void GateSink::settle_pending() {
  std::vector<Pending> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(pending_);
  }
  for (Pending& pending : all) {
    const bool settled =
        pending.outcome ? write_end(pending.row, *pending.outcome) : resolve(pending.row);
    const std::lock_guard lock(mutex_);
    if (settled) {
      running_.erase(pending.row.id);
    } else {
      pending_.push_back(std::move(pending));
    }
  }
}

void GateSink::take_left_changes() {
  const auto open = services_.store.gate().open();
  if (!open) return services_.log("gate.watch", open.error().detail);
  const auto now = std::chrono::steady_clock::now();
  std::map<store::Id, Watched> seen;
  for (const auto& row : *open) {
    if (row.holder == config_.holder) continue;
    Watched& watched = seen[row.id] = {row.holder, row.beat, now};
    const auto before = watched_changes_.find(row.id);
    if (before != watched_changes_.end() && before->second.holder == row.holder &&
        before->second.beat == row.beat) {
      watched.since = before->second.since;
    }
    if (now - watched.since < config_.lease) continue;
    auto taken = services_.store.gate().take_over(row, config_.holder);
    if (!taken) continue;  // it moved, or another program was faster
    services_.log("gate.taken_over", "change " + std::to_string(row.id));
    const std::lock_guard lock(mutex_);
    running_[row.id] = *taken;
    pending_.push_back({std::move(*taken), std::nullopt});
  }
  watched_changes_ = std::move(seen);
}

void GateSink::withdraw_left_issues() {
  const auto held = services_.store.gate().held();
  if (!held) return services_.log("gate.watch", held.error().detail);
  const auto now = std::chrono::steady_clock::now();
  std::map<store::Id, Watched> seen;
  for (const auto& origin : *held) {
    if (origin.holder == config_.holder) continue;
    Watched& watched = seen[origin.issue] = {origin.holder, origin.beat, now};
    const auto before = watched_issues_.find(origin.issue);
    if (before != watched_issues_.end() && before->second.holder == origin.holder &&
        before->second.beat == origin.beat) {
      watched.since = before->second.since;
    }
    if (now - watched.since >= config_.lease) withdraw(origin.issue);
  }
  watched_issues_ = std::move(seen);
}

// From the strongest to the weakest: the binary log has the tag, or a transaction of the session;
// the live schema is the one after it, or before it; the log is whole and has neither.
Judgement GateSink::judge_left(const store::GateChange& row, const SessionTrace& trace,
                               const policy::rules::Sheet& sheet,
                               const std::vector<GateDatabase>& databases, SnapshotReader& reader) {
  const bool several = sheet.statements().size() > 1;
  const bool transaction = std::ranges::none_of(sheet.statements(), [](const auto& statement) {
    const auto* facts = statement.facts();
    return facts == nullptr || facts->group > parser::ActionGroup::Dml;
  });
  if (trace.committed || trace.tag) {
    if (several && !transaction) {
      return {Fate::kUnknown,
              "the binary log has the first of its statements; look at what became of the others"};
    }
    return {Fate::kRan, "the binary log has it"};
  }
  if (!several && sheet.statements().size() == 1 && databases.size() == 1 &&
      databases.front().defines() && databases.front().id != 0) {
    const auto evidence = compare_touched(databases.front(), sheet.statements().front(), reader);
    if (evidence == SchemaEvidence::kAfter) {
      return {Fate::kRan, "the live schema is the one that it leaves"};
    }
    if (evidence == SchemaEvidence::kBefore) {
      return {Fate::kDidNotRun, "the live schema is the one before it"};
    }
  }
  if (trace.whole && row.thread_id != 0) {
    return {Fate::kDidNotRun, "the binary log has nothing of its session"};
  }
  return {Fate::kUnknown, "the binary log is off, purged, or does not tell of it"};
}

bool GateSink::resolve(const store::GateChange& row) {
  const auto instance = services_.store.instance(row.instance);
  if (!instance && instance.error().kind == store::Failure::kNotFound) {
    services_.log("gate.lost", "change " + std::to_string(row.id) + ": its instance is gone");
    store::GateEnd gone{{}, TaskStatus::kNeedsPerson, "the instance is gone"};
    return services_.store.gate().finish(row, gone, services_.now()).has_value();
  }
  auto control = controls_.take(row.instance);
  if (!control) return false;
  auto& reader = control->reader();
  const auto runs = runs_still(reader.connection(), row);
  if (!runs || *runs) return false;
  const auto trace = trace_session(reader.connection().options(), row.before,
                                   static_cast<std::uint64_t>(row.thread_id), gate_tag(row));
  const auto databases = read_databases(row.places);
  Outcome outcome;
  outcome.statements = read_statements(row.statements);
  const std::string text = sheet_of(outcome.statements);
  const policy::rules::Sheet sheet(text, control->facts(), row.schema);
  const auto judgement = judge_left(row, trace, sheet, databases, reader);
  services_.log("gate.recovered", "change " + std::to_string(row.id) + ": " + judgement.why);
  outcome.gtids = trace.gtids;
  outcome.fates.gtids = trace.gtids;
  outcome.fates.rows_known = false;
  outcome.duration = std::max(services_.now() - row.started_at, std::chrono::microseconds(0));
  outcome.task = TaskStatus::kDone;
  outcome.fates.error = "interrupted; " + judgement.why;
  if (judgement.fate == Fate::kDidNotRun) {
    outcome.nothing = true;
    outcome.task = TaskStatus::kFailed;
    outcome.error = "it did not run, the proxy ended before: " + judgement.why;
  } else if (judgement.fate == Fate::kUnknown) {
    outcome.status = store::ChangeStatus::kFailed;
    outcome.task = TaskStatus::kNeedsPerson;
    outcome.fates.before = outcome.fates.last = "unknown";
    outcome.error = "whether it ran is not known: " + judgement.why + ". Look at the database";
    report_unknown(row, databases, outcome.error);
  }
  return write_end(row, outcome);
}

// What the schema says of the statement, looked at in the objects that it touches.
SchemaEvidence GateSink::compare_touched(const GateDatabase& database,
                                         const policy::rules::SheetStatement& statement,
                                         SnapshotReader& reader) {
  const auto known = services_.store.databases().get(database.id);
  if (!known) return SchemaEvidence::kNothing;
  const auto text =
      services_.store.issues().kept(database.before.empty() ? known->schema_hash : database.before);
  if (!text) return SchemaEvidence::kNothing;
  const auto& target = reader.server().target;
  auto before = schema::read(*text, target);
  if (!before.errors.empty()) return SchemaEvidence::kNothing;
  before.schema.name = database.name;
  auto live = database.whole ? reader.read(database.name)
                             : reader.read_objects(database.name, database.names);
  if (!live) return SchemaEvidence::kNothing;
  schema::Schema now = live->schema;
  if (!database.whole) {
    now = before.schema;
    replace_objects(now, live->schema, database.names);
  }
  now.name = database.name;
  return compare_schema(before.schema, statement, now, target);
}

// Where a person finds it: there may be no issue.
void GateSink::report_unknown(const store::GateChange& row,
                              const std::vector<GateDatabase>& databases, const std::string& why) {
  store::SeenAnomaly seen;
  seen.anomaly.kind = "change.unknown";
  seen.anomaly.instance = row.instance;
  seen.anomaly.database = databases.empty() ? 0 : databases.front().id;
  seen.anomaly.severity = "warning";
  seen.anomaly.title = "Whether a change ran is not known";
  seen.anomaly.detail = "Account " + row.account + " sent it through the proxy with " +
                        (row.program.empty() ? "a client" : row.program) + ": " +
                        first_words(sheet_of(read_statements(row.statements))) + ". " + why + ".";
  const auto reported = services_.store.anomalies().report(seen, services_.now());
  if (!reported) services_.log("anomaly_not_stored", reported.error().detail);
}

}  // namespace sluice::change
