// The state machines of a task and of an issue, as tables. Pure: the caller looks the facts up,
// writes the new state and does what it means.
//
//   task                     approve                 start
//      PENDING_APPROVAL ───────────────▶ PENDING ───────────────▶ RUNNING ── succeed ──▶ DONE
//         ▲   │   ▲  ◀───── void ────────┘  │                      │ │ │
//         │   │   │                         │ cancel        cancel │ │ └─ lose ──▶ NEEDS_PERSON
//         │   │   └── retry ── CANCELED ◀───┴──────────────────────┘ │
//         │   └ skip ─┐           │ skip                         fail│
//         │           ▼           ▼                                  ▼
//         │        SKIPPED ◀──────┴───────── skip ──────────────── FAILED
//         └──────────────────────────────── retry ────────────────┘
//
//   NEEDS_PERSON ── settle_done ──▶ DONE         a person looked: it ran
//                ── settle_fail ──▶ FAILED       it did not, or not whole: edit, retry or skip it
//                ── retry ──▶ PENDING_APPROVAL   ── skip ──▶ SKIPPED
//
//   issue   OPEN ── resolve ──▶ DONE      OPEN ── cancel ──▶ CANCELED ── reopen ──▶ OPEN
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "policy/change/change.h"

namespace sluice::policy {

enum class TaskEvent : std::uint8_t {
  kApprove,
  kVoid,  // its statement was edited: approvals are void
  kStart,
  kSucceed,
  kFail,
  kCancel,
  kSkip,
  kRetry,
  kLose,        // a crash left it running, and nothing tells how it ended
  kSettleDone,  // a person says that it did run
  kSettleFail,  // … that it did not, or not to its end
  kCount,
};

enum class IssueEvent : std::uint8_t { kResolve, kCancel, kReopen, kCount };

// What the guards look at. Those that an event does not need are not looked at.
struct TaskFacts {
  IssueStatus issue = IssueStatus::kOpen;
  CheckResult checks = CheckResult::kNotRun;
  bool earlier_stage_open = false;  // a task of an earlier stage is not settled
  bool database_busy = false;       // another task runs on the same database
  bool earliest_start_reached = true;
  bool reason_given = false;  // a skip or a settlement says why
};

struct IssueFacts {
  bool all_tasks_settled = false;
  bool task_running = false;
};

// Why an event does not happen, for a person.
struct Refused {
  std::string reason;
};

[[nodiscard]] std::variant<TaskStatus, Refused> transition(TaskStatus from, TaskEvent event,
                                                           const TaskFacts& facts);
[[nodiscard]] std::variant<IssueStatus, Refused> transition(IssueStatus from, IssueEvent event,
                                                            const IssueFacts& facts);

[[nodiscard]] std::string_view name(TaskEvent event) noexcept;
[[nodiscard]] std::string_view name(IssueEvent event) noexcept;

}  // namespace sluice::policy
