#include "policy/change/change.h"

#include <algorithm>
#include <array>

namespace sluice::policy {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"database.create", "schema.update", "data.update",
                                                 "data.rollback", "schema.baseline"};
constexpr std::array<std::string_view, 3> kIssueStatuses{"open", "done", "canceled"};
constexpr std::array<std::string_view, 8> kTaskStatuses{
    "pending_approval", "pending",  "running", "done",
    "failed",           "canceled", "skipped", "needs_person"};
constexpr std::array<std::string_view, 5> kCheckResults{"not_run", "running", "passed", "warning",
                                                        "error"};
constexpr std::array<std::string_view, 2> kApprovals{"automatic", "manual"};
static_assert(kTaskStatuses.size() == static_cast<std::size_t>(TaskStatus::kCount));
static_assert(kIssueStatuses.size() == static_cast<std::size_t>(IssueStatus::kCount));

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

}  // namespace

std::string_view name(IssueKind kind) noexcept {
  return kKinds[static_cast<std::size_t>(kind)];
}
std::string_view name(IssueStatus status) noexcept {
  return kIssueStatuses[static_cast<std::size_t>(status)];
}
std::string_view name(TaskStatus status) noexcept {
  return kTaskStatuses[static_cast<std::size_t>(status)];
}
std::string_view name(CheckResult result) noexcept {
  return kCheckResults[static_cast<std::size_t>(result)];
}
std::string_view name(Approval approval) noexcept {
  return kApprovals[static_cast<std::size_t>(approval)];
}
std::optional<IssueKind> parse_issue_kind(std::string_view word) noexcept {
  return find<IssueKind>(kKinds, word);
}
std::optional<IssueStatus> parse_issue_status(std::string_view word) noexcept {
  return find<IssueStatus>(kIssueStatuses, word);
}
std::optional<TaskStatus> parse_task_status(std::string_view word) noexcept {
  return find<TaskStatus>(kTaskStatuses, word);
}
std::optional<CheckResult> parse_check_result(std::string_view word) noexcept {
  return find<CheckResult>(kCheckResults, word);
}
std::optional<Approval> parse_approval(std::string_view word) noexcept {
  return find<Approval>(kApprovals, word);
}

}  // namespace sluice::policy
