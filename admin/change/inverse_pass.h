// One pass over the rows of a change, newest first, that makes of them the statements that undo
// them. Where the rows come from, and what becomes of the statements, is the caller's.
#pragma once

#include <functional>

#include "admin/change/rollback_data.h"
#include "proxy/binlog/rollback.h"
#include "proxy/binlog/row_image.h"

namespace sluice::change {

struct InversePass {
  binlog::InverseMode mode = binlog::InverseMode::kSql;
  std::uint32_t batch_rows = 1000;  // rows a statement, where keys allow
  bool row_by_row = false;          // each row is undone by itself
  bool guard_changed_only = false;  // as in InverseOptions
  // Called before an event's rows are undone. False: it ends here. The rows may be made fewer.
  std::function<bool(KeptRows& kept)> event{};
  // Row by row: called before each, which is the only one in `rows`; `index` counts in the event.
  std::function<bool(const binlog::Rows& rows, const binlog::Row& row, std::size_t index)> row{};
  // Statements from SET to COMMIT. False: it ends here.
  std::function<bool(binlog::InverseStatement&& statement)> take{};
};

// The rows of a change and what is known of its tables.
struct RowSource {
  binlog::InverseOptions options;  // mode: that in which the change will be undone
  binlog::FormatDescription format;
  binlog::FindShape shapes;
  std::function<binlog::Result<void>(const VisitRows& visit)> newest_first;
};

// Errors: those of the source and of binlog::Inverse.
[[nodiscard]] binlog::Result<void> run_pass(const RowSource& source, const InversePass& pass);

}  // namespace sluice::change
