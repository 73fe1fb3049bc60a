#include "policy/access.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

// Columns: workspace owner, dba, developer; then a workspace developer who is in the project as
// owner, developer, viewer. Written down a second time, by hand, so that a slip in either shows.
const std::map<std::string, std::string, std::less<>> kExpected{
    {"users.read", "yyy yyy"},        {"users.manage", "y-- ---"},
    {"environments.read", "yyy yyy"}, {"environments.manage", "yy- ---"},
    {"instances.read", "yyy yyy"},    {"instances.manage", "yy- ---"},
    {"instances.sync", "yy- ---"},    {"accounts.manage", "yy- ---"},
    {"projects.create", "yy- ---"},   {"audit.read", "yy- ---"},
    {"connections.read", "yy- ---"},  {"connections.end", "yy- ---"},
    {"digests.read", "yy- ---"},      {"scans.all", "yy- ---"},
    {"project.read", "yy- yyy"},      {"project.manage", "yy- y--"},
    {"project.delete", "yy- ---"},    {"project.members", "yy- y--"},
    {"databases.read", "yy- yyy"},    {"databases.transfer", "yy- ---"},
    {"databases.scan", "yy- yy-"},    {"issues.read", "yy- yyy"},
    {"issues.create", "yy- yy-"},     {"issues.comment", "yy- yyy"},
    {"issues.edit", "yy- yy-"},       {"issues.approve", "yy- y--"},
    {"tasks.run", "yy- y--"},         {"issues.resolve", "yy- yy-"},
    {"issues.cancel", "yy- yy-"},     {"changes.read", "yy- yyy"},
    {"anomalies.read", "yy- yyy"},    {"sql.query", "yy- yy-"},
    {"sql.admin", "yy- ---"},         {"workspace.manage", "y-- ---"},
};

TEST(Access, EveryPairOfRolesAndActions) {
  constexpr WorkspaceRole kWorkspace[] = {WorkspaceRole::kOwner, WorkspaceRole::kDba,
                                          WorkspaceRole::kDeveloper};
  constexpr ProjectRole kProject[] = {ProjectRole::kNone, ProjectRole::kOwner,
                                      ProjectRole::kDeveloper, ProjectRole::kViewer};
  ASSERT_EQ(kExpected.size(), static_cast<std::size_t>(Action::kCount));
  for (std::size_t a = 0; a < static_cast<std::size_t>(Action::kCount); ++a) {
    const auto action = static_cast<Action>(a);
    const auto found = kExpected.find(name(action));
    ASSERT_NE(found, kExpected.end()) << name(action);
    for (std::size_t w = 0; w < 3; ++w) {
      for (std::size_t p = 0; p < 4; ++p) {
        const bool expected = found->second[w] == 'y' || (p > 0 && found->second[3 + p] == 'y');
        EXPECT_EQ(may({kWorkspace[w], kProject[p]}, action), expected)
            << name(kWorkspace[w]) << '/' << name(kProject[p]) << ' ' << name(action);
      }
    }
  }
}

TEST(Access, RolesAreReadByTheirNamesOnly) {
  for (const auto role : {WorkspaceRole::kOwner, WorkspaceRole::kDba, WorkspaceRole::kDeveloper}) {
    EXPECT_EQ(parse_workspace_role(name(role)), role);
  }
  for (const auto role : {ProjectRole::kOwner, ProjectRole::kDeveloper, ProjectRole::kViewer}) {
    EXPECT_EQ(parse_project_role(name(role)), role);
  }
  EXPECT_EQ(parse_workspace_role("OWNER"), std::nullopt);
  EXPECT_EQ(parse_workspace_role(""), std::nullopt);
  EXPECT_EQ(parse_project_role("none"), std::nullopt);
}

}  // namespace
}  // namespace sluice::policy
