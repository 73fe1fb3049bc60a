// A statement's tree back to SQL text, for reviews and generators: its tokens are those of the text
// that was parsed, keywords in upper case, one blank where one is needed, comments left out. A
// version comment's code is written as code.
//
// The dialect has to be that of the parse: literals are kept as spelled. Pure; any thread; nothing
// here fails.
#pragma once

#include <string>

#include "parser/dialect.h"
#include "parser/statement.h"

namespace sluice::parser {

[[nodiscard]] std::string print(const StatementTree& tree, const Dialect& dialect);
[[nodiscard]] std::string print(const Query& query, const Dialect& dialect);
[[nodiscard]] std::string print(const Expression& expression, const Dialect& dialect);

}  // namespace sluice::parser
