// Statements that changed a schema outside Sluice, as a server's binary log names them, and how far
// each log was read. Values in and out.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <string>
#include <vector>

#include "admin/store/types.h"

namespace sluice::store {

// Where a log was read to: the end of the last whole group of events.
struct WatchedPlace {
  std::string server;  // its @@server_uuid, or MariaDB's @@server_uid; empty: nothing was read yet
  std::string file;
  std::int64_t position = 0;
  std::string gtids;  // MySQL: a set; MariaDB: a position; empty: the server has none
  friend bool operator==(const WatchedPlace&, const WatchedPlace&) = default;
};

struct OutsideStatement {
  Id id = 0;
  Id instance = 0;
  Id database = 0;
  Id anomaly = 0;  // 0: of no drift, as far as is known
  Time ran_at{};   // to the second
  std::int64_t thread_id = 0;
  std::string account;  // empty: the server could not tell
  std::string host;
  // How the account is known: "session", "log", or "counts", an inference (change/log_authors.h);
  // empty: it is not, or was kept by a program before this one.
  std::string author_by;
  std::string gtid;  // empty: the server has none
  std::string server;
  std::string file;
  std::int64_t position = 0;  // of the statement's end
  std::string statement;
};

class Outside {
 public:
  explicit Outside(Shared& shared) : shared_(shared) {}

  // The place, for the one program that may follow the instance's log until `until`; kBusy: another
  // one does.
  [[nodiscard]] Result<WatchedPlace> take_watch(Id instance, const std::string& holder, Time now,
                                                Time until);
  // Moves lease and place; kConflict: another program has it.
  [[nodiscard]] Result<void> keep_watch(Id instance, const std::string& holder,
                                        const WatchedPlace& place, Time until);
  [[nodiscard]] Result<void> leave_watch(Id instance, const std::string& holder);

  // One that is there already (a log that is read again) is not added twice.
  [[nodiscard]] Result<void> add(const OutsideStatement& statement, Time now);
  // The database drifted: its statements that are of nothing yet belong to that anomaly.
  [[nodiscard]] Result<void> attach(Id database, Id anomaly);
  // The database was as recorded, looked at from `since` on: statements that were added before have
  // no effect any more.
  [[nodiscard]] Result<void> settle(Id database, Time since);
  // Those that are not settled, of a drift or of none yet; the oldest first.
  [[nodiscard]] Result<std::vector<OutsideStatement>> open_of(Id database, std::int64_t limit);
  // In the order in which they ran.
  [[nodiscard]] Result<std::vector<OutsideStatement>> of_anomaly(Id anomaly, std::int64_t limit);

  // Whether a session of Sluice's own – a task's, a gate's – was that thread of the instance at
  // that time.
  [[nodiscard]] Result<bool> passed(Id instance, std::int64_t thread_id, Time at);

 private:
  Shared& shared_;
};

}  // namespace sluice::store
