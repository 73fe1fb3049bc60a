// What a rollback did, as data for its own rollback: the same rows the other way round. For servers
// whose log does not have them. Blocking; the store.
#pragma once

#include "admin/change/rollback_conflicts.h"
#include "admin/change/rollback_script.h"
#include "admin/change/rollback_source.h"

namespace sluice::change {

// INSERT becomes DELETE, DELETE becomes INSERT, UPDATE changes its images; `images` holds what the
// result borrows. kIncomplete: an image is not whole.
[[nodiscard]] binlog::Result<binlog::Rows> reversed(const binlog::Rows& rows, wire::Buffer& images);

// Keeps it for that run. `left` were left as they are, and are not in it.
[[nodiscard]] store::Result<void> keep_reversed(const KeepServices& services, store::Id task,
                                                std::int64_t attempt, const RollbackScript& script,
                                                const ConflictReport& left);

}  // namespace sluice::change
