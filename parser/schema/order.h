// In which order the objects of a schema can be made; drops go the other way. Cycles and names that
// do not exist are no fault: what is in a cycle comes in the order of names. Pure.
#pragma once

#include "parser/schema/model.h"

namespace sluice::schema {

[[nodiscard]] std::vector<std::string> creation_order(
    const Schema& schema);                                                // tables, by foreign keys
[[nodiscard]] std::vector<std::string> view_order(const Schema& schema);  // views, by their SELECT
[[nodiscard]] std::vector<std::string> trigger_order(const Schema& schema);  // by FOLLOWS

}  // namespace sluice::schema
