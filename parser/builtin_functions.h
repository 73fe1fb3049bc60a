#pragma once

#include <string_view>

namespace sluice::parser {

// Whether both servers' function names have it (manual 14.1), without regard to case: then an
// unqualified call is never one of a stored function.
[[nodiscard]] bool is_builtin_function(std::string_view name);

}  // namespace sluice::parser
