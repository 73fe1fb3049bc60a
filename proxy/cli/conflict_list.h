// Rows that were changed since the change that is to be undone, one a line, for a terminal.
#pragma once

#include <iosfwd>

#include "admin/change/rollback_conflicts.h"

namespace sluice::cli {

// "conflict: `d`.`t` (`id`=7): the change left `a`=1; now `a`=2". Of a row only the columns that
// differ; at the end how many there are, when not all are listed.
void list_conflicts(const change::ConflictReport& report, std::ostream& out);

}  // namespace sluice::cli
