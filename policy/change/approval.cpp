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
  // In an automatic environment a person is asked only to look once more: at a rollback, or at what
  // a check warned of.
  const bool somebody_else = rules.approval == Approval::kManual && !rules.allow_self_approval;
  if (approver.is_creator && somebody_else) {
    return Refused{"a change is approved by somebody other than its author"};
  }
  return Approved{};
}

bool runs_by_itself(const ApprovalRules& rules, IssueKind kind, CheckResult checks) noexcept {
  return rules.approval == Approval::kAutomatic && kind != IssueKind::kDataRollback &&
         checks == CheckResult::kPassed;
}

}  // namespace sluice::policy
