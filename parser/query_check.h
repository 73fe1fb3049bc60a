// The grammar reads what follows a query in any order, and what stands in parentheses before a
// UNION as an expression or as tables; this holds both to the servers' rules
// (manual 15.2.13, 15.2.18).
#pragma once

#include <antlr4-runtime.h>

namespace sluice::parser {

// The token at which the servers' parser would stop, or null. REQUIRES: a queryEnd, parenBody or
// derivedBody.
[[nodiscard]] const antlr4::Token* misplaced_query_part(antlr4::ParserRuleContext* context);

}  // namespace sluice::parser
