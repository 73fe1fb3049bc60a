// An issue's rows as values, and what is written of them; within the caller's transaction.
#include <algorithm>
#include <array>

#include "admin/store/store_rows.h"
#include "parser/redact.h"

namespace sluice::store {
namespace {

constexpr std::array<std::string_view, 4> kSources{"console", "api", "proxy", "gitops"};
constexpr std::array<std::string_view, 3> kLevels{"passed", "warning", "error"};

constexpr std::string_view kTask =
    " id, issue_id, stage_id, instance_id, instance_name, database_id, database_name, "
    "character_set, collation_name, sheet_hash, editor_id, status, checks, check_round, "
    "cancel_requested, statements_done, attempt, reason, change_id, started_at, ended_at, "
    "sealed_sheet ";

Task read_task(const Row& row) {
  Task task;
  task.id = integer(row.at(0));
  task.issue = integer(row.at(1));
  task.stage = integer(row.at(2));
  task.instance = integer(row.at(3));
  task.instance_name = text(row.at(4));
  task.database = integer(row.at(5));
  task.database_name = text(row.at(6));
  task.character_set = text(row.at(7));
  task.collation = text(row.at(8));
  task.sheet_hash = text(row.at(9));
  task.editor = integer(row.at(10));
  task.status = policy::parse_task_status(text(row.at(11))).value();
  task.checks = policy::parse_check_result(text(row.at(12))).value();
  task.check_round = integer(row.at(13));
  task.cancel_requested = integer(row.at(14)) != 0;
  task.statements_done = integer(row.at(15));
  task.attempt = integer(row.at(16));
  task.reason = text(row.at(17));
  task.change = integer(row.at(18));
  task.started_at = to_optional_time(row.at(19));
  task.ended_at = to_optional_time(row.at(20));
  task.sealed_sheet = text(row.at(21));
  return task;
}

Approval read_approval(const Row& row) {
  return {integer(row.at(0)), integer(row.at(1)),      text(row.at(2)) == "approved",
          text(row.at(3)),    integer(row.at(4)) != 0, to_time(row.at(5))};
}

bool is_over(policy::TaskStatus status) {
  using enum policy::TaskStatus;
  return status != kPendingApproval && status != kPending && status != kRunning;
}

Result<void> write_status(Database& database, Id task, policy::TaskStatus status, Time now) {
  const bool running = status == policy::TaskStatus::kRunning;
  return checked(run(
      database,
      "UPDATE tasks SET status = $2, started_at = CASE WHEN $3 = 1 THEN $4 ELSE started_at END, "
      "ended_at = CASE WHEN $5 = 1 THEN $4 ELSE NULL END, cancel_requested = CASE WHEN $3 = 1 "
      "THEN 0 ELSE cancel_requested END WHERE id = $1",
      {task, std::string(policy::name(status)), flag(running), to_cell(now),
       flag(is_over(status))}));
}

Result<void> write_sheet(Database& database, const TaskUpdate& update) {
  const auto hash = keep_text(database, parser::without_secrets(*update.statement));
  if (!hash) return hash.error();
  return checked(run(database,
                     "UPDATE tasks SET sheet_hash = $2, editor_id = $3, sealed_sheet = $4, "
                     "statements_done = 0 WHERE id = $1",
                     {update.task, *hash, update.editor, update.sealed_sheet}));
}

Result<void> write_task(Database& database, const TaskUpdate& update, Time now) {
  if (update.status) {
    if (auto put = write_status(database, update.task, *update.status, now); !put) return put;
  }
  if (update.statement) {
    if (auto put = write_sheet(database, update); !put) return put;
  }
  const Cell none;
  auto put = checked(
      run(database,
          "UPDATE tasks SET checks = COALESCE($2, checks), check_round = check_round + $3, "
          "cancel_requested = COALESCE($4, cancel_requested), reason = COALESCE($5, reason) WHERE "
          "id = $1",
          {update.task, update.checks ? Cell(std::string(policy::name(*update.checks))) : none,
           flag(update.new_check_round),
           update.cancel_requested ? Cell(flag(*update.cancel_requested)) : none,
           update.reason ? Cell(*update.reason) : none}));
  if (!put || !update.void_approvals) return put;
  return checked(run(database, "UPDATE approvals SET void = 1 WHERE task_id = $1", {update.task}));
}

}  // namespace

std::string_view name(Source source) noexcept {
  return kSources[static_cast<std::size_t>(source)];
}
std::optional<Source> parse_source(std::string_view word) noexcept {
  const auto found = std::ranges::find(kSources, word);
  if (found == kSources.end()) return std::nullopt;
  return static_cast<Source>(found - kSources.begin());
}
std::string_view name(CheckLevel level) noexcept {
  return kLevels[static_cast<std::size_t>(level)];
}

const Task* IssueState::task(Id id) const noexcept {
  const auto found = std::ranges::find(tasks, id, &Task::id);
  return found == tasks.end() ? nullptr : &*found;
}

Issue read_issue(const Row& row) {
  Issue issue;
  issue.id = integer(row.at(0));
  issue.project = integer(row.at(1));
  issue.kind = policy::parse_issue_kind(text(row.at(2))).value();
  issue.title = text(row.at(3));
  issue.description = text(row.at(4));
  issue.status = policy::parse_issue_status(text(row.at(5))).value();
  issue.creator = integer(row.at(6));
  issue.source = parse_source(text(row.at(7))).value();
  issue.keep_rollback = integer(row.at(8)) != 0;
  issue.earliest_start = to_optional_time(row.at(9));
  issue.parent = integer(row.at(10));
  issue.created_at = to_time(row.at(11));
  issue.updated_at = to_time(row.at(12));
  return issue;
}

Result<IssueState> read_issue_state(Database& database, Id issue, std::string_view lock) {
  const bool locks = database.dialect() == Dialect::kPostgres;
  const auto row = run_one(
      database,
      "SELECT" + std::string(kIssue) + "FROM issues WHERE id = $1" + std::string(locks ? lock : ""),
      {issue});
  if (!row) return row.error();
  IssueState state;
  state.issue = read_issue(*row);
  auto stages = read_all<Stage>(
      run(database,
          "SELECT id, environment_id, position FROM stages WHERE "
          "issue_id = $1 ORDER BY position",
          {issue}),
      [](const Row& stage) {
        return Stage{integer(stage.at(0)), integer(stage.at(1)), integer(stage.at(2))};
      });
  if (!stages) return stages.error();
  // Stages are made in their order, and tasks in that of their stages.
  auto tasks = read_all<Task>(
      run(database, "SELECT" + std::string(kTask) + "FROM tasks WHERE issue_id = $1 ORDER BY id",
          {issue}),
      read_task);
  if (!tasks) return tasks.error();
  auto approvals =
      read_all<Approval>(run(database,
                             "SELECT task_id, user_id, decision, reason, void, created_at FROM "
                             "approvals WHERE issue_id = $1 ORDER BY id",
                             {issue}),
                         read_approval);
  if (!approvals) return approvals.error();
  state.stages = std::move(*stages);
  state.tasks = std::move(*tasks);
  state.approvals = std::move(*approvals);
  return state;
}

Result<void> write_issue_update(Database& database, Id issue, const IssueUpdate& update, Time now) {
  const auto touched =
      run(database,
          "UPDATE issues SET status = COALESCE($2, status), updated_at = $3, keep_rollback = "
          "COALESCE($4, keep_rollback) WHERE id = $1",
          {issue, update.status ? Cell(std::string(policy::name(*update.status))) : Cell(),
           to_cell(now), update.keep_rollback ? Cell(flag(*update.keep_rollback)) : Cell()});
  if (!touched) return touched.error();
  for (const TaskUpdate& task : update.tasks) {
    if (auto put = write_task(database, task, now); !put) return put;
  }
  for (const Approval& approval : update.approvals) {
    const auto put = run(
        database,
        "INSERT INTO approvals (issue_id, task_id, user_id, decision, reason, "
        "created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        {issue, approval.task, reference(approval.user),
         std::string(approval.approved ? "approved" : "rejected"), approval.reason, to_cell(now)});
    if (!put) return put.error();
  }
  for (const Comment& comment : update.comments) {
    const auto put =
        run(database,
            "INSERT INTO comments (issue_id, user_id, text, created_at) VALUES ($1, $2, $3, $4)",
            {issue, comment.user, comment.text, to_cell(now)});
    if (!put) return put.error();
  }
  for (const Activity& activity : update.activity) {
    const auto put = run(database,
                         "INSERT INTO activity (issue_id, task_id, user_id, kind, detail, "
                         "created_at) VALUES ($1, $2, $3, $4, $5, $6)",
                         {issue, reference(activity.task), reference(activity.user), activity.kind,
                          activity.detail, to_cell(now)});
    if (!put) return put.error();
  }
  return {};
}

Result<void> write_follow_up(Database& database, Id issue, const Decide& follow, Time now) {
  if (!follow) return {};
  const auto state = read_issue_state(database, issue, "");
  if (!state) return state.error();
  const Decision decision = follow(*state);
  const auto* update = std::get_if<IssueUpdate>(&decision);
  if (update == nullptr) return {};
  return write_issue_update(database, issue, *update, now);
}

}  // namespace sluice::store
