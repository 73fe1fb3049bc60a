// What a text literal says (manual 11.1.1 String Literals). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "parser/dialect.h"

namespace sluice::parser {

// The value of a text literal as spelled, its parts joined and escapes undone.
[[nodiscard]] std::string string_value(std::string_view spelled, const Dialect& dialect);

}  // namespace sluice::parser
