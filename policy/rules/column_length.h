// What column.char-length and column.varchar-length share. Used by those two only.
#pragma once

#include <string_view>

#include "policy/rules/rule.h"

namespace sluice::policy::rules {

// Reports each column of `type` ("char") that is declared longer than the parameter `limit`, in
// characters; `instead` is what to do about it.
void column_length(Check& check, std::string_view type, std::string_view instead);

}  // namespace sluice::policy::rules
