// What counts as drift in an environment, and what else scans report there. The JSON object that an
// environment has as `drift`:
//
//   {"ignored": "_.*_(gho|ghc|del|new|old)|pt_osc_.*_(ins|upd|del)",  names of tables and triggers
//    "definer": false, "whitespace": false, "missing_primary_key": "info", "replica_lag_seconds":
//    300, "watch_binlog": true}
//
// Pure.
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "admin/change/instance_check.h"
#include "parser/schema/canonical.h"
#include "parser/schema/model.h"

namespace sluice::change {

struct DriftSettings {
  // Whole names, ECMAScript: tables and triggers that online schema change tools (gh-ost,
  // pt-online-schema-change) make and drop again.
  std::string ignored = "_.*_(gho|ghc|del|new|old)|pt_osc_.*_(ins|upd|del)";
  schema::CompareOptions compare{};  // definers; whitespace and comments of bodies
  std::optional<Severity> missing_primary_key = Severity::kInfo;  // nothing: is not reported
  std::int64_t replica_lag_seconds = 300;  // from then on a lag is an anomaly; 0: never
  bool watch_binlog = true;

  // REQUIRES: `ignored` is a pattern, as read_drift_settings() has seen to.
  [[nodiscard]] std::regex pattern() const;
};

struct DriftSettingsError {
  std::string key;      // "ignored"; empty: the whole text
  std::string message;  // a sentence that says what would be right
};
struct DriftSettingsReading {
  DriftSettings settings;  // what was wrong has its default
  std::vector<DriftSettingsError> errors;
};
// Empty text is `{}`. Every fault is reported.
[[nodiscard]] DriftSettingsReading read_drift_settings(std::string_view json);
// The whole of it, as text that read_drift_settings() takes.
[[nodiscard]] std::string to_json(const DriftSettings& settings);

// Base tables without a primary key or a UNIQUE index over columns that are NOT NULL, which InnoDB
// takes instead (manual 17.6.2.1).
[[nodiscard]] std::vector<std::string> tables_without_key(const schema::Schema& schema);

// Takes tables and triggers that match out of the schema.
void forget_ignored(schema::Schema& schema, const std::regex& ignored);

}  // namespace sluice::change
