// What scan.cpp and scan_compare.cpp share. Not for other rooms.
#pragma once

#include "admin/change/scan.h"

namespace sluice::change::scanning {

inline constexpr const char* kDrift = "schema.drift";
inline constexpr const char* kConnection = "instance.connection";
inline constexpr const char* kBinlog = "instance.binlog";
inline constexpr const char* kReplication = "instance.replication";
inline constexpr std::int64_t kMaxStatements = 1000;  // of one drift that are looked at
inline constexpr const char* kNoPrimaryKey = "schema.no_primary_key";
inline constexpr const char* kReading = "schema.unreadable";
inline constexpr const char* kMissing = "database.missing";

[[nodiscard]] inline ScanFault store_fault(store::Fault fault) {
  return {ScanFault::Kind::kStore, std::move(fault), {}};
}

[[nodiscard]] inline store::SeenAnomaly anomaly(const char* kind, store::Id instance,
                                                store::Id database, Severity severity,
                                                std::string title, std::string detail) {
  store::SeenAnomaly seen;
  seen.anomaly.kind = kind;
  seen.anomaly.instance = instance;
  seen.anomaly.database = database;
  seen.anomaly.severity = name(severity);
  seen.anomaly.title = std::move(title);
  seen.anomaly.detail = std::move(detail);
  return seen;
}

}  // namespace sluice::change::scanning
