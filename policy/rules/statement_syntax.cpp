// statement.syntax: a text that is not understood cannot be reviewed, so it is an error, whatever
// the policy says. A definition that the parser takes and the schema reader does not is one too:
// the walk would go on without it.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void statement_syntax(Check& check) {
  for (const auto& step : check.steps()) {
    const auto& statement = *step.statement;
    if (const auto& error = statement.parsed.error) {
      const auto at = std::min(statement.range.begin + error->offset, statement.range.end);
      check.report_at(step, {at, std::min(at + error->near.size(), statement.range.end)},
                      error->kind == parser::SyntaxError::Kind::TooComplex
                          ? "The statement is nested or long beyond what is reviewed; split it."
                          : error->message + " Correct the statement; nothing of it was reviewed.");
    } else if (const auto& unread = statement.ddl.error) {
      const auto at = std::min(statement.range.begin + unread->offset, statement.range.end);
      check.report_at(
          step, {at, std::min(at + unread->near.size(), statement.range.end)},
          "The definition is not understood here (" + unread->message +
              "), so its effect on the schema was not reviewed; write it in another way.");
    }
  }
}

}  // namespace sluice::policy::rules
