// The review of a sheet: every rule of a policy over its walk. Pure; any thread.
#pragma once

#include "policy/rules/rule_set.h"

namespace sluice::policy::rules {

struct Review {
  std::vector<Finding> findings;  // by place in the sheet
  std::size_t statements = 0;
  // The database after the sheet, for the review of the next one; nothing when it was not known.
  std::optional<schema::Schema> schema;

  [[nodiscard]] Level worst() const;  // kOff: nothing was found
};

// `text` of any bytes, any length: a sheet longer than parser::kMaxTextBytes is one finding of
// statement.syntax.
[[nodiscard]] Review review(std::string_view text, const Situation& situation,
                            const RuleSet& rules);

// The same of a sheet that was read already, with situation.server and situation.database.
[[nodiscard]] Review review(const Sheet& sheet, const Situation& situation, const RuleSet& rules);

// Indexes of the statements for which Situation::affected_rows is of use: UPDATE, DELETE and
// INSERT … SELECT, which EXPLAIN takes as they stand.
[[nodiscard]] std::vector<std::size_t> wants_row_estimate(const Sheet& sheet);

}  // namespace sluice::policy::rules
