// Issues with their stages, tasks, checks, approvals, comments and activity. Values in and out.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
//
// Whatever changes an issue or a task of it goes through change(): the issue is locked, read, a
// pure function decides, and what it decided is written, in one transaction. So of two that act at
// the same instant one sees what the other did, in this program and in another on the same store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "admin/store/seal.h"
#include "admin/store/store_rollbacks.h"
#include "admin/store/types.h"
#include "policy/change/change.h"
#include "policy/change/transition.h"

namespace sluice::store {

// Where a change came from.
enum class Source : std::uint8_t { kConsole, kApi, kProxy, kGitops };
[[nodiscard]] std::string_view name(Source source) noexcept;  // "console", …
[[nodiscard]] std::optional<Source> parse_source(std::string_view word) noexcept;

struct Task {
  Id id = 0;
  Id issue = 0;
  Id stage = 0;
  Id instance = 0;
  std::string instance_name;
  Id database = 0;  // 0: it is made by this task
  std::string database_name;
  std::string character_set;  // of a database that is made; empty: the server's default
  std::string collation;
  std::string sheet_hash;  // of its statements as they are shown; kept() gives them
  // Where those hide passwords, what runs: sealed, for sheet(). Empty: they hide nothing.
  std::string sealed_sheet;
  Id editor = 0;  // the last to edit them
  policy::TaskStatus status = policy::TaskStatus::kPendingApproval;
  policy::CheckResult checks = policy::CheckResult::kNotRun;
  std::int64_t check_round = 1;  // counts up when its checks are void
  bool cancel_requested = false;
  std::int64_t statements_done = 0;  // of this sheet, from its start: a retry begins behind them
  std::int64_t attempt = 0;          // of its last run; 0: never ran
  std::string reason;                // of a failure, a skip, a cancellation
  Id change = 0;                     // its history entry; 0: none
  std::optional<Time> started_at;
  std::optional<Time> ended_at;
};

struct Stage {
  Id id = 0;
  Id environment = 0;
  std::int64_t position = 0;
};

enum class CheckLevel : std::uint8_t { kPassed, kWarning, kError };
[[nodiscard]] std::string_view name(CheckLevel level) noexcept;

// One result of a check of a task.
struct TaskCheck {
  std::string kind;  // "connection", "syntax", …
  CheckLevel level = CheckLevel::kPassed;
  std::string title;
  std::string detail;       // a sentence that says what to do
  std::int64_t line = 0;    // of the sheet, from 1; 0: the whole of it
  std::int64_t column = 0;  // in characters, from 1; 0: the whole line
  Time checked_at{};
  Id task = 0;
};

struct Approval {
  Id task = 0;
  Id user = 0;  // 0: nobody was needed
  bool approved = false;
  std::string reason;
  bool is_void = false;  // the statement was edited since
  Time at{};
};

struct Comment {
  Id id = 0;
  Id user = 0;
  std::string text;
  Time at{};
};

struct Activity {
  Id id = 0;
  Id task = 0;  // 0: of the issue
  Id user = 0;  // 0: Sluice itself
  std::string kind;
  std::string detail;
  Time at{};
};

struct Issue {
  Id id = 0;
  Id project = 0;
  policy::IssueKind kind = policy::IssueKind::kSchemaUpdate;
  std::string title;
  std::string description;
  policy::IssueStatus status = policy::IssueStatus::kOpen;
  Id creator = 0;
  Source source = Source::kApi;
  bool keep_rollback = false;
  std::optional<Time> earliest_start;
  Id parent = 0;  // of a rollback: the issue that it undoes
  Time created_at{};
  Time updated_at{};
};

// An issue as the state machines see it: stages in their order, tasks in the order of their stages,
// approvals from the oldest.
struct IssueState {
  Issue issue;
  std::vector<Stage> stages;
  std::vector<Task> tasks;
  std::vector<Approval> approvals;

  [[nodiscard]] const Task* task(Id id) const noexcept;
};

struct NewTask {
  std::size_t stage = 0;  // index into NewIssue::environments
  Id instance = 0;
  std::string instance_name;
  Id database = 0;
  std::string database_name;
  std::string character_set;
  std::string collation;
  std::string statement;       // as it runs; what is kept for people hides its passwords
  std::string sealed_sheet{};  // the store's own: leave it empty
  std::optional<TaskRollback> rollback{};  // of a data.rollback
  // Of what ran before there was an issue: how it ended, with its history entry.
  policy::TaskStatus status = policy::TaskStatus::kPendingApproval;
  Id change = 0;
};
struct NewIssue {
  Issue issue;                   // its id, status and times are not looked at
  std::vector<Id> environments;  // a stage each, in this order
  std::vector<NewTask> tasks;
};

struct TaskUpdate {
  Id task = 0;
  std::optional<policy::TaskStatus> status;
  std::optional<policy::CheckResult> checks;
  bool new_check_round = false;
  bool void_approvals = false;
  std::optional<bool> cancel_requested;
  std::optional<std::string> reason;
  std::optional<std::string> statement;  // also sets statements_done to 0
  std::string sealed_sheet;              // the store's own: leave it empty
  Id editor = 0;                         // of the statement
};

// What is to be written of an issue.
struct IssueUpdate {
  std::optional<policy::IssueStatus> status;
  std::optional<bool> keep_rollback;
  std::vector<TaskUpdate> tasks;
  std::vector<Approval> approvals;
  std::vector<Comment> comments;
  std::vector<Activity> activity;
};
using Decision = std::variant<IssueUpdate, policy::Refused>;
// Pure: it runs under the store's lock, and must not call the store.
using Decide = std::function<Decision(const IssueState&)>;

struct IssueFilter {
  Id project = 0;   // 0: any
  Id database = 0;  // 0: any
  std::optional<policy::IssueStatus> status;
  std::optional<policy::TaskStatus> task;  // of at least one of its tasks
  Id member = 0;                           // of a project that this user is a member of; 0: any
  Id parent = 0;                           // rollbacks of this issue; 0: any
  Id before = 0;                           // newest first; 0: from the newest
  std::int64_t limit = 50;
};

// A task that something is to be done with.
struct TaskKey {
  Id task = 0;
  Id issue = 0;
};

class Issues {
 public:
  Issues(Shared& shared, const Sealer& sealer) : shared_(shared), sealer_(sealer) {}

  // With a first activity, "created".
  [[nodiscard]] Result<IssueState> create(const NewIssue& issue, Time now);
  [[nodiscard]] Result<IssueState> get(Id issue);
  // The issue of a task; kNotFound for an unknown task.
  [[nodiscard]] Result<Id> issue_of(Id task);
  [[nodiscard]] Result<std::vector<Issue>> list(const IssueFilter& filter);

  // kRefused, with the sentence, when `decide` refuses; the state as written otherwise. `follow`
  // then decides what goes on by itself, in the same transaction; its refusal means nothing.
  [[nodiscard]] Result<IssueState> change(Id issue, const Decide& decide, Time now,
                                          const Decide& follow = nullptr);

  [[nodiscard]] Result<std::vector<TaskCheck>> checks(Id issue);
  [[nodiscard]] Result<std::vector<Comment>> comments(Id issue);
  [[nodiscard]] Result<std::vector<Activity>> activity(Id issue);
  // False, and nothing is written, when the task's checks are void since `round`.
  [[nodiscard]] Result<bool> put_checks(const TaskKey& key, std::int64_t round,
                                        policy::CheckResult result,
                                        const std::vector<TaskCheck>& checks, Time now,
                                        const Decide& follow = nullptr);

  // Tasks of open issues whose checks have not run; those that may be next to run: their database
  // is neither busy nor frozen.
  [[nodiscard]] Result<std::vector<TaskKey>> tasks_to_check(std::int64_t limit);
  [[nodiscard]] Result<std::vector<TaskKey>> tasks_to_run(Time now, std::int64_t limit);

  // The statements that the task runs, passwords and all: for who runs and checks them, and nobody
  // else. kWrongKey: they were sealed with another key file.
  [[nodiscard]] Result<std::string> sheet(const Task& task);
  // A statement sheet as it is shown, or a schema, by its hash; empty for the empty hash.
  [[nodiscard]] Result<std::string> kept(const std::string& hash);

 private:
  Shared& shared_;
  const Sealer& sealer_;
};

}  // namespace sluice::store
