// Looks at instances: which databases there are, whether their schemas are as recorded, and what of
// the server's settings stands in the way. What it finds becomes anomalies, and what is well again
// resolves them.
//
//   scheduler thread, every poll: each instance whose turn it is (an environment's drift interval,
//   jittered; leased in the store, so that of several programs one does it) ─▶ scanner threads, at
//   most one at an instance ─▶ sync, then a scan of each database
//
// A database that a task runs on is left to its end: the run records the schema itself. The
// services must outlive it. start() and stop(): one thread, main's. The rest: any thread; blocks on
// the store and on servers.
#pragma once

#include <condition_variable>
#include <functional>
#include <regex>
#include <set>
#include <thread>

#include "admin/change/drift_settings.h"
#include "admin/change/instance_check.h"
#include "admin/change/meter.h"
#include "admin/change/workers.h"
#include "admin/store/events.h"
#include "admin/store/store.h"

namespace sluice::change {

struct ScanServices {
  store::Store& store;
  std::function<store::Time()> now;
  std::function<void(std::string_view event, std::string_view detail)> log;
  store::EventSink* events = nullptr;  // told of anomalies; may be none
};

struct ScanConfig {
  std::chrono::milliseconds poll{1000};
  unsigned scanners = 4;              // instances that are scanned at the same time
  std::chrono::seconds timeout{300};  // of one database
  // How long an instance is left to a program that does not move its lease; it does every poll.
  std::chrono::seconds lease{30};
  // A statement's wait for a metadata lock: a scan must not queue behind an ALTER TABLE, where
  // everybody else's statements would queue behind the scan (manual 7.1.8, lock_wait_timeout).
  std::chrono::seconds lock_wait{5};
};

// Why nothing was read.
struct ScanFault {
  enum class Kind : std::uint8_t {
    kStore,   // `store` says what
    kServer,  // `finding` says what
    kGone,    // the database is not on its instance any more
    kOther,   // `finding` says what: no MySQL instance
  };
  Kind kind = Kind::kStore;
  store::Fault store{};
  InstanceFinding finding{};
};
template <class T>
using Scanned = boost::system::result<T, ScanFault>;

struct SyncResult {
  std::vector<store::DatabaseEntry> databases;
  std::vector<InstanceFinding> findings;
};

struct LiveSchema {
  Snapshot snapshot;
  std::string text;
};

struct ScanResult {
  enum class State : std::uint8_t {
    kSame,        // as recorded
    kDrift,       // `anomaly` says how
    kFirstSight,  // nothing was recorded: the live schema is the first baseline
    kBusy,        // a task runs on it
  };
  State state = State::kSame;
  std::optional<store::Anomaly> anomaly{};
  std::vector<SnapshotFinding> findings{};
};

// How a live schema differs from its record.
struct Drift {
  std::vector<std::string> objects;  // "TABLE orders", in the order of names; empty: no drift
  std::string recorded_text;
  std::string live_text;
  std::string diff;    // unified, of the two texts
  std::string revert;  // DDL that takes the server back to the record
  std::string adopt;   // DDL that takes the record to the server
};

class Scans {
 public:
  explicit Scans(ScanServices services, ScanConfig config = {});
  ~Scans();
  Scans(const Scans&) = delete;
  Scans& operator=(const Scans&) = delete;

  void start();
  // Ends what it reads from servers; at most some seconds.
  void stop();

  // Reads the instance's databases and settings now. First sight of a database records its schema.
  [[nodiscard]] Scanned<SyncResult> sync(store::Id instance);
  [[nodiscard]] Scanned<ScanResult> scan(store::Id database);
  // The scheduler does it now: everything, or one database once nobody scans its instance. Nothing
  // happens before start().
  void scan_soon();
  void scan_soon(store::Id database);
  // An instance's databases, and then each of them.
  void sync_soon(store::Id instance);
  [[nodiscard]] Scanned<LiveSchema> live_schema(store::Id database);
  [[nodiscard]] const ScanMeter& meter() const noexcept { return meter_; }

  // What else is found of an instance, and that it is over. Faults of the store are logged.
  void report(const store::SeenAnomaly& seen);
  void resolve(store::Id instance, store::Id database, const std::string& kind);

 private:
  struct Opened {
    store::Instance instance;
    DriftSettings settings;
    std::regex ignored;
    std::unique_ptr<SnapshotReader> reader;
  };
  [[nodiscard]] Scanned<Opened> open(store::Id instance);
  [[nodiscard]] Scanned<SyncResult> sync(Opened& opened);
  [[nodiscard]] Scanned<ScanResult> scan(Opened& opened, const store::DatabaseEntry& database);
  [[nodiscard]] Scanned<ScanResult> scan_once(Opened& opened, const store::DatabaseEntry& database);
  [[nodiscard]] Scanned<ScanResult> first_sight(const Opened& opened,
                                                const store::DatabaseEntry& database,
                                                const Snapshot& snapshot);
  [[nodiscard]] Scanned<ScanResult> compare(const Opened& opened,
                                            const store::DatabaseEntry& database,
                                            const Snapshot& snapshot, const std::string& recorded,
                                            store::Time begun);
  // Whether the database's open drift is of a kind that was not seen this time.
  [[nodiscard]] store::Result<bool> drift_is_hidden(store::Id database,
                                                    const std::vector<schema::ObjectKind>& hidden);
  [[nodiscard]] Scanned<ScanResult> raise_drift(const store::DatabaseEntry& database,
                                                const Drift& drift,
                                                std::vector<SnapshotFinding> findings);
  [[nodiscard]] mysql::Result<Snapshot> read(Opened& opened, const std::string& name);
  [[nodiscard]] store::Result<bool> has_open_run(const store::DatabaseEntry& database);
  void scan_instance(store::Id instance);
  void report_schema_findings(const Opened& opened, const store::DatabaseEntry& database,
                              const Snapshot& snapshot);
  void publish(store::Id anomaly, store::Id database, const char* what);
  void report_findings(store::Id instance, const std::vector<InstanceFinding>& findings,
                       std::string_view part, const char* kind, const char* title);

  // scan_schedule.cpp
  void schedule();
  void take_turns(bool all);
  void take_wanted();
  // False: somebody is at the instance, it is not its turn, or every scanner is busy.
  [[nodiscard]] bool take_turn(const store::Instance& instance, std::chrono::microseconds interval,
                               bool at_once);
  // False: nothing is begun, because somebody is at the instance or every scanner is busy.
  [[nodiscard]] bool begin(store::Id instance, bool leased, std::function<void()> work);
  void renew_leases();
  void end_turn(store::Id instance, std::chrono::microseconds wait);
  [[nodiscard]] mysql::Limits limits();

  ScanServices services_;
  ScanConfig config_;
  ScanMeter meter_;
  mysql::Cancellation cancellation_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool poked_ = false;
  bool all_wanted_ = false;
  std::set<store::Id> wanted_;         // databases
  std::set<store::Id> sync_wanted_;    // instances
  std::map<store::Id, bool> in_hand_;  // instances; true: with their lease
  std::set<store::Id> all_;            // instances whose turn is now; the scheduler's own
  std::unique_ptr<Workers> scanners_;
  std::thread scheduler_;
};

// The server that a version text ("10.11.19-MariaDB-log") is of, for reading what was recorded
// there. Pure.
[[nodiscard]] schema::Target target_of(std::string_view version_text);

// Pure.
[[nodiscard]] Drift find_drift(schema::Schema recorded, schema::Schema live,
                               const schema::Target& target, const schema::CompareOptions& how);

}  // namespace sluice::change
