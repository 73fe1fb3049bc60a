#include "admin/store/store_issues.h"

#include "admin/store/store_rows.h"
#include "parser/redact.h"

namespace sluice::store {
namespace {

CheckLevel read_level(std::string_view word) {
  if (word == "passed") return CheckLevel::kPassed;
  return word == "warning" ? CheckLevel::kWarning : CheckLevel::kError;
}

Result<Id> insert_issue(Database& database, const Issue& issue, Time now) {
  const auto row = run_one(
      database,
      "INSERT INTO issues (project_id, kind, title, description, status, creator_id, source, "
      "keep_rollback, earliest_start, parent_id, created_at, updated_at) VALUES ($1, $2, $3, $4, "
      "'open', $5, $6, $7, $8, $9, $10, $10) RETURNING id",
      {issue.project, std::string(policy::name(issue.kind)), issue.title, issue.description,
       issue.creator, std::string(name(issue.source)), flag(issue.keep_rollback),
       to_cell(issue.earliest_start), reference(issue.parent), to_cell(now)});
  if (!row) return row.error();
  return integer(row->at(0));
}

Result<void> insert_stages(Database& database, Id issue, const NewIssue& made) {
  for (std::size_t i = 0; i < made.environments.size(); ++i) {
    const auto stage = run_one(database,
                               "INSERT INTO stages (issue_id, environment_id, position) VALUES "
                               "($1, $2, $3) RETURNING id",
                               {issue, made.environments[i], static_cast<std::int64_t>(i)});
    if (!stage) return stage.error();
    for (const NewTask& task : made.tasks) {
      if (task.stage != i) continue;
      if (auto put = insert_task(database, issue, integer(stage->at(0)), made.issue.creator, task);
          !put) {
        return put;
      }
    }
  }
  return {};
}

Result<void> write_checks(Database& database, Id task, const std::vector<TaskCheck>& checks) {
  const auto old = run(database, "DELETE FROM task_checks WHERE task_id = $1", {task});
  if (!old) return old.error();
  for (const TaskCheck& check : checks) {
    const auto put =
        run(database,
            "INSERT INTO task_checks (task_id, kind, level, title, detail, line, column_number, "
            "checked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            {task, check.kind, std::string(name(check.level)), check.title, check.detail,
             check.line, check.column, to_cell(check.checked_at)});
    if (!put) return put.error();
  }
  return {};
}

void add_conditions(Query& query, const IssueFilter& filter) {
  if (filter.project != 0) query.where("project_id =", filter.project);
  if (filter.status) query.where("status =", std::string(policy::name(*filter.status)));
  if (filter.database != 0) {
    query.where("id IN (SELECT issue_id FROM tasks WHERE database_id =", filter.database, ")");
  }
  if (filter.parent != 0) query.where("parent_id =", filter.parent);
  if (filter.task) {
    query.where("id IN (SELECT issue_id FROM tasks WHERE status =",
                std::string(policy::name(*filter.task)), ")");
  }
  where_member(query, filter.member);
  if (filter.before != 0) query.where("id <", filter.before);
}

}  // namespace

Result<void> insert_task(Database& database, Id issue, Id stage, Id editor, const NewTask& task) {
  const auto hash = keep_text(database, parser::without_secrets(task.statement));
  if (!hash) return hash.error();
  const bool over = task.status != policy::TaskStatus::kPendingApproval;
  const auto put = run_one(
      database,
      "INSERT INTO tasks (issue_id, stage_id, instance_id, instance_name, database_id, "
      "database_name, character_set, collation_name, sheet_hash, editor_id, status, checks, "
      "change_id, statements_done, sealed_sheet) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "$11, $12, $13, $14, $15) RETURNING id",
      {issue, stage, task.instance, task.instance_name, reference(task.database),
       task.database_name, task.character_set, task.collation, *hash, editor,
       std::string(policy::name(task.status)), std::string(over ? "passed" : "not_run"),
       reference(task.change), flag(task.status == policy::TaskStatus::kDone), task.sealed_sheet});
  if (!put) return put.error();
  if (!task.rollback) return {};
  const auto undoes = run(database,
                          "INSERT INTO task_rollbacks (task_id, data_id, change_id, on_conflict) "
                          "VALUES ($1, $2, $3, $4)",
                          {put->at(0), task.rollback->data, reference(task.rollback->change),
                           std::string(name(task.rollback->on_conflict))});
  if (!undoes) return undoes.error();
  return {};
}

Result<Id> insert_whole_issue(Database& database, const NewIssue& made, Time now) {
  const auto issue = insert_issue(database, made.issue, now);
  if (!issue) return issue;
  if (auto put = insert_stages(database, *issue, made); !put) return put.error();
  IssueUpdate update;
  update.activity.push_back({0, 0, made.issue.creator, "created", "", now});
  if (auto put = write_issue_update(database, *issue, update, now); !put) return put.error();
  return issue;
}

Result<IssueState> Issues::create(const NewIssue& made, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto sealed = sealed_copy(sealer_, made);
  const auto issue = insert_whole_issue(database, sealed ? *sealed : made, now);
  if (!issue) return issue.error();
  auto state = read_issue_state(database, *issue, "");
  if (!state) return state;
  if (auto done = transaction.commit(); !done) return done.error();
  return state;
}

Result<IssueState> Issues::get(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  return read_issue_state(*shared_.database, issue, "");
}

Result<Id> Issues::issue_of(Id task) {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database, "SELECT issue_id FROM tasks WHERE id = $1", {task});
  if (!row) return row.error();
  return integer(row->at(0));
}

Result<std::vector<Issue>> Issues::list(const IssueFilter& filter) {
  const std::lock_guard lock(shared_.mutex);
  const bool selective =
      filter.project != 0 || filter.database != 0 || filter.parent != 0 || filter.task.has_value();
  if (filter.member != 0 && !selective) {
    return list_newest<Issue>(*shared_.database, filter, kIssue, "issues", add_conditions,
                              read_issue);
  }
  Query query("SELECT" + std::string(kIssue) + "FROM issues");
  add_conditions(query, filter);
  // A database's issues are few: they are found by its tasks and sorted. Told to sort by the bare
  // id PostgreSQL walks all issues from the newest instead.
  query.order(filter.database != 0 ? "id + 0 DESC" : "id DESC", filter.limit);
  return read_all<Issue>(query.run(*shared_.database), read_issue);
}

Result<IssueState> Issues::change(Id issue, const Decide& decide, Time now, const Decide& follow) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  auto state = read_issue_state(database, issue, " FOR UPDATE");
  if (!state) return state;
  Decision decision = decide(*state);
  if (const auto* refused = std::get_if<policy::Refused>(&decision)) {
    return Fault{Failure::kRefused, refused->reason};
  }
  seal_sheets(sealer_, std::get<IssueUpdate>(decision));
  if (auto put = write_issue_update(database, issue, std::get<IssueUpdate>(decision), now); !put) {
    return put.error();
  }
  if (auto put = write_follow_up(database, issue, follow, now); !put) return put.error();
  state = read_issue_state(database, issue, "");
  if (!state) return state;
  if (auto done = transaction.commit(); !done) return done.error();
  return state;
}

Result<std::vector<TaskCheck>> Issues::checks(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<TaskCheck>(
      run(*shared_.database,
          "SELECT c.kind, c.level, c.title, c.detail, c.line, c.column_number, c.checked_at, "
          "c.task_id FROM task_checks c JOIN tasks t ON t.id = c.task_id WHERE t.issue_id = $1 "
          "ORDER BY c.task_id, c.id",
          {issue}),
      [](const Row& row) {
        return TaskCheck{text(row.at(0)),    read_level(text(row.at(1))), text(row.at(2)),
                         text(row.at(3)),    integer(row.at(4)),          integer(row.at(5)),
                         to_time(row.at(6)), integer(row.at(7))};
      });
}

Result<std::vector<Comment>> Issues::comments(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<Comment>(
      run(*shared_.database,
          "SELECT id, user_id, text, created_at FROM comments WHERE issue_id = $1 ORDER BY id",
          {issue}),
      [](const Row& row) {
        return Comment{integer(row.at(0)), integer(row.at(1)), text(row.at(2)), to_time(row.at(3))};
      });
}

Result<std::vector<Activity>> Issues::activity(Id issue) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<Activity>(run(*shared_.database,
                                "SELECT id, task_id, user_id, kind, detail, created_at FROM "
                                "activity WHERE issue_id = $1 ORDER BY id",
                                {issue}),
                            [](const Row& row) {
                              return Activity{integer(row.at(0)), integer(row.at(1)),
                                              integer(row.at(2)), text(row.at(3)),
                                              text(row.at(4)),    to_time(row.at(5))};
                            });
}

Result<bool> Issues::put_checks(const TaskKey& key, std::int64_t round, policy::CheckResult result,
                                const std::vector<TaskCheck>& checks, Time now,
                                const Decide& follow) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  if (const auto state = read_issue_state(database, key.issue, " FOR UPDATE"); !state) {
    return state.error();
  }
  const auto set =
      run(database, "UPDATE tasks SET checks = $3 WHERE id = $1 AND check_round = $2 RETURNING id",
          {key.task, round, std::string(policy::name(result))});
  if (!set) return set.error();
  if (set->rows.empty()) return false;
  if (auto put = write_checks(database, key.task, checks); !put) return put.error();
  if (auto put = write_follow_up(database, key.issue, follow, now); !put) return put.error();
  if (auto done = transaction.commit(); !done) return done.error();
  return true;
}

Result<std::vector<TaskKey>> Issues::tasks_to_check(std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<TaskKey>(
      run(*shared_.database,
          "SELECT t.id, t.issue_id FROM tasks t JOIN issues i ON i.id = t.issue_id WHERE t.checks "
          "= 'not_run' AND i.status = 'open' AND t.status IN ('pending_approval', 'failed', "
          "'canceled') ORDER BY t.id LIMIT $1",
          {limit}),
      [](const Row& row) {
        return TaskKey{integer(row.at(0)), integer(row.at(1))};
      });
}

Result<std::vector<TaskKey>> Issues::tasks_to_run(Time now, std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<TaskKey>(
      run(*shared_.database,
          "SELECT t.id, t.issue_id FROM tasks t JOIN issues i ON i.id = t.issue_id WHERE t.status "
          "= 'pending' AND i.status = 'open' AND COALESCE(i.earliest_start, 0) <= $1 AND NOT "
          "EXISTS (SELECT 1 FROM gate_issues g WHERE g.issue_id = i.id AND g.held = 1) AND NOT "
          "EXISTS (SELECT 1 FROM databases d WHERE d.id = t.database_id AND d.frozen = 1) AND NOT "
          "EXISTS (SELECT 1 FROM tasks r WHERE r.status = 'running' AND r.instance_id = "
          "t.instance_id AND r.database_name = t.database_name) ORDER BY t.id LIMIT $2",
          {to_cell(now), limit}),
      [](const Row& row) {
        return TaskKey{integer(row.at(0)), integer(row.at(1))};
      });
}

Result<std::string> Issues::sheet(const Task& task) {
  if (!task.sealed_sheet.empty()) return sealer_.open(task.sealed_sheet);
  return kept(task.sheet_hash);
}

Result<std::string> Issues::kept(const std::string& hash) {
  const std::lock_guard lock(shared_.mutex);
  return kept_text(*shared_.database, hash);
}

}  // namespace sluice::store
