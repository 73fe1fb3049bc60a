#include "policy/change/approval.h"

namespace sluice::policy {

std::variant<Approved, Refused> approve(const ApprovalRules& rules, const Approver& approver) {
  if (!may(approver.subject, Action::kApproveIssues)) {
    return Refused{"your roles do not include approving changes"};
  }
  const bool by_workspace =
      may({approver.subject.workspace, ProjectRole::kNone}, Action::kApproveIssues);
  if (!by_workspace && !rules.project_owner_may_approve) {
    return Refused{"this environment's changes are approved by workspace owners and DBAs"};
  }
  if (approver.is_creator && !rules.allow_self_approval) {
    return Refused{"a change is approved by somebody other than its author"};
  }
  return Approved{};
}

bool runs_by_itself(const ApprovalRules& rules, IssueKind kind, CheckResult checks) noexcept {
  return rules.approval == Approval::kAutomatic && kind != IssueKind::kDataRollback &&
         checks == CheckResult::kPassed;
}

}  // namespace sluice::policy
