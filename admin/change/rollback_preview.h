// What a rollback would do, for a person to look at before; and the issue that does it. Nothing is
// run. Blocking: reads the store, the binary log and the live tables.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "admin/change/issue_actions.h"
#include "admin/change/rollback_conflicts.h"
#include "admin/change/rollback_script.h"
#include "admin/change/rollback_source.h"

namespace sluice::change {

struct PreviewLimits {
  std::size_t statements = 200;
  std::size_t statement_bytes = std::size_t{256} << 10U;
  std::size_t rows = 100;
  std::uint64_t checked_rows = 20'000;  // looked at for conflicts
  bool whole = false;                   // every row is gone through, so that no fault comes later
};

struct RollbackPreview {
  store::Task task;      // of the change's issue, or of the rollback's
  store::Id change = 0;  // 0: rows that a person chose
  // Why it cannot be rolled back, as a sentence that says what to do; empty: it can.
  std::string refused;
  std::optional<store::RollbackData> data;
  bool exact = false;  // row events are applied, not SQL
  std::vector<InstanceFinding> findings;
  std::vector<TableTally> tables;
  std::vector<std::string> statements;  // SQL whatever the way, the newest change first
  bool statements_cut = false;
  std::vector<ShownRow> rows;  // the oldest first
  bool rows_cut = false;
  ConflictReport conflicts;

  // The sheet of the task that runs it.
  [[nodiscard]] std::string sheet(std::string_view title) const;
};

// Fills in what the data says. A fault is the connection's.
[[nodiscard]] mysql::Result<void> preview_data(store::Store& store, const mysql::Options& options,
                                               const PreviewLimits& limits,
                                               RollbackPreview& preview);

// Of each task of the issue that made a change: its rows are taken out of the log where nothing is
// kept. Of a rollback that has not run: what it will do. A fault is the store's.
[[nodiscard]] store::Result<std::vector<RollbackPreview>> preview_rollback(
    store::Store& store, const store::IssueState& state, store::Time now,
    const PreviewLimits& limits);

// Of one entry of the history, whoever made it. kRefused: it is no change of data.
[[nodiscard]] store::Result<RollbackPreview> preview_change(store::Store& store,
                                                            const store::Change& change,
                                                            store::Time now,
                                                            const PreviewLimits& limits);

struct RollbackRequest {
  store::OnConflict on_conflict = store::OnConflict::kStop;
  std::string title;  // empty: of the issue's
  std::string description;
  store::Source source = store::Source::kApi;
  store::Id creator = 0;
};
// The issue that undoes all that can be undone of those previews; kRefused with why not.
[[nodiscard]] store::Result<store::NewIssue> plan_rollback(
    store::Store& store, const store::IssueState& undone,
    const std::vector<RollbackPreview>& previews, const RollbackRequest& request);

}  // namespace sluice::change
