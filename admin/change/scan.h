// Looks at instances: which databases there are, whether their schemas are as recorded, and what of
// the server's settings stands in the way. What it finds becomes anomalies, and what is well again
// resolves them.
//
//   scheduler thread, every poll: for each instance whose turn it is (an environment's drift
//   interval, jittered; taken in the store, so that of several programs one does it) ─▶ sync, then
//   a scan of each database
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

#include "admin/change/instance_check.h"
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
  // Tables that online schema change tools make and drop again: they are no drift.
  std::string ignored_tables = "_.*_(gho|ghc|del|new|old)";
  schema::CompareOptions compare{};
  std::chrono::seconds timeout{300};  // of one database
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
  // A sync and a scan of everything; faults become anomalies and log lines.
  void scan_all();
  // The scheduler does it now. REQUIRES: start().
  void scan_soon();
  [[nodiscard]] Scanned<LiveSchema> live_schema(store::Id database);

 private:
  struct Opened {
    store::Instance instance;
    std::unique_ptr<SnapshotReader> reader;
  };
  [[nodiscard]] Scanned<Opened> open(store::Id instance);
  [[nodiscard]] Scanned<SyncResult> sync(Opened& opened);
  [[nodiscard]] Scanned<ScanResult> scan(Opened& opened, const store::DatabaseEntry& database);
  [[nodiscard]] Scanned<ScanResult> compare(const store::DatabaseEntry& database,
                                            const Snapshot& snapshot, const std::string& recorded);
  [[nodiscard]] mysql::Result<Snapshot> read(SnapshotReader& reader, const std::string& name);
  [[nodiscard]] store::Result<bool> has_open_run(store::Id database);
  void scan_instance(store::Id instance);
  void report(const store::SeenAnomaly& seen);
  void publish(store::Id anomaly, store::Id database, const char* what);
  void resolve(store::Id instance, store::Id database, const std::string& kind);
  void report_findings(store::Id instance, const std::vector<InstanceFinding>& findings);
  void schedule();
  void take_turns();
  [[nodiscard]] mysql::Limits limits();

  ScanServices services_;
  ScanConfig config_;
  std::regex ignored_;
  mysql::Cancellation cancellation_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  bool all_wanted_ = false;
  std::thread scheduler_;
};

// How a stored instance is reached; kOther: its TLS mode is not known. Pure.
[[nodiscard]] store::Result<mysql::Options> control_options(const store::Instance& instance,
                                                            const store::InstanceSecrets& secrets);

// The server that a version text ("10.11.19-MariaDB-log") is of, for reading what was recorded
// there. Pure.
[[nodiscard]] schema::Target target_of(std::string_view version_text);

// How a live schema differs from its record. Pure.
struct Drift {
  std::vector<std::string> objects;  // "TABLE orders", in the order of names; empty: no drift
  std::string recorded_text;
  std::string live_text;
  std::string diff;    // unified, of the two texts
  std::string revert;  // DDL that takes the server back to the record
  std::string adopt;   // DDL that takes the record to the server
};
[[nodiscard]] Drift find_drift(schema::Schema recorded, schema::Schema live,
                               const schema::Target& target, const schema::CompareOptions& how);

}  // namespace sluice::change
