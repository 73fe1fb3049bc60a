// Rows of other tables that came since the change, and refer to rows which undoing it takes away:
// the server would delete or change them with those (ON DELETE CASCADE and its kin), or, while it
// does not check foreign keys, leave them behind. Inner part of rollback.cpp; nobody else includes
// this.
#pragma once

#include <span>
#include <vector>

#include "proxy/binlog/rollback.h"
#include "proxy/binlog/rollback_plan.h"

namespace sluice::binlog {

// No row refers to what the event inserted, or to a key that it changed to. Where the server checks
// foreign keys: guards of those that act, which must hold when all that is newer than the event has
// been undone (the server itself refuses the others). Where it does not: guards of all of them,
// which must hold when everything has been undone.
[[nodiscard]] Result<std::vector<InverseStatement>> reference_guards(const InverseOptions& options,
                                                                     const TablePlan& plan,
                                                                     const Rows& rows,
                                                                     std::span<const Row> images);

}  // namespace sluice::binlog
