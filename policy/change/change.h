// An issue, its stages and its tasks, as values: what the state machines in transition.h and the
// approval rules in approval.h speak of.
//
//   issue 1 ── n stage (one an environment, in its order) 1 ── n task (one a database)
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::policy {

enum class IssueKind : std::uint8_t {
  kDatabaseCreate,
  kSchemaUpdate,
  kDataUpdate,
  kDataRollback,
  kSchemaBaseline,
};

enum class IssueStatus : std::uint8_t { kOpen, kDone, kCanceled, kCount };

enum class TaskStatus : std::uint8_t {
  kPendingApproval,
  kPending,  // approved; runs when its turn comes
  kRunning,
  kDone,
  kFailed,
  kCanceled,
  kSkipped,
  kNeedsPerson,  // a crash left what nobody can tell from outside: a person decides
  kCount,
};

// The checks of a task, together.
enum class CheckResult : std::uint8_t { kNotRun, kRunning, kPassed, kWarning, kError };

enum class Approval : std::uint8_t { kAutomatic, kManual };  // of an environment

// The API's words: "schema.update", "open", "pending_approval", "automatic".
[[nodiscard]] std::string_view name(IssueKind kind) noexcept;
[[nodiscard]] std::string_view name(IssueStatus status) noexcept;
[[nodiscard]] std::string_view name(TaskStatus status) noexcept;
[[nodiscard]] std::string_view name(CheckResult result) noexcept;
[[nodiscard]] std::string_view name(Approval approval) noexcept;
[[nodiscard]] std::optional<IssueKind> parse_issue_kind(std::string_view word) noexcept;
[[nodiscard]] std::optional<IssueStatus> parse_issue_status(std::string_view word) noexcept;
[[nodiscard]] std::optional<TaskStatus> parse_task_status(std::string_view word) noexcept;
[[nodiscard]] std::optional<CheckResult> parse_check_result(std::string_view word) noexcept;
[[nodiscard]] std::optional<Approval> parse_approval(std::string_view word) noexcept;

// Whether nothing more happens to a task by itself and its issue may be resolved.
[[nodiscard]] constexpr bool is_settled(TaskStatus status) noexcept {
  return status == TaskStatus::kDone || status == TaskStatus::kSkipped;
}

}  // namespace sluice::policy
