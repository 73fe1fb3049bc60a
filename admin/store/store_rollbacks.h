// Rows before and after a change, kept so that it can be rolled back; and which task undoes what.
//
//   begin ─▶ add_chunk 0, 1, … ─▶ end: whole, or refused with the reason
//
// Chunks are bytes of whoever made them (admin/change/rollback_data.h); here they are sealed, since
// they hold rows of the databases. Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/store/seal.h"
#include "admin/store/types.h"

namespace sluice::store {

enum class RollbackSource : std::uint8_t {
  kBinlog,  // row events of the binary log
  kRows,    // rows that were read before and after each statement
};
[[nodiscard]] std::string_view name(RollbackSource source) noexcept;  // "binlog", "rows"

enum class RollbackState : std::uint8_t { kOpen, kWhole, kRefused };

struct RollbackData {
  Id id = 0;
  Id task = 0;  // with `attempt`: of that run
  std::int64_t attempt = 0;
  Id change = 0;  // or of this change, which no task made
  RollbackSource source = RollbackSource::kBinlog;
  RollbackState state = RollbackState::kOpen;
  std::string reason;         // of kRefused, as a sentence
  std::string header = "{}";  // JSON of admin/change/rollback_data.h
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // before compression
  std::int64_t chunks = 0;
  Time created_at{};
  std::optional<Time> expires_at;  // removed then
};

enum class OnConflict : std::uint8_t {
  kStop,   // one row that was changed since, and nothing is undone
  kLeave,  // such rows are left as they are, and listed
};
[[nodiscard]] std::string_view name(OnConflict choice) noexcept;  // "stop", "leave"
[[nodiscard]] std::optional<OnConflict> parse_on_conflict(std::string_view word) noexcept;

struct TaskRollback {
  Id data = 0;
  Id change = 0;  // that it undoes; 0: statements that a person chose
  OnConflict on_conflict = OnConflict::kStop;
};

class Rollbacks {
 public:
  Rollbacks(Shared& shared, const Sealer& sealer) : shared_(shared), sealer_(sealer) {}

  // Takes the place of what there is of the same run or change, unless that is whole (kConflict).
  [[nodiscard]] Result<Id> begin(const RollbackData& data);
  // Positions count from 0. Again at the same position: it is replaced.
  [[nodiscard]] Result<void> add_chunk(Id data, std::int64_t position, std::string_view bytes);
  // State, reason, header and the counts of `data`; of one refused no chunk stays.
  [[nodiscard]] Result<void> end(const RollbackData& data);

  [[nodiscard]] Result<RollbackData> get(Id data);
  [[nodiscard]] Result<std::optional<RollbackData>> of_run(Id task, std::int64_t attempt);
  [[nodiscard]] Result<std::optional<RollbackData>> of_change(Id change);
  [[nodiscard]] Result<std::string> chunk(Id data, std::int64_t position);

  // What the task of a rollback issue undoes; nothing for any other task.
  [[nodiscard]] Result<std::optional<TaskRollback>> of_task(Id task);
  // Removes what has expired and no rollback that is not settled refers to; gives how many.
  [[nodiscard]] Result<std::int64_t> purge(Time now);

 private:
  [[nodiscard]] Result<std::optional<RollbackData>> find(std::string_view where,
                                                         std::initializer_list<Cell> values);

  Shared& shared_;
  const Sealer& sealer_;
};

}  // namespace sluice::store
