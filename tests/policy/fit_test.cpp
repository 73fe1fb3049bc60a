#include "policy/change/fit.h"

#include <array>

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

using parser::ActionGroup;

// A column a group in their order (read session transaction dml ddl account server opaque): f fits,
// d doubtful, '-' does not.
TEST(Fit, EveryKindAndGroup) {
  const std::array<std::pair<IssueKind, std::string_view>, 5> expected{{
      {IssueKind::kDatabaseCreate, "-f--f--d"},
      {IssueKind::kSchemaUpdate, "-f--f--d"},
      {IssueKind::kDataUpdate, "ffff---d"},
      {IssueKind::kDataRollback, "ffff---d"},
      {IssueKind::kSchemaBaseline, "-f--f--d"},
  }};
  for (const auto& [kind, row] : expected) {
    for (std::size_t group = 0; group < row.size(); ++group) {
      parser::StatementFacts facts;
      facts.group = static_cast<ActionGroup>(group);
      const auto fitting = fits(kind, facts);
      EXPECT_EQ("fd-"[static_cast<std::size_t>(fitting.fit)], row[group])
          << name(kind) << ' ' << parser::to_string(facts.group);
      EXPECT_EQ(fitting.why.empty(), fitting.fit == Fit::kFits);
    }
  }
}

}  // namespace
}  // namespace sluice::policy
