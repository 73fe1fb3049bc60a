#include "admin/store/store_rollbacks.h"

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kData =
    " id, task_id, attempt, change_id, source, state, reason, header, row_count, byte_count, "
    "chunk_count, created_at, expires_at FROM rollback_data ";

std::string_view name(RollbackState state) {
  switch (state) {
    case RollbackState::kOpen: return "open";
    case RollbackState::kWhole: return "whole";
    case RollbackState::kRefused: break;
  }
  return "refused";
}

RollbackState read_state(std::string_view word) {
  if (word == "whole") return RollbackState::kWhole;
  return word == "open" ? RollbackState::kOpen : RollbackState::kRefused;
}

RollbackData read_data(const Row& row) {
  RollbackData data;
  data.id = integer(row.at(0));
  data.task = integer(row.at(1));
  data.attempt = integer(row.at(2));
  data.change = integer(row.at(3));
  data.source = text(row.at(4)) == "rows" ? RollbackSource::kRows : RollbackSource::kBinlog;
  data.state = read_state(text(row.at(5)));
  data.reason = text(row.at(6));
  data.header = text(row.at(7));
  data.rows = integer(row.at(8));
  data.bytes = integer(row.at(9));
  data.chunks = integer(row.at(10));
  data.created_at = to_time(row.at(11));
  data.expires_at = to_optional_time(row.at(12));
  return data;
}

Result<void> nothing(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  return {};
}

// What a retry replaces: its chunks go, and nothing finds it by its run any more. The row itself
// stays, as a task may refer to it.
Result<void> put_aside(Database& database, const RollbackData& data) {
  if (data.task == 0 && data.change == 0) return {};
  const bool of_run = data.task != 0;
  const std::string where = of_run ? "task_id = $1 AND attempt = $2" : "change_id = $1";
  std::vector<Cell> values{of_run ? data.task : data.change};
  if (of_run) values.emplace_back(data.attempt);
  auto emptied = nothing(database.run(
      "DELETE FROM rollback_chunks WHERE data_id IN (SELECT id FROM rollback_data WHERE " + where +
          " AND state <> 'whole')",
      values));
  if (!emptied) return emptied;
  return nothing(
      database.run("UPDATE rollback_data SET task_id = NULL, change_id = NULL, state = "
                   "'refused' WHERE " +
                       where + " AND state <> 'whole'",
                   values));
}

}  // namespace

std::string_view name(RollbackSource source) noexcept {
  return source == RollbackSource::kBinlog ? "binlog" : "rows";
}
std::string_view name(OnConflict choice) noexcept {
  return choice == OnConflict::kStop ? "stop" : "leave";
}
std::optional<OnConflict> parse_on_conflict(std::string_view word) noexcept {
  if (word == "stop") return OnConflict::kStop;
  if (word == "leave") return OnConflict::kLeave;
  return std::nullopt;
}

Result<Id> Rollbacks::begin(const RollbackData& data) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto aside = put_aside(database, data); !aside) return aside.error();
  const auto row =
      run_one(database,
              "INSERT INTO rollback_data (task_id, attempt, change_id, source, state, "
              "created_at, expires_at) VALUES ($1, $2, $3, $4, 'open', $5, $6) "
              "RETURNING id",
              {reference(data.task), data.attempt, reference(data.change),
               std::string(name(data.source)), to_cell(data.created_at), to_cell(data.expires_at)});
  if (!row) return row.error();
  if (auto done = transaction.commit(); !done) return done.error();
  return integer(row->at(0));
}

Result<void> Rollbacks::add_chunk(Id data, std::int64_t position, std::string_view bytes) {
  const std::string sealed = sealer_.seal(bytes);
  const std::lock_guard lock(shared_.mutex);
  return nothing(run(*shared_.database,
                     "INSERT INTO rollback_chunks (data_id, position, chunk) VALUES ($1, $2, $3) "
                     "ON CONFLICT (data_id, position) DO UPDATE SET chunk = excluded.chunk",
                     {data, position, sealed}));
}

Result<void> Rollbacks::end(const RollbackData& data) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun();
  if (data.state == RollbackState::kRefused) {
    auto removed =
        nothing(run(database, "DELETE FROM rollback_chunks WHERE data_id = $1", {data.id}));
    if (!removed) return removed;
  }
  const auto row = run_one(database,
                           "UPDATE rollback_data SET state = $2, reason = $3, header = $4, "
                           "row_count = $5, byte_count = $6, chunk_count = $7 WHERE id = $1 "
                           "RETURNING id",
                           {data.id, std::string(name(data.state)), data.reason, data.header,
                            data.rows, data.bytes, data.chunks});
  if (!row) return row.error();
  return transaction.commit();
}

Result<std::optional<RollbackData>> Rollbacks::find(std::string_view where,
                                                    std::initializer_list<Cell> values) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database, "SELECT" + std::string(kData) + std::string(where), values);
  if (!rows) return rows.error();
  if (rows->rows.empty()) return std::optional<RollbackData>();
  return std::optional(read_data(rows->rows.front()));
}

Result<RollbackData> Rollbacks::get(Id data) {
  auto found = find("WHERE id = $1", {data});
  if (!found) return found.error();
  if (!*found) return Fault{Failure::kNotFound, "the rows for the rollback are not kept any more"};
  return std::move(**found);
}

Result<std::optional<RollbackData>> Rollbacks::of_run(Id task, std::int64_t attempt) {
  return find("WHERE task_id = $1 AND attempt = $2", {task, attempt});
}

Result<std::optional<RollbackData>> Rollbacks::of_change(Id change) {
  return find("WHERE change_id = $1", {change});
}

Result<std::string> Rollbacks::chunk(Id data, std::int64_t position) {
  Result<Row> row = Fault{};
  {
    const std::lock_guard lock(shared_.mutex);
    row = run_one(*shared_.database,
                  "SELECT chunk FROM rollback_chunks WHERE data_id = $1 AND position = $2",
                  {data, position});
  }
  if (!row) return row.error();
  return sealer_.open(text(row->at(0)));
}

Result<std::optional<TaskRollback>> Rollbacks::of_task(Id task) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database,
          "SELECT data_id, change_id, on_conflict FROM task_rollbacks WHERE task_id = $1", {task});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return std::optional<TaskRollback>();
  const Row& row = rows->rows.front();
  return std::optional(TaskRollback{integer(row.at(0)), integer(row.at(1)),
                                    parse_on_conflict(text(row.at(2))).value()});
}

Result<std::int64_t> Rollbacks::purge(Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  // The row stays where a task refers to it, so that its issue can still say what it undid.
  const auto emptied = run(
      database,
      "DELETE FROM rollback_chunks WHERE data_id IN (SELECT d.id FROM rollback_data d WHERE "
      "d.expires_at < $1 AND d.state = 'whole' AND NOT EXISTS (SELECT 1 FROM task_rollbacks r JOIN "
      "tasks t ON t.id = r.task_id JOIN issues i ON i.id = t.issue_id WHERE r.data_id = d.id AND "
      "i.status = 'open' AND t.status NOT IN ('done', 'skipped')))",
      {to_cell(now)});
  if (!emptied) return emptied.error();
  const auto rows = run(
      database,
      "UPDATE rollback_data SET state = 'refused', chunk_count = 0, reason = 'the rows for the "
      "rollback were kept as long as the environment says, and are removed' WHERE expires_at < $1 "
      "AND state = 'whole' AND NOT EXISTS (SELECT 1 FROM rollback_chunks c WHERE c.data_id = "
      "rollback_data.id) "
      "RETURNING id",
      {to_cell(now)});
  if (!rows) return rows.error();
  if (auto done = transaction.commit(); !done) return done.error();
  return static_cast<std::int64_t>(rows->rows.size());
}

}  // namespace sluice::store
