// The databases that are known of each instance, with their recorded schemas. Values in and out.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin/store/types.h"

namespace sluice::store {

struct DatabaseEntry {
  Id id = 0;
  Id instance = 0;
  std::string name;
  Id project = 0;
  std::string character_set;
  std::string collation;
  std::string labels = "{}";  // JSON: an object of strings
  bool present = true;        // false: the last sync did not find it on its instance
  Time synced_at{};
  // Of the recorded schema; empty until there is one.
  std::string schema_hash;
  std::string schema_version;  // of the server that it was read from: "9.7.4"
  std::optional<Time> schema_recorded_at;
  bool frozen = false;  // the gate refuses what would change it
  std::string freeze_reason{};
};

// What a sync saw on the instance.
struct SeenDatabase {
  std::string name;
  std::string character_set;
  std::string collation;
};

struct DatabaseFilter {
  Id project = 0;    // 0: any
  Id instance = 0;   // 0: any
  std::string name;  // empty: any; otherwise the whole name
  Id member = 0;     // of a project that this user is a member of; 0: any
  Id after = 0;      // in the order of numbers
  std::int64_t limit = 50;
};

class Databases {
 public:
  explicit Databases(Shared& shared) : shared_(shared) {}

  [[nodiscard]] Result<std::vector<DatabaseEntry>> list(const DatabaseFilter& filter);
  [[nodiscard]] Result<DatabaseEntry> get(Id id);
  [[nodiscard]] Result<DatabaseEntry> find(Id instance, const std::string& name);

  // Those seen are there, new ones in `project`; the others of the instance are marked as absent.
  [[nodiscard]] Result<std::vector<DatabaseEntry>> sync(Id instance,
                                                        std::span<const SeenDatabase> seen,
                                                        Id project, Time now);
  // The database by its name; one that was not known yet is there now, in `project`.
  [[nodiscard]] Result<DatabaseEntry> ensure(Id instance, const SeenDatabase& seen, Id project,
                                             Time now);
  // `reason` is what clients are told.
  [[nodiscard]] Result<DatabaseEntry> freeze(Id id, bool frozen, const std::string& reason);
  [[nodiscard]] Result<DatabaseEntry> transfer(Id id, Id project);
  [[nodiscard]] Result<DatabaseEntry> set_labels(Id id, const std::string& labels);

  // The recorded schema's text; empty when none is recorded.
  [[nodiscard]] Result<std::string> recorded_schema(Id id);
  // Drift is measured against it from now on. A run records its own with its history entry.
  [[nodiscard]] Result<void> record_schema(Id id, const std::string& schema,
                                           const std::string& server_version, Time now);

 private:
  Shared& shared_;
};

}  // namespace sluice::store
