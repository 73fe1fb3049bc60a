// How far a running task is: from the store, and from its server, which is asked beside the run.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "admin/store/store.h"

namespace sluice::change {

struct TaskProgress {
  std::int64_t statement = 0;   // that runs, or ran last: of the sheet, from 1; 0: none has begun
  std::int64_t statements = 0;  // of the sheet
  std::int64_t affected_rows = 0;      // so far
  std::optional<std::int64_t> rows{};  // of a rollback: that are to be undone
  store::Time started_at{};
  std::int64_t connection = 0;  // of the server that executes; 0: not known yet
  // Of the server's process list (SHOW PROCESSLIST); empty: it does not say, or cannot be asked.
  std::string command{};
  std::string state{};
  std::optional<std::int64_t> seconds{};  // in that state
  // Of an ALTER TABLE, where the server counts its work (manual 29.12.5; MariaDB's PROGRESS).
  std::optional<double> percent{};
};

// Nothing: the task does not run. What its server does not tell is no fault. Any thread; blocks on
// the store and the server, the latter for a few seconds at most.
[[nodiscard]] store::Result<std::optional<TaskProgress>> task_progress(store::Store& store,
                                                                       const store::Task& task);

}  // namespace sluice::change
