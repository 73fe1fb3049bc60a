// The end of a run: what is known of it goes into the history.
#include <boost/json.hpp>

#include "admin/change/execution.h"
#include "admin/change/record.h"
#include "admin/change/server_facts.h"

namespace sluice::change {
namespace {

using policy::TaskStatus;

store::ChangeStatus change_status(TaskStatus status) {
  if (status == TaskStatus::kDone) return store::ChangeStatus::kDone;
  return status == TaskStatus::kCanceled ? store::ChangeStatus::kCanceled
                                         : store::ChangeStatus::kFailed;
}

}  // namespace

std::int64_t Execution::leading_done() const {
  std::int64_t count = run_.first_statement;
  for (const auto& statement : done_) {
    if (statement.state != "done" || statement.position != count) break;
    ++count;
  }
  return count;
}

std::string Execution::statements_json() const {
  boost::json::array all;
  // A rollback is one piece of work, whatever its sheet shows of it.
  const std::size_t count = is_rollback() ? 1 : sheet_ ? sheet_->statements().size() : 0;
  for (std::size_t i = 0; i < count; ++i) {
    boost::json::object entry;
    entry["index"] = i + 1;
    entry["line"] = is_rollback() ? 1 : sheet_->place(sheet_->statements()[i].range.begin).first;
    entry["state"] =
        static_cast<std::int64_t>(i) < run_.first_statement ? "done_before" : "not_run";
    for (const auto& statement : done_) {
      if (statement.position != static_cast<std::int64_t>(i)) continue;
      entry["state"] = statement.state == "begun" ? "unknown" : statement.state;
      entry["affected_rows"] = nullptr;
      if (statement.affected_rows) entry["affected_rows"] = *statement.affected_rows;
      entry["warnings"] = statement.warnings;
      entry["gtid"] = statement.gtid;
      if (commits_often(i)) {
        entry["gtids_unknown"] =
            commits_ ? clean_text(commits_->unknown) : "its run was interrupted";
      }
      entry["error"] = statement.error;
      entry["started_at_us"] = statement.started_at.time_since_epoch().count();
      entry["duration_us"] = statement.duration.count();
    }
    all.push_back(std::move(entry));
  }
  return boost::json::serialize(all);
}

store::RunEnd Execution::run_end(const RunSchema& after, const BinlogPosition& position) {
  store::RunEnd end;
  end.status = ending_->status;
  end.reason = ending_->reason;
  end.statements_done = leading_done();
  const bool baseline = state_.issue.kind == policy::IssueKind::kSchemaBaseline;
  if (!run_.marked || (done_.empty() && !baseline)) return end;
  // A database that was not made has no history.
  const bool on_server = task_.database_name.empty();  // accounts and the like: no database
  if (task_.database == 0 && !after.exists && !on_server) return end;
  store::NewChange added;
  store::Change& change = added.change;
  change.kind = state_.issue.kind;
  change.status = change_status(end.status);
  change.source = state_.issue.source;
  change.actor = actor_;
  change.project = state_.issue.project;
  change.instance = task_.instance;
  change.instance_name = task_.instance_name;
  change.database = task_.database;
  change.database_name = task_.database_name;
  change.issue = run_.issue;
  change.task = run_.task;
  change.attempt = run_.attempt;
  change.server_version = run_.mark.server_version;
  change.thread_id = run_.mark.thread_id;
  change.before = {run_.mark.binlog_file, run_.mark.binlog_position};
  change.after = {position.file, static_cast<std::int64_t>(position.position)};
  change.gtid_executed_before = run_.mark.gtid_executed;
  change.gtid_executed_after = position.gtid_executed;
  change.error = end.reason;
  change.started_at = run_.started_at;
  change.duration = std::max(services_.now() - run_.started_at, std::chrono::microseconds(0));
  for (const auto& statement : done_) {
    if (statement.state != "done") continue;
    change.affected_rows += statement.affected_rows.value_or(0);
    if (statement.gtid.empty()) continue;
    if (!change.gtids.empty()) change.gtids += ',';
    change.gtids += statement.gtid;
  }
  if (commits_ && commits_->unknown.empty()) change.gtids = commits_->gtids;
  added.statement = text_;
  added.statements = statements_json();
  added.schema_before = schema_before_;
  added.schema_after = after.text;
  added.records_schema = after.exists;
  added.recorded_schema = recorded_schema_;
  end.makes_database = task_.database == 0 && !on_server;
  end.change = std::move(added);
  return end;
}

bool Execution::commits_often(std::size_t position) const {
  if (is_rollback() || !session_ || !session_->executing().is_mariadb()) return false;
  const auto* facts = sheet_->statements()[position].facts();
  return facts == nullptr || may_commit_often(*facts);
}

bool Execution::mark_commits(const BinlogPosition& from) {
  bool often = false;
  for (std::size_t i = 0; i < sheet_->statements().size(); ++i) often = often || commits_often(i);
  if (!often) return true;
  auto marks = CommitMarks::begin(session_->executing(), from);
  if (!marks) return ask(marks.error(), "marking its transactions");
  marks_.emplace(std::move(*marks));
  return true;
}

void Execution::find_commits(const BinlogPosition& until) {
  if (!marks_ || !session_ || session_->lost()) return;
  mysql::Limits patience;
  patience.cancellation = &signal_.cancellation;
  auto found = marks_->find(options_, until, patience);
  commits_ = found ? std::move(*found) : CommitMarks::Found{"", found.error().message};
}

// False: the run is left for later.
bool Execution::look_at_end(RunSchema& after, BinlogPosition& position) {
  // The session that executed may be gone: what follows takes a new one.
  const auto give_up = std::chrono::steady_clock::now() + services_.limits.patience;
  std::string why;
  while (true) {
    if (session_) {
      auto live = session_->live_schema();
      auto here = session_->position();
      auto names = session_->database_defaults();
      if (live && here && names) {
        after = std::move(*live);
        position = std::move(*here);
        defaults_ = std::move(*names);
        return true;
      }
      why = (!live ? live.error() : !here ? here.error() : names.error()).message;
    }
    if (ending_->status == TaskStatus::kNeedsPerson || std::chrono::steady_clock::now() > give_up) {
      break;
    }
    if (!signal_.pause(std::chrono::milliseconds(500))) return false;
    static_cast<void>(connect_once(why));
  }
  if (!ending_->reason.empty()) ending_->reason += ". ";
  ending_->reason += "The schema after it could not be read: " + clean_text(why);
  return true;
}

void Execution::write_end(const store::RunEnd& end) {
  const auto environments = patiently([&] { return services_.store.environments(); });
  Environments by_id;
  if (environments) {
    for (const auto& environment : *environments) by_id[environment.id] = environment;
  }
  const auto now = services_.now();
  const store::Decide follow = [&](const store::IssueState& state) {
    return advance(state, by_id, now);
  };
  const auto finished =
      patiently([&] { return services_.store.runs().finish(run_, end, now, follow); });
  if (finished) {
    at(Point::kFinished);
  } else {
    static_cast<void>(written(finished.error(), "the end"));
  }
}

bool Execution::choose_record(const RunSchema& after) {
  if (task_.database == 0 || !after.exists || !session_) return true;
  auto databases = services_.store.databases();
  const auto database = patiently([&] { return databases.get(task_.database); });
  if (!database) return written(database.error(), "reading the database");
  if (!database->schema_recorded_at) return true;
  auto recorded = patiently([&] { return databases.recorded_schema(task_.database); });
  if (!recorded) return written(recorded.error(), "reading the recorded schema");
  if (state_.issue.kind == policy::IssueKind::kSchemaBaseline) {
    recorded_schema_ =
        keep_unseen(*recorded, database->schema_version, after.text, session_->server().target);
    schema_before_ = std::move(*recorded);
    return true;
  }
  recorded_schema_ = schema_to_record({*recorded, database->schema_version},
                                      {schema_before_, run_.mark.server_version},
                                      {after.text, session_->server().version});
  return true;
}

void Execution::conclude() {
  RunSchema after;
  after.text = schema_before_;
  BinlogPosition position;
  if (run_.marked && (!look_at_end(after, position) || !choose_record(after))) return;
  find_commits(position);
  auto end = run_end(after, position);
  end.character_set = defaults_.first;
  end.collation = defaults_.second;
  keep_rows_of(end);
  at(Point::kBeforeFinish);
  write_end(end);
}

}  // namespace sluice::change
