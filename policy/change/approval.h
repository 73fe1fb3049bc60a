// Who may approve a task, and which task needs nobody. Pure.
#pragma once

#include <string>
#include <variant>

#include "policy/access.h"
#include "policy/change/change.h"
#include "policy/change/transition.h"

namespace sluice::policy {

// An environment's rules of approval.
struct ApprovalRules {
  Approval approval = Approval::kManual;
  bool project_owner_may_approve = false;  // besides the workspace's owners and DBAs
  bool allow_self_approval = false;
};

struct Approver {
  Subject subject;
  bool is_creator = false;  // of the issue, or the last to edit the task's statement
};

struct Approved {};

// Whether this person may approve; the checks and stages are transition()'s.
[[nodiscard]] std::variant<Approved, Refused> approve(const ApprovalRules& rules,
                                                      const Approver& approver);

// Whether a task of that kind runs without a person: in an automatic environment, with every check
// passed and none with a warning, and never a rollback.
[[nodiscard]] bool runs_by_itself(const ApprovalRules& rules, IssueKind kind,
                                  CheckResult checks) noexcept;

}  // namespace sluice::policy
