#include "admin/change/rollback_preview.h"

#include <algorithm>

#include "admin/change/server_facts.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

using binlog::InverseStatement;
using store::Failure;
using store::Fault;

// The first rows as the change made them, oldest first.
void show_rows(store::Store& store, RollbackScript& script, const PreviewLimits& limits,
               RollbackPreview& preview) {
  const auto show = [&](const KeptRows& kept) {
    binlog::RowReader reader(kept.rows);
    binlog::Row row;
    while (true) {
      const auto more = reader.next(row);
      if (!more || !*more) return true;
      if (preview.rows.size() >= limits.rows) {
        preview.rows_cut = true;
        return false;
      }
      if (auto shown = show_row(kept.rows, row, script.shape(*kept.rows.table))) {
        preview.rows.push_back(std::move(*shown));
      }
    }
  };
  const auto visited =
      visit_oldest_first(script.data().chunks, chunks_of(store, script.data().id), show);
  if (!visited) preview.refused = visited.error().what;
}

// What a person reads is SQL, one row a statement, whatever is applied.
void show_statements(RollbackScript& script, const PreviewLimits& limits,
                     RollbackPreview& preview) {
  const bool exact = script.mode() == binlog::InverseMode::kExact;
  std::size_t bytes = 0;
  RollbackScript::Run how;
  how.batch_rows = 1;
  how.row_by_row = true;
  how.take = [&](InverseStatement&& statement) {
    if (statement.kind != InverseStatement::Kind::kChange) return true;
    const bool room = preview.statements.size() < limits.statements &&
                      bytes + statement.sql.size() <= limits.statement_bytes;
    if (room && !preview.statements_cut) {
      bytes += statement.sql.size();
      preview.statements.push_back(std::move(statement.sql));
      return true;
    }
    preview.statements_cut = true;
    return limits.whole && !exact;
  };
  const auto ran = script.run(how);
  if (ran) return;
  if (!exact) {
    preview.refused = ran.error().what;
    return;
  }
  preview.statements_cut = true;
  preview.findings.push_back({"rollback.exact_only", Severity::kInfo,
                              "SQL statements cannot undo all of it",
                              "Row events can, and are applied. " + ran.error().what});
}

// Whether the way that is taken can undo every row.
void check_exactly(RollbackScript& script, RollbackPreview& preview) {
  RollbackScript::Run how;
  how.mode = binlog::InverseMode::kExact;
  how.take = [](InverseStatement&&) { return true; };
  if (const auto ran = script.run(how); !ran) preview.refused = ran.error().what;
}

mysql::Result<void> look_for_conflicts(RollbackScript& script, const mysql::Options& options,
                                       const PreviewLimits& limits, RollbackPreview& preview) {
  auto connection = mysql::Connection::open(options);
  if (!connection) return connection.error();
  auto found = find_conflicts(script.source(), **connection, limits.checked_rows, {});
  if (!found) return found.error();
  preview.conflicts = std::move(*found);
  if (!preview.conflicts.fault.empty()) preview.refused = preview.conflicts.fault;
  return {};
}

// The data that a preview is of; false: preview.refused says why there is none.
store::Result<bool> find_data(store::Store& store, const mysql::Options& options, store::Time now,
                              RollbackPreview& preview) {
  if (preview.change == 0) {
    const auto undoes = store.rollbacks().of_task(preview.task.id);
    if (!undoes) return undoes.error();
    if (!*undoes) return Fault{Failure::kNotFound, "the task undoes nothing"};
    preview.change = (*undoes)->change;
    auto data = store.rollbacks().get((*undoes)->data);
    if (!data) return data.error();
    preview.data = std::move(*data);
  } else {
    const auto change = store.history().get(preview.change);
    if (!change) return change.error();
    const auto limits = rollback_limits_of(store, change->instance);
    if (!limits) return limits.error();
    if (!limits->keep) {
      preview.refused =
          "the environment does not allow rows to be kept outside of the database: set its "
          "rollback.keep, or run the output of `sluice rollback --url`";
      return false;
    }
    auto data = rows_of_change({store, now, *limits}, options, *change, {});
    if (!data) return data.error();
    preview.data = std::move(*data);
  }
  if (preview.data->state != store::RollbackState::kWhole) {
    preview.refused = preview.data->reason.empty() ? "the rows of the change are not kept whole"
                                                   : preview.data->reason;
  } else if (preview.data->rows == 0) {
    preview.refused = "the change changed no rows";
  }
  return preview.refused.empty();
}

store::Result<RollbackPreview> preview_task(store::Store& store, const store::Task& task,
                                            store::Id change, store::Time now,
                                            const PreviewLimits& limits) {
  RollbackPreview preview;
  preview.task = task;
  preview.change = change;
  const auto options = control_options(store, task.instance);
  if (!options) {
    if (options.error().kind == Failure::kUnavailable) return options.error();
    preview.refused = options.error().detail;
    return preview;
  }
  const auto found = find_data(store, *options, now, preview);
  if (!found) return found.error();
  if (!*found) return preview;
  const auto looked = preview_data(store, *options, limits, preview);
  if (!looked) preview.refused = "the instance cannot be reached: " + looked.error().message;
  return preview;
}

}  // namespace

mysql::Result<void> preview_data(store::Store& store, const mysql::Options& options,
                                 const PreviewLimits& limits, RollbackPreview& preview) {
  auto reader = SnapshotReader::open(options);
  if (!reader) return reader.error();
  auto made = RollbackScript::make(store, *preview.data, **reader);
  if (!made) return made.error();
  RollbackScript& script = **made;
  preview.findings = script.findings();
  preview.tables = script.header().tables;
  preview.exact = script.mode() == binlog::InverseMode::kExact;
  preview.refused = script.refused();
  if (!preview.refused.empty()) return {};
  show_rows(store, script, limits, preview);
  if (preview.refused.empty()) show_statements(script, limits, preview);
  if (preview.refused.empty() && preview.exact && limits.whole) check_exactly(script, preview);
  if (!preview.refused.empty()) return {};
  return look_for_conflicts(script, options, limits, preview);
}

store::Result<std::vector<RollbackPreview>> preview_rollback(store::Store& store,
                                                             const store::IssueState& state,
                                                             store::Time now,
                                                             const PreviewLimits& limits) {
  std::vector<RollbackPreview> all;
  const bool rollback = state.issue.kind == policy::IssueKind::kDataRollback;
  if (!rollback && state.issue.kind != policy::IssueKind::kDataUpdate) {
    return Fault{Failure::kRefused, "only changes of data are rolled back; this is a " +
                                        std::string(policy::name(state.issue.kind)) + " issue"};
  }
  for (const store::Task& task : state.tasks) {
    const bool done =
        task.status == policy::TaskStatus::kDone || task.status == policy::TaskStatus::kSkipped;
    // A rollback that has still to run is shown as what it will do.
    if (!rollback && task.change == 0) continue;
    const store::Id change = rollback && !done ? 0 : task.change;
    if (rollback && done && change == 0) continue;
    auto preview = preview_task(store, task, change, now, limits);
    if (!preview) return preview.error();
    all.push_back(std::move(*preview));
  }
  if (all.empty()) return Fault{Failure::kRefused, "no task of the issue has changed anything yet"};
  return all;
}

store::Result<RollbackPreview> preview_change(store::Store& store, const store::Change& change,
                                              store::Time now, const PreviewLimits& limits) {
  const bool data = change.kind == policy::IssueKind::kDataUpdate ||
                    change.kind == policy::IssueKind::kDataRollback;
  if (!data) {
    return Fault{Failure::kRefused, "only changes of data are rolled back; this is a " +
                                        std::string(policy::name(change.kind))};
  }
  store::Task task;
  task.id = change.task;
  task.instance = change.instance;
  task.instance_name = change.instance_name;
  task.database = change.database;
  task.database_name = change.database_name;
  return preview_task(store, task, change.id, now, limits);
}

std::string RollbackPreview::sheet(std::string_view title) const {
  std::string text = "-- Rolls back: " + clean_text(title) + "\n";
  std::ranges::replace(text.begin(), text.end() - 1, '\n', ' ');
  for (const auto& table : tables) {
    text += "-- " + table.table + ": " + std::to_string(table.inserted) + " inserted, " +
            std::to_string(table.updated) + " updated, " + std::to_string(table.deleted) +
            " deleted rows\n";
  }
  for (const auto& statement : statements) text += clean_text(statement) + ";\n";
  if (statements_cut) text += "-- … and so on; all of it is applied from the rows that are kept\n";
  return text;
}

store::Result<store::NewIssue> plan_rollback(store::Store& store, const store::IssueState& undone,
                                             const std::vector<RollbackPreview>& previews,
                                             const RollbackRequest& request) {
  store::NewIssue made;
  made.issue.project = undone.issue.project;
  made.issue.kind = policy::IssueKind::kDataRollback;
  made.issue.title = request.title.empty() ? "Roll back: " + undone.issue.title : request.title;
  made.issue.description = request.description;
  made.issue.creator = request.creator;
  made.issue.source = request.source;
  made.issue.keep_rollback = true;
  made.issue.parent = undone.issue.id;
  const auto environments = store.environments();
  if (!environments) return environments.error();
  const auto instances = store.instances();
  if (!instances) return instances.error();
  for (const auto& environment : *environments) {
    bool used = false;
    for (const auto& preview : previews) {
      const auto on = std::ranges::find(*instances, preview.task.instance, &store::Instance::id);
      if (on == instances->end() || on->environment != environment.id) continue;
      if (!preview.refused.empty()) {
        return Fault{Failure::kRefused, previews.size() == 1
                                            ? preview.refused
                                            : preview.task.database_name + ": " + preview.refused};
      }
      store::NewTask task;
      task.stage = made.environments.size();
      task.instance = preview.task.instance;
      task.instance_name = preview.task.instance_name;
      task.database = preview.task.database;
      task.database_name = preview.task.database_name;
      task.statement = preview.sheet(undone.issue.title);
      task.rollback = store::TaskRollback{preview.data->id, preview.change, request.on_conflict};
      made.tasks.push_back(std::move(task));
      used = true;
    }
    if (used) made.environments.push_back(environment.id);
  }
  if (made.tasks.empty()) return Fault{Failure::kRefused, "there is nothing to roll back"};
  return made;
}

}  // namespace sluice::change
