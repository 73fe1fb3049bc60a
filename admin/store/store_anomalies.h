// What scans found: at most one open anomaly of a kind for an instance or a database. Values in and
// out.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admin/store/types.h"

namespace sluice::store {

struct Anomaly {
  Id id = 0;
  std::string kind;  // "schema.drift", "instance.connection", "instance.binlog", …
  Id instance = 0;
  Id database = 0;       // 0: about the instance
  std::string severity;  // "info", "warning", "error"
  std::string title;
  std::string detail;
  std::string objects = "[]";  // JSON: an array of strings, "TABLE orders"
  std::string diff{};          // unified, of the recorded and the live schema
  std::string revert_sql{};    // takes the server back to the record
  std::string adopt_sql{};     // brings the record to the server
  Time opened_at{};
  Time last_seen_at{};
  std::optional<Time> resolved_at{};
};

// What a scan saw of it now.
struct SeenAnomaly {
  Anomaly anomaly;            // without id and times
  std::string recorded_text;  // of a drift: the schemas that were compared
  std::string live_text;
};

struct AnomalyFilter {
  std::optional<bool> open{};  // nothing: open and resolved ones
  std::string kind{};          // empty: any
  Id instance = 0;             // 0: any
  Id database = 0;             // 0: any
  Id project = 0;              // of the databases in it; 0: any
  Id member = 0;               // of databases in projects of which this user is a member; 0: any
  Id before = 0;               // the newest first; 0: from the newest
  std::int64_t limit = 50;
};

class Anomalies {
 public:
  explicit Anomalies(Shared& shared) : shared_(shared) {}

  // Opens it, or says of the open one what is so now. `changed`: opened, or other words than
  // before.
  struct Reported {
    Anomaly anomaly;
    bool changed = false;
  };
  [[nodiscard]] Result<Reported> report(const SeenAnomaly& seen, Time now);
  // The number of the open one; 0: there was none.
  [[nodiscard]] Result<Id> resolve(Id instance, Id database, const std::string& kind, Time now);

  [[nodiscard]] Result<std::vector<Anomaly>> list(const AnomalyFilter& filter);
  [[nodiscard]] Result<Anomaly> get(Id id);
  // The schemas that were compared; empty: none.
  struct Texts {
    std::string recorded;
    std::string live;
  };
  [[nodiscard]] Result<Texts> texts(Id id);

  // True for the one program that may scan the instance now: its turn has come, or lies further
  // away than `interval`. Nobody else has it until end_turn(), or until the lease ends because
  // whoever took it is gone.
  [[nodiscard]] Result<bool> take_turn(Id instance, Time now, std::chrono::microseconds interval,
                                       Time lease_until);
  // The scan goes on: its lease ends later.
  [[nodiscard]] Result<void> extend_turn(Id instance, Time lease_until);
  [[nodiscard]] Result<void> end_turn(Id instance, Time next);

 private:
  Shared& shared_;
};

}  // namespace sluice::store
