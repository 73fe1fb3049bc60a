#include "policy/access.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace sluice::policy {
namespace {

// Roles as bits of a row.
constexpr std::uint8_t kOwner = 1;
constexpr std::uint8_t kDba = 2;
constexpr std::uint8_t kDeveloper = 4;
constexpr std::uint8_t kEverybody = kOwner | kDba | kDeveloper;
constexpr std::uint8_t kNobody = 0;
constexpr std::uint8_t kProjectOwner = 1;
constexpr std::uint8_t kProjectDeveloper = 2;
constexpr std::uint8_t kProjectViewer = 4;
constexpr std::uint8_t kMembers = kProjectOwner | kProjectDeveloper | kProjectViewer;
constexpr std::uint8_t kWorkers = kProjectOwner | kProjectDeveloper;

struct Row {
  Action action;
  std::string_view name;
  std::uint8_t workspace;  // may, in every project
  std::uint8_t project;    // may, in that project
};

// What is about no project has nobody in its last column. Whether somebody who may approve is the
// right one for a given change is policy/change/approval.h.
constexpr std::array kRows{
    Row{Action::kReadUsers, "users.read", kEverybody, kNobody},
    Row{Action::kManageUsers, "users.manage", kOwner, kNobody},
    Row{Action::kManageWorkspace, "workspace.manage", kOwner, kNobody},
    Row{Action::kReadEnvironments, "environments.read", kEverybody, kNobody},
    Row{Action::kManageEnvironments, "environments.manage", kOwner | kDba, kNobody},
    Row{Action::kReadInstances, "instances.read", kEverybody, kNobody},
    Row{Action::kManageInstances, "instances.manage", kOwner | kDba, kNobody},
    Row{Action::kSyncInstances, "instances.sync", kOwner | kDba, kNobody},
    Row{Action::kManageAccounts, "accounts.manage", kOwner | kDba, kNobody},
    Row{Action::kCreateProjects, "projects.create", kOwner | kDba, kNobody},
    Row{Action::kReadAudit, "audit.read", kOwner | kDba, kNobody},
    Row{Action::kReadConnections, "connections.read", kOwner | kDba, kNobody},
    Row{Action::kEndConnections, "connections.end", kOwner | kDba, kNobody},
    Row{Action::kReadDigests, "digests.read", kOwner | kDba, kNobody},
    Row{Action::kScanAll, "scans.all", kOwner | kDba, kNobody},
    Row{Action::kReadProject, "project.read", kOwner | kDba, kMembers},
    Row{Action::kManageProject, "project.manage", kOwner | kDba, kProjectOwner},
    Row{Action::kDeleteProject, "project.delete", kOwner | kDba, kNobody},
    Row{Action::kManageMembers, "project.members", kOwner | kDba, kProjectOwner},
    Row{Action::kReadDatabases, "databases.read", kOwner | kDba, kMembers},
    Row{Action::kTransferDatabases, "databases.transfer", kOwner | kDba, kNobody},
    Row{Action::kScanDatabase, "databases.scan", kOwner | kDba, kWorkers},
    Row{Action::kReadIssues, "issues.read", kOwner | kDba, kMembers},
    Row{Action::kCreateIssues, "issues.create", kOwner | kDba, kWorkers},
    Row{Action::kCommentIssues, "issues.comment", kOwner | kDba, kMembers},
    Row{Action::kEditIssues, "issues.edit", kOwner | kDba, kWorkers},
    Row{Action::kApproveIssues, "issues.approve", kOwner | kDba, kProjectOwner},
    Row{Action::kRunTasks, "tasks.run", kOwner | kDba, kProjectOwner},
    Row{Action::kResolveIssues, "issues.resolve", kOwner | kDba, kWorkers},
    Row{Action::kCancelIssues, "issues.cancel", kOwner | kDba, kWorkers},
    Row{Action::kReadChanges, "changes.read", kOwner | kDba, kMembers},
    Row{Action::kReadAnomalies, "anomalies.read", kOwner | kDba, kMembers},
    Row{Action::kQuerySql, "sql.query", kOwner | kDba, kWorkers},
    Row{Action::kAdminSql, "sql.admin", kOwner | kDba, kNobody},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].action != static_cast<Action>(i)) return false;
  }
  return kRows.size() == static_cast<std::size_t>(Action::kCount);
}
static_assert(rows_are_in_order(), "a row an action, in the enumeration's order");

const Row& row_of(Action action) noexcept {
  assert(action < Action::kCount);
  return kRows[static_cast<std::size_t>(action)];
}

constexpr std::array<std::string_view, 3> kWorkspaceRoles{"owner", "dba", "developer"};
constexpr std::array<std::string_view, 4> kProjectRoles{"none", "owner", "developer", "viewer"};

}  // namespace

bool may(const Subject& subject, Action action) noexcept {
  const Row& row = row_of(action);
  if ((row.workspace & (1U << static_cast<unsigned>(subject.workspace))) != 0) return true;
  if (subject.project == ProjectRole::kNone) return false;
  return (row.project & (1U << (static_cast<unsigned>(subject.project) - 1U))) != 0;
}

std::string_view name(Action action) noexcept {
  return row_of(action).name;
}

std::string_view name(WorkspaceRole role) noexcept {
  return kWorkspaceRoles[static_cast<std::size_t>(role)];
}

std::string_view name(ProjectRole role) noexcept {
  return kProjectRoles[static_cast<std::size_t>(role)];
}

std::optional<WorkspaceRole> parse_workspace_role(std::string_view word) noexcept {
  const auto found = std::ranges::find(kWorkspaceRoles, word);
  if (found == kWorkspaceRoles.end()) return std::nullopt;
  return static_cast<WorkspaceRole>(found - kWorkspaceRoles.begin());
}

std::optional<ProjectRole> parse_project_role(std::string_view word) noexcept {
  // "none" is the absence of a role, not one that can be given.
  const auto found = std::find(kProjectRoles.begin() + 1, kProjectRoles.end(), word);
  if (found == kProjectRoles.end()) return std::nullopt;
  return static_cast<ProjectRole>(found - kProjectRoles.begin());
}

}  // namespace sluice::policy
