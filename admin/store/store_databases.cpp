#include "admin/store/store_databases.h"

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kDatabase =
    " id, instance_id, name, project_id, character_set, collation_name, labels, present, "
    "synced_at, schema_hash, schema_version, schema_recorded_at, frozen, freeze_reason ";

DatabaseEntry read_database(const Row& row) {
  return {integer(row.at(0)),       integer(row.at(1)),      text(row.at(2)),
          integer(row.at(3)),       text(row.at(4)),         text(row.at(5)),
          text(row.at(6)),          integer(row.at(7)) != 0, to_time(row.at(8)),
          text(row.at(9)),          text(row.at(10)),        to_optional_time(row.at(11)),
          integer(row.at(12)) != 0, text(row.at(13))};
}

Result<DatabaseEntry> one(const Result<Row>& row) {
  if (!row) return row.error();
  return read_database(*row);
}

}  // namespace

Result<void> set_recorded_schema(Database& database, Id id, const std::string& hash,
                                 const std::string& server_version, Time now) {
  const auto row = run_one(database,
                           "UPDATE databases SET schema_hash = $2, schema_version = $3, "
                           "schema_recorded_at = $4 WHERE id = $1 RETURNING id",
                           {id, hash, server_version, to_cell(now)});
  if (!row) return row.error();
  return {};
}

Result<std::vector<DatabaseEntry>> Databases::list(const DatabaseFilter& filter) {
  const std::lock_guard lock(shared_.mutex);
  Query query("SELECT" + std::string(kDatabase) + "FROM databases");
  if (filter.project != 0) query.where("project_id =", filter.project);
  if (filter.instance != 0) query.where("instance_id =", filter.instance);
  if (!filter.name.empty()) query.where("name =", filter.name);
  if (filter.member != 0) {
    query.where("project_id IN (SELECT project_id FROM members WHERE user_id =", filter.member,
                ")");
  }
  query.where("id >", filter.after).order("id", filter.limit);
  return read_all<DatabaseEntry>(query.run(*shared_.database), read_database);
}

Result<DatabaseEntry> Databases::get(Id id) {
  const std::lock_guard lock(shared_.mutex);
  return one(run_one(*shared_.database,
                     "SELECT" + std::string(kDatabase) + "FROM databases WHERE id = $1", {id}));
}

Result<DatabaseEntry> Databases::find(Id instance, const std::string& name) {
  const std::lock_guard lock(shared_.mutex);
  return one(run_one(
      *shared_.database,
      "SELECT" + std::string(kDatabase) + "FROM databases WHERE instance_id = $1 AND name = $2",
      {instance, name}));
}

Result<std::vector<DatabaseEntry>> Databases::sync(Id instance, std::span<const SeenDatabase> seen,
                                                   Id project, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  Transaction transaction(database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto absent =
      run(database, "UPDATE databases SET present = 0 WHERE instance_id = $1", {instance});
  if (!absent) return absent.error();
  for (const SeenDatabase& one_seen : seen) {
    const auto put =
        run(database,
            "INSERT INTO databases (instance_id, name, project_id, character_set, collation_name, "
            "present, synced_at) VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (instance_id, "
            "name) DO UPDATE SET character_set = excluded.character_set, collation_name = "
            "excluded.collation_name, present = 1, synced_at = excluded.synced_at",
            {instance, one_seen.name, project, one_seen.character_set, one_seen.collation,
             to_cell(now)});
    if (!put) return put.error();
  }
  auto all = read_all<DatabaseEntry>(
      run(database,
          "SELECT" + std::string(kDatabase) + "FROM databases WHERE instance_id = $1 ORDER BY id",
          {instance}),
      read_database);
  if (!all) return all;
  if (auto done = transaction.commit(); !done) return done.error();
  return all;
}

Result<DatabaseEntry> Databases::ensure(Id instance, const SeenDatabase& seen, Id project,
                                        Time now) {
  const std::lock_guard lock(shared_.mutex);
  return one(run_one(
      *shared_.database,
      "INSERT INTO databases (instance_id, name, project_id, character_set, collation_name, "
      "present, synced_at) VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT (instance_id, name) DO "
      "UPDATE SET present = 1, synced_at = excluded.synced_at RETURNING" +
          std::string(kDatabase),
      {instance, seen.name, project, seen.character_set, seen.collation, to_cell(now)}));
}

Result<DatabaseEntry> Databases::freeze(Id id, bool frozen, const std::string& reason) {
  const std::lock_guard lock(shared_.mutex);
  return one(
      run_one(*shared_.database,
              "UPDATE databases SET frozen = $2, freeze_reason = $3 WHERE id = $1 RETURNING" +
                  std::string(kDatabase),
              {id, flag(frozen), reason}));
}

Result<DatabaseEntry> Databases::transfer(Id id, Id project) {
  const std::lock_guard lock(shared_.mutex);
  return one(run_one(
      *shared_.database,
      "UPDATE databases SET project_id = $2 WHERE id = $1 RETURNING" + std::string(kDatabase),
      {id, project}));
}

Result<DatabaseEntry> Databases::set_labels(Id id, const std::string& labels) {
  const std::lock_guard lock(shared_.mutex);
  return one(
      run_one(*shared_.database,
              "UPDATE databases SET labels = $2 WHERE id = $1 RETURNING" + std::string(kDatabase),
              {id, labels}));
}

Result<std::string> Databases::recorded_schema(Id id) {
  const std::lock_guard lock(shared_.mutex);
  const auto row =
      run_one(*shared_.database, "SELECT schema_hash FROM databases WHERE id = $1", {id});
  if (!row) return row.error();
  return kept_text(*shared_.database, text(row->at(0)));
}

Result<void> Databases::record_schema(Id id, const std::string& schema,
                                      const std::string& server_version, Time now) {
  const std::lock_guard lock(shared_.mutex);
  Transaction transaction(*shared_.database);
  if (!transaction.begun()) return transaction.begun();
  const auto hash = keep_text(*shared_.database, schema);
  if (!hash) return hash.error();
  if (auto set = set_recorded_schema(*shared_.database, id, *hash, server_version, now); !set) {
    return set;
  }
  return transaction.commit();
}

}  // namespace sluice::store
