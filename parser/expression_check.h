// The grammar reads an expression as a flat list; this holds the list to the servers' precedence
// (manual 14.4.1).
#pragma once

#include "SluiceParser.h"

namespace sluice::parser {

// Whether an operator with what follows it is logic or a comparison; not what assigns.
[[nodiscard]] bool compares(const grammar::SluiceParser::InfixContext& infix);

// The token at which the servers' parser would stop, or null. `position`: the argument of
// POSITION(a IN b).
[[nodiscard]] const antlr4::Token* misplaced(grammar::SluiceParser::ExprContext& expression,
                                             bool position, bool mariadb);

// The same where a server takes no more than a value with arithmetic (bit_expr in their grammars):
// no logic, no comparison, no NOT. Null for expressions elsewhere.
[[nodiscard]] const antlr4::Token* beyond_arithmetic(
    grammar::SluiceParser::ExprContext& expression);

}  // namespace sluice::parser
