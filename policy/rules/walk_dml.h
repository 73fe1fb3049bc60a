// What the walk finds in statements that define nothing: tables and columns that are not there,
// rows of the wrong width. Pure.
#pragma once

#include "policy/rules/world.h"

namespace sluice::policy::rules {

void check_queries(const SheetStatement& statement, World& world, std::vector<WalkFault>& faults);

}  // namespace sluice::policy::rules
