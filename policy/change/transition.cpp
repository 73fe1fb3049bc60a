#include "policy/change/transition.h"

#include <array>

namespace sluice::policy {
namespace {

using enum TaskStatus;

// Nothing: it may happen.
using Guard = const char* (*)(const TaskFacts&);

const char* nothing(const TaskFacts&) {
  return nullptr;
}

const char* checks_allow_approval(const TaskFacts& facts) {
  switch (facts.checks) {
    case CheckResult::kPassed:
    case CheckResult::kWarning: break;
    case CheckResult::kError: return "a check found an error; edit the statement or skip the task";
    case CheckResult::kNotRun:
    case CheckResult::kRunning: return "the task has not passed all its checks yet";
  }
  if (facts.earlier_stage_open) return "tasks of an earlier stage are not done yet";
  return nullptr;
}

const char* turn_has_come(const TaskFacts& facts) {
  if (const char* reason = checks_allow_approval(facts)) return reason;
  if (!facts.earliest_start_reached) return "its earliest start is not reached yet";
  if (facts.database_busy) return "another task runs on the same database";
  return nullptr;
}

const char* says_why(const TaskFacts& facts) {
  return facts.reason_given ? nullptr : "a skip needs a reason";
}

const char* says_what_was_seen(const TaskFacts& facts) {
  return facts.reason_given ? nullptr : "a settlement needs a reason: what the server shows";
}

struct TaskRow {
  TaskStatus from;
  TaskEvent event;
  TaskStatus to;
  Guard guard;
  bool on_closed_issue = false;  // what the engine reports happened, whatever became of the issue
};

constexpr TaskRow kTasks[] = {
    {kPendingApproval, TaskEvent::kApprove, kPending, checks_allow_approval},
    {kPendingApproval, TaskEvent::kVoid, kPendingApproval, nothing},
    {kPendingApproval, TaskEvent::kSkip, kSkipped, says_why},
    {kPendingApproval, TaskEvent::kCancel, kCanceled, nothing},
    {kPending, TaskEvent::kVoid, kPendingApproval, nothing},
    {kPending, TaskEvent::kStart, kRunning, turn_has_come},
    {kPending, TaskEvent::kCancel, kCanceled, nothing},
    {kRunning, TaskEvent::kSucceed, kDone, nothing, true},
    {kRunning, TaskEvent::kFail, kFailed, nothing, true},
    {kRunning, TaskEvent::kCancel, kCanceled, nothing, true},
    {kRunning, TaskEvent::kLose, kNeedsPerson, nothing, true},
    {kFailed, TaskEvent::kVoid, kFailed, nothing},
    {kFailed, TaskEvent::kRetry, kPendingApproval, nothing},
    {kFailed, TaskEvent::kSkip, kSkipped, says_why},
    {kCanceled, TaskEvent::kVoid, kCanceled, nothing},
    {kCanceled, TaskEvent::kRetry, kPendingApproval, nothing},
    {kCanceled, TaskEvent::kSkip, kSkipped, says_why},
    {kNeedsPerson, TaskEvent::kRetry, kPendingApproval, nothing},
    {kNeedsPerson, TaskEvent::kSkip, kSkipped, says_why},
    {kNeedsPerson, TaskEvent::kSettleDone, kDone, says_what_was_seen},
    {kNeedsPerson, TaskEvent::kSettleFail, kFailed, says_what_was_seen},
};

struct IssueRow {
  IssueStatus from;
  IssueEvent event;
  IssueStatus to;
  const char* (*guard)(const IssueFacts&);
};

constexpr IssueRow kIssues[] = {
    {IssueStatus::kOpen, IssueEvent::kResolve, IssueStatus::kDone,
     [](const IssueFacts& facts) -> const char* {
       return facts.all_tasks_settled ? nullptr : "a task has not finished; run, retry or skip it";
     }},
    {IssueStatus::kOpen, IssueEvent::kCancel, IssueStatus::kCanceled,
     [](const IssueFacts& facts) -> const char* {
       return facts.task_running ? "a task is running; cancel it first" : nullptr;
     }},
    {IssueStatus::kCanceled, IssueEvent::kReopen, IssueStatus::kOpen,
     [](const IssueFacts&) -> const char* { return nullptr; }},
};

constexpr std::array<std::string_view, 11> kTaskEvents{
    "approve", "void",  "start", "succeed",     "fail",       "cancel",
    "skip",    "retry", "lose",  "settle_done", "settle_fail"};
constexpr std::array<std::string_view, 3> kIssueEvents{"resolve", "cancel", "reopen"};
static_assert(kTaskEvents.size() == static_cast<std::size_t>(TaskEvent::kCount));
static_assert(kIssueEvents.size() == static_cast<std::size_t>(IssueEvent::kCount));

template <class Status, class Event>
Refused absent(std::string_view what, Status from, Event event) {
  return {std::string(what) + " that is " + std::string(name(from)) + " cannot take '" +
          std::string(name(event)) + "'"};
}

}  // namespace

std::variant<TaskStatus, Refused> transition(TaskStatus from, TaskEvent event,
                                             const TaskFacts& facts) {
  for (const TaskRow& row : kTasks) {
    if (row.from != from || row.event != event) continue;
    if (facts.issue != IssueStatus::kOpen && !row.on_closed_issue) {
      return Refused{"the issue is " + std::string(name(facts.issue))};
    }
    if (const char* reason = row.guard(facts)) return Refused{reason};
    return row.to;
  }
  return absent("a task", from, event);
}

std::variant<IssueStatus, Refused> transition(IssueStatus from, IssueEvent event,
                                              const IssueFacts& facts) {
  for (const IssueRow& row : kIssues) {
    if (row.from != from || row.event != event) continue;
    if (const char* reason = row.guard(facts)) return Refused{reason};
    return row.to;
  }
  return absent("an issue", from, event);
}

std::string_view name(TaskEvent event) noexcept {
  return kTaskEvents[static_cast<std::size_t>(event)];
}
std::string_view name(IssueEvent event) noexcept {
  return kIssueEvents[static_cast<std::size_t>(event)];
}

}  // namespace sluice::policy
