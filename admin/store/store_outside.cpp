#include "admin/store/store_outside.h"

#include "admin/store/store_rows.h"
#include "parser/redact.h"

namespace sluice::store {
namespace {

// Of what settled; whoever reads a log again reads no older one.
constexpr std::chrono::hours kKept{24 * 30};
// Events have seconds, and two clocks are never the same.
constexpr std::chrono::seconds kSlack{5};

constexpr std::string_view kStatements =
    "SELECT o.id, o.instance_id, o.database_id, o.anomaly_id, o.ran_at, o.thread_id, o.account, "
    "o.host, o.author_by, o.gtid, o.server, o.log_file, o.log_position, t.text FROM "
    "outside_statements o JOIN "
    "texts t ON t.hash = o.statement_hash ";

OutsideStatement read_statement(const Row& row) {
  return {integer(row.at(0)),  integer(row.at(1)), integer(row.at(2)), integer(row.at(3)),
          to_time(row.at(4)),  integer(row.at(5)), text(row.at(6)),    text(row.at(7)),
          text(row.at(8)),     text(row.at(9)),    text(row.at(10)),   text(row.at(11)),
          integer(row.at(12)), text(row.at(13))};
}

Result<void> nothing(const Result<Rows>& rows) {
  if (!rows) return rows.error();
  return {};
}

}  // namespace

Result<WatchedPlace> Outside::take_watch(Id instance, const std::string& holder, Time now,
                                         Time until) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database,
          "INSERT INTO binlog_watches (instance_id, holder, lease_until) VALUES ($1, $2, $4) ON "
          "CONFLICT (instance_id) DO UPDATE SET holder = excluded.holder, lease_until = "
          "excluded.lease_until WHERE binlog_watches.holder = $2 OR binlog_watches.lease_until <= "
          "$3 RETURNING server, log_file, log_position, gtids",
          {instance, holder, to_cell(now), to_cell(until)});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return Fault{Failure::kBusy, "another program follows this binary log"};
  const auto& row = rows->rows.front();
  return WatchedPlace{text(row.at(0)), text(row.at(1)), integer(row.at(2)), text(row.at(3))};
}

Result<void> Outside::keep_watch(Id instance, const std::string& holder, const WatchedPlace& place,
                                 Time until) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(
      *shared_.database,
      "UPDATE binlog_watches SET lease_until = $3, server = $4, log_file = $5, log_position = "
      "$6, gtids = $7 WHERE instance_id = $1 AND holder = $2 RETURNING instance_id",
      {instance, holder, to_cell(until), place.server, place.file, place.position, place.gtids});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return Fault{Failure::kConflict, "another program follows this log"};
  return {};
}

Result<void> Outside::leave_watch(Id instance, const std::string& holder) {
  const std::lock_guard lock(shared_.mutex);
  return nothing(run(*shared_.database,
                     "UPDATE binlog_watches SET lease_until = 0 WHERE instance_id = $1 AND holder "
                     "= $2",
                     {instance, holder}));
}

Result<void> Outside::add(const OutsideStatement& added, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Transaction transaction(*shared_.database);
  if (!transaction.begun()) return transaction.begun();
  const auto hash = keep_text(*shared_.database, parser::without_secrets(added.statement));
  if (!hash) return hash.error();
  const auto put = run(
      *shared_.database,
      "INSERT INTO outside_statements (instance_id, database_id, ran_at, added_at, thread_id, "
      "account, host, author_by, gtid, server, log_file, log_position, statement_hash) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (database_id, server, "
      "log_file, "
      "log_position) DO NOTHING",
      {added.instance, added.database, to_cell(added.ran_at), to_cell(now), added.thread_id,
       added.account, added.host, added.author_by, added.gtid, added.server, added.file,
       added.position, *hash});
  if (!put) return put.error();
  return transaction.commit();
}

Result<void> Outside::attach(Id database, Id anomaly) {
  const std::lock_guard lock(shared_.mutex);
  return nothing(run(*shared_.database,
                     "UPDATE outside_statements SET anomaly_id = $2 WHERE database_id = $1 AND "
                     "anomaly_id IS NULL AND settled = 0",
                     {database, anomaly}));
}

Result<void> Outside::settle(Id database, Time since) {
  const std::lock_guard lock(shared_.mutex);
  const auto put = nothing(run(*shared_.database,
                               "UPDATE outside_statements SET settled = 1 WHERE database_id = $1 "
                               "AND settled = 0 AND added_at < $2",
                               {database, to_cell(since)}));
  if (!put) return put;
  return nothing(run(*shared_.database,
                     "DELETE FROM outside_statements WHERE database_id = $1 AND settled = 1 AND "
                     "anomaly_id IS NULL AND added_at < $2",
                     {database, to_cell(since - kKept)}));
}

Result<std::vector<OutsideStatement>> Outside::open_of(Id database, std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<OutsideStatement>(
      run(*shared_.database,
          std::string(kStatements) +
              "WHERE o.database_id = $1 AND o.settled = 0 ORDER BY o.id LIMIT $2",
          {database, limit}),
      read_statement);
}

Result<std::vector<OutsideStatement>> Outside::of_anomaly(Id anomaly, std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  return read_all<OutsideStatement>(
      run(*shared_.database,
          std::string(kStatements) + "WHERE o.anomaly_id = $1 ORDER BY o.id LIMIT $2",
          {anomaly, limit}),
      read_statement);
}

Result<bool> Outside::passed(Id instance, std::int64_t thread_id, Time at) {
  const std::lock_guard lock(shared_.mutex);
  const auto before = to_cell(at + kSlack);
  const auto after = to_cell(at - kSlack);
  const auto rows =
      run(*shared_.database,
          "SELECT 1 FROM task_runs r JOIN tasks t ON t.id = r.task_id WHERE r.state = 'marked' AND "
          "t.instance_id = $1 AND (r.thread_id = $2 OR r.session_id = $2) UNION ALL "
          "SELECT 1 FROM gate_changes WHERE instance_id = $1 AND thread_id = $2 UNION ALL "
          "SELECT 1 FROM changes WHERE instance_id = $1 AND thread_id = $2 AND started_at <= $3 "
          "AND started_at + duration_us >= $4",
          {instance, thread_id, before, after});
  if (!rows) return rows.error();
  return !rows->rows.empty();
}

}  // namespace sluice::store
