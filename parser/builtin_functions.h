#pragma once

#include <string_view>

#include "parser/dialect.h"

namespace sluice::parser {

// Whether the server of the dialect has a native function of that name (manual 14.1), without
// regard to case: then an unqualified call is never one of a stored function. A name that one
// server has and another has not can be a stored function on the other, and write.
[[nodiscard]] bool is_builtin_function(std::string_view name, const Dialect& dialect);

}  // namespace sluice::parser
