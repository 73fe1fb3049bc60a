#include "admin/store/store_anomalies.h"

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kAnomaly =
    " id, kind, instance_id, database_id, severity, title, detail, objects, diff, revert_sql, "
    "adopt_sql, opened_at, last_seen_at, resolved_at ";

Anomaly read_anomaly(const Row& row) {
  return {integer(row.at(0)),  text(row.at(1)),
          integer(row.at(2)),  integer(row.at(3)),
          text(row.at(4)),     text(row.at(5)),
          text(row.at(6)),     text(row.at(7)),
          text(row.at(8)),     text(row.at(9)),
          text(row.at(10)),    to_time(row.at(11)),
          to_time(row.at(12)), to_optional_time(row.at(13))};
}

Result<Anomaly> one(const Result<Row>& row) {
  if (!row) return row.error();
  return read_anomaly(*row);
}

Result<Cell> text_reference(Database& database, const std::string& kept) {
  if (kept.empty()) return Cell();
  auto hash = keep_text(database, kept);
  if (!hash) return hash.error();
  return Cell(*hash);
}

bool same_words(const Anomaly& a, const Anomaly& b) {
  return a.severity == b.severity && a.title == b.title && a.detail == b.detail &&
         a.objects == b.objects && a.diff == b.diff && a.revert_sql == b.revert_sql &&
         a.adopt_sql == b.adopt_sql;
}

}  // namespace

Result<Anomalies::Reported> Anomalies::report(const SeenAnomaly& seen, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto& what = seen.anomaly;
  const auto recorded = text_reference(database, seen.recorded_text);
  if (!recorded) return recorded.error();
  const auto live = text_reference(database, seen.live_text);
  if (!live) return live.error();
  const auto open = run(database,
                        "SELECT" + std::string(kAnomaly) +
                            "FROM anomalies WHERE instance_id = $1 AND database_id = $2 AND kind = "
                            "$3 AND resolved_at IS NULL",
                        {what.instance, what.database, what.kind});
  if (!open) return open.error();
  Reported reported;
  reported.changed = open->rows.empty() || !same_words(read_anomaly(open->rows.front()), what);
  // Two programs at once: the second one's row becomes the first one's.
  const auto put = one(run_one(
      database,
      "INSERT INTO anomalies (kind, instance_id, database_id, severity, title, detail, objects, "
      "recorded_hash, live_hash, diff, revert_sql, adopt_sql, opened_at, last_seen_at) VALUES ($1, "
      "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT (instance_id, "
      "database_id, kind) WHERE resolved_at IS NULL DO UPDATE SET severity = excluded.severity, "
      "title = excluded.title, detail = excluded.detail, objects = excluded.objects, recorded_hash "
      "= excluded.recorded_hash, live_hash = excluded.live_hash, diff = excluded.diff, revert_sql "
      "= excluded.revert_sql, adopt_sql = excluded.adopt_sql, last_seen_at = "
      "excluded.last_seen_at RETURNING" +
          std::string(kAnomaly),
      {what.kind, what.instance, what.database, what.severity, what.title, what.detail,
       what.objects, *recorded, *live, what.diff, what.revert_sql, what.adopt_sql, to_cell(now)}));
  if (!put) return put.error();
  reported.anomaly = *put;
  if (auto done = transaction.commit(); !done) return done.error();
  return reported;
}

Result<Id> Anomalies::resolve(Id instance, Id database, const std::string& kind, Time now) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(*shared_.database,
                        "UPDATE anomalies SET resolved_at = $4 WHERE instance_id = $1 AND "
                        "database_id = $2 AND kind = $3 AND resolved_at IS NULL RETURNING id",
                        {instance, database, kind, to_cell(now)});
  if (!rows) return rows.error();
  return rows->rows.empty() ? Id{0} : integer(rows->rows.front().at(0));
}

Result<std::vector<Anomaly>> Anomalies::list(const AnomalyFilter& filter) {
  const std::lock_guard lock(shared_.mutex);
  std::string select = "SELECT" + std::string(kAnomaly) + "FROM anomalies";
  if (filter.open) {
    // The condition has no value; Query's first one becomes AND by this.
    select = "SELECT" + std::string(kAnomaly) + "FROM (SELECT * FROM anomalies WHERE resolved_at " +
             (*filter.open ? "IS NULL" : "IS NOT NULL") + ") AS chosen";
  }
  Query query(std::move(select));
  if (!filter.kind.empty()) query.where("kind =", filter.kind);
  if (filter.instance != 0) query.where("instance_id =", filter.instance);
  if (filter.database != 0) query.where("database_id =", filter.database);
  if (filter.project != 0) {
    query.where("database_id IN (SELECT id FROM databases WHERE project_id =", filter.project, ")");
  }
  if (filter.member != 0) {
    query.where(
        "database_id IN (SELECT d.id FROM databases d JOIN members m ON m.project_id = "
        "d.project_id WHERE m.user_id =",
        filter.member, ")");
  }
  if (filter.before != 0) query.where("id <", filter.before);
  query.order("id DESC", filter.limit);
  return read_all<Anomaly>(query.run(*shared_.database), read_anomaly);
}

Result<Anomaly> Anomalies::get(Id id) {
  const std::lock_guard lock(shared_.mutex);
  return one(run_one(*shared_.database,
                     "SELECT" + std::string(kAnomaly) + "FROM anomalies WHERE id = $1", {id}));
}

Result<Anomalies::Texts> Anomalies::texts(Id id) {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database,
                           "SELECT recorded_hash, live_hash FROM anomalies WHERE id = $1", {id});
  if (!row) return row.error();
  auto recorded = kept_text(*shared_.database, text(row->at(0)));
  if (!recorded) return recorded.error();
  auto live = kept_text(*shared_.database, text(row->at(1)));
  if (!live) return live.error();
  return Texts{std::move(*recorded), std::move(*live)};
}

Result<bool> Anomalies::take_turn(Id instance, Time now, std::chrono::microseconds interval,
                                  Time lease_until) {
  const std::lock_guard lock(shared_.mutex);
  const auto rows =
      run(*shared_.database,
          "INSERT INTO scan_turns (instance_id, next_at, leased) VALUES ($1, $3, 1) ON CONFLICT "
          "(instance_id) DO UPDATE SET next_at = excluded.next_at, leased = 1 WHERE "
          "scan_turns.next_at <= $2 OR (scan_turns.leased = 0 AND scan_turns.next_at > $4) "
          "RETURNING instance_id",
          {instance, to_cell(now), to_cell(lease_until), to_cell(now + interval)});
  if (!rows) return rows.error();
  return !rows->rows.empty();
}

Result<void> Anomalies::extend_turn(Id instance, Time lease_until) {
  const std::lock_guard lock(shared_.mutex);
  const auto put = run(*shared_.database,
                       "UPDATE scan_turns SET next_at = $2 WHERE instance_id = $1 AND leased = 1",
                       {instance, to_cell(lease_until)});
  if (!put) return put.error();
  return {};
}

Result<void> Anomalies::end_turn(Id instance, Time next) {
  const std::lock_guard lock(shared_.mutex);
  const auto put =
      run(*shared_.database,
          "UPDATE scan_turns SET next_at = $2, leased = 0 WHERE instance_id = $1 AND leased = 1",
          {instance, to_cell(next)});
  if (!put) return put.error();
  return {};
}

}  // namespace sluice::store
