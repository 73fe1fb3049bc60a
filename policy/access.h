// Who may do what: one table of actions, with the workspace roles that have each everywhere and the
// project roles that have it in their project. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sluice::policy {

enum class WorkspaceRole : std::uint8_t { kOwner, kDba, kDeveloper };
enum class ProjectRole : std::uint8_t { kNone, kOwner, kDeveloper, kViewer };

enum class Action : std::uint8_t {
  kReadUsers,
  kManageUsers,
  kManageWorkspace,
  kReadEnvironments,
  kManageEnvironments,
  kReadInstances,
  kManageInstances,
  kSyncInstances,
  kManageAccounts,
  kCreateProjects,
  kReadAudit,
  kReadConnections,
  kEndConnections,
  kReadDigests,
  kScanAll,
  kReadProject,
  kManageProject,
  kDeleteProject,
  kManageMembers,
  kReadDatabases,
  kTransferDatabases,
  kScanDatabase,
  kReadIssues,
  kCreateIssues,
  kCommentIssues,
  kEditIssues,
  kApproveIssues,
  kRunTasks,
  kResolveIssues,
  kCancelIssues,
  kReadChanges,
  kReadAnomalies,
  kQuerySql,
  kAdminSql,
  kCount,
};

// Who asks, as far as access goes. `project` is the role in the project that the action is about.
struct Subject {
  WorkspaceRole workspace = WorkspaceRole::kDeveloper;
  ProjectRole project = ProjectRole::kNone;
};

[[nodiscard]] bool may(const Subject& subject, Action action) noexcept;
// "issues.approve": for the audit log and refusals.
[[nodiscard]] std::string_view name(Action action) noexcept;

// The words of the API: owner, dba, developer; owner, developer, viewer.
[[nodiscard]] std::string_view name(WorkspaceRole role) noexcept;
[[nodiscard]] std::string_view name(ProjectRole role) noexcept;
[[nodiscard]] std::optional<WorkspaceRole> parse_workspace_role(std::string_view word) noexcept;
[[nodiscard]] std::optional<ProjectRole> parse_project_role(std::string_view word) noexcept;

}  // namespace sluice::policy
