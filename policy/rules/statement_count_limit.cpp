// statement.count-limit: a sheet of many statements is reviewed by nobody, and fails half way.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_count_limit(Check& check) {
  const auto most = static_cast<std::size_t>(check.number("limit"));
  const auto steps = check.steps();
  if (steps.size() <= most) return;
  check.report(steps[most], "The sheet has " + std::to_string(steps.size()) +
                                " statements, more than " + std::to_string(most) +
                                "; make several changes of it.");
}

}  // namespace sluice::policy::rules
