#include "admin/change/scan.h"

#include <algorithm>
#include <random>

#include <boost/json.hpp>

#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

constexpr const char* kDrift = "schema.drift";
constexpr const char* kConnection = "instance.connection";
constexpr const char* kBinlog = "instance.binlog";
constexpr const char* kReading = "schema.unreadable";
constexpr const char* kMissing = "database.missing";

ScanFault store_fault(store::Fault fault) {
  return {ScanFault::Kind::kStore, std::move(fault), {}};
}

store::Id default_project(store::Store& store) {
  const auto projects = store.projects();
  if (!projects) return 0;
  for (const auto& project : *projects) {
    if (project.key == "DEFAULT") return project.id;
  }
  return projects->empty() ? 0 : projects->front().id;
}

store::SeenAnomaly anomaly(const char* kind, store::Id instance, store::Id database,
                           Severity severity, std::string title, std::string detail) {
  store::SeenAnomaly seen;
  seen.anomaly.kind = kind;
  seen.anomaly.instance = instance;
  seen.anomaly.database = database;
  seen.anomaly.severity = name(severity);
  seen.anomaly.title = std::move(title);
  seen.anomaly.detail = std::move(detail);
  return seen;
}

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

}  // namespace

Scans::Scans(ScanServices services, ScanConfig config)
    : services_(std::move(services)),
      config_(std::move(config)),
      ignored_(config_.ignored_tables, std::regex::ECMAScript | std::regex::optimize) {}

Scans::~Scans() {
  stop();
}

mysql::Limits Scans::limits() {
  mysql::Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + config_.timeout;
  limits.cancellation = &cancellation_;
  return limits;
}

void Scans::publish(store::Id anomaly, store::Id database, const char* what) {
  if (services_.events == nullptr) return;
  store::Id project = 0;
  if (database != 0) {
    const auto found = services_.store.databases().get(database);
    if (!found) return;  // nobody may be told whose it was
    project = found->project;
  }
  services_.events->publish({"anomaly", anomaly, project, what});
}

void Scans::report(const store::SeenAnomaly& seen) {
  const auto reported = services_.store.anomalies().report(seen, services_.now());
  if (!reported) return services_.log("anomaly_not_stored", reported.error().detail);
  if (reported->changed) publish(reported->anomaly.id, seen.anomaly.database, "open");
}

void Scans::resolve(store::Id instance, store::Id database, const std::string& kind) {
  const auto resolved =
      services_.store.anomalies().resolve(instance, database, kind, services_.now());
  if (!resolved) return services_.log("anomaly_not_stored", resolved.error().detail);
  if (*resolved != 0) publish(*resolved, database, "resolved");
}

Scanned<Scans::Opened> Scans::open(store::Id id) {
  auto instance = services_.store.instance(id);
  if (!instance) return store_fault(instance.error());
  if (instance->engine != "mysql") {
    return ScanFault{ScanFault::Kind::kOther,
                     {},
                     {"engine", Severity::kError, "The instance is neither MySQL nor MariaDB",
                      "Only databases of MySQL, MariaDB and Aurora MySQL can be read."}};
  }
  const auto secrets = services_.store.instance_secrets(id);
  if (!secrets) return store_fault(secrets.error());
  const auto options = control_options(*instance, *secrets);
  if (!options) return store_fault(options.error());
  auto reader = SnapshotReader::open(*options);
  if (!reader) {
    auto finding = judge_connection(reader.error(), *options);
    report(anomaly(kConnection, id, 0, Severity::kError, finding.title, finding.detail));
    return ScanFault{ScanFault::Kind::kServer, {}, std::move(finding)};
  }
  resolve(id, 0, kConnection);
  return Opened{std::move(*instance), std::move(*reader)};
}

void Scans::report_findings(store::Id instance, const std::vector<InstanceFinding>& findings) {
  std::string detail;
  for (const auto& finding : findings) {
    if (!finding.code.starts_with("binlog.") || finding.severity < Severity::kWarning) continue;
    detail += finding.title + ". " + finding.detail + "\n";
  }
  if (detail.empty()) return resolve(instance, 0, kBinlog);
  detail.pop_back();
  report(anomaly(kBinlog, instance, 0, Severity::kWarning,
                 "Settings of the binary log stand in the way of rollback", std::move(detail)));
}

mysql::Result<Snapshot> Scans::read(SnapshotReader& reader, const std::string& database) {
  auto snapshot = reader.read(database, limits());
  if (!snapshot) return snapshot;
  std::erase_if(snapshot->schema.tables,
                [&](const auto& table) { return std::regex_match(table.first, ignored_); });
  return snapshot;
}

Scanned<SyncResult> Scans::sync(Opened& opened) {
  const auto instance = opened.instance.id;
  const auto failed = [&](const mysql::Fault& fault) {
    return ScanFault{ScanFault::Kind::kServer,
                     {},
                     judge_connection(fault, opened.reader->connection().options())};
  };
  const auto facts = read_instance_facts(*opened.reader);
  if (!facts) return failed(facts.error());
  SyncResult result;
  result.findings = judge_instance(*facts, opened.reader->grants());
  report_findings(instance, result.findings);
  const auto listed = opened.reader->databases(limits());
  if (!listed) return failed(listed.error());
  std::vector<store::SeenDatabase> seen;
  for (const auto& one : *listed) seen.push_back({one.name, one.charset, one.collation});
  auto databases = services_.store.databases();
  auto all = databases.sync(instance, seen, default_project(services_.store), services_.now());
  if (!all) return store_fault(all.error());
  for (auto& database : *all) {
    if (!database.present) {
      report(anomaly(kMissing, instance, database.id, Severity::kWarning,
                     "The database is gone from its instance",
                     "Database " + sqltext::quote_identifier(database.name) +
                         " was not found by the last sync: it was dropped, or the account may not "
                         "see it any more."));
      continue;
    }
    resolve(instance, database.id, kMissing);
    if (database.schema_recorded_at) continue;
    const auto first = scan(opened, database);
    if (!first && first.error().kind == ScanFault::Kind::kStore) return first.error();
    if (auto fresh = databases.get(database.id)) database = std::move(*fresh);
  }
  result.databases = std::move(*all);
  return result;
}

store::Result<bool> Scans::has_open_run(store::Id database) {
  const auto runs = services_.store.runs().open_runs();
  if (!runs) return runs.error();
  for (const auto& run : *runs) {
    const auto state = services_.store.issues().get(run.issue);
    if (!state) return state.error();
    for (const auto& task : state->tasks) {
      if (task.id == run.task && task.database == database) return true;
    }
  }
  return false;
}

Scanned<ScanResult> Scans::compare(const store::DatabaseEntry& database, const Snapshot& snapshot,
                                   const std::string& recorded) {
  const auto recorded_target = target_of(database.schema_version);
  auto reading = schema::read(recorded, recorded_target);
  auto live = snapshot.schema;
  forget_hidden(reading.schema, snapshot.hidden);
  std::erase_if(reading.schema.tables,
                [&](const auto& table) { return std::regex_match(table.first, ignored_); });
  const auto drift = find_drift(std::move(reading.schema), std::move(live), snapshot.server.target,
                                config_.compare);
  ScanResult result;
  result.findings = snapshot.findings;
  if (drift.objects.empty()) {
    resolve(database.instance, database.id, kDrift);
    return result;
  }
  const auto count = drift.objects.size();
  auto seen = anomaly(kDrift, database.instance, database.id, Severity::kWarning, "Schema drift",
                      std::to_string(count) + (count == 1 ? " object differs" : " objects differ") +
                          " from the recorded schema: " + joined(drift.objects) + ".");
  boost::json::array objects;
  for (const auto& object : drift.objects) objects.emplace_back(object);
  seen.anomaly.objects = boost::json::serialize(objects);
  seen.anomaly.diff = drift.diff;
  seen.anomaly.revert_sql = drift.revert;
  seen.anomaly.adopt_sql = drift.adopt;
  seen.recorded_text = drift.recorded_text;
  seen.live_text = drift.live_text;
  auto reported = services_.store.anomalies().report(seen, services_.now());
  if (!reported) return store_fault(reported.error());
  if (reported->changed) publish(reported->anomaly.id, database.id, "open");
  result.state = ScanResult::State::kDrift;
  result.anomaly = std::move(reported->anomaly);
  return result;
}

Scanned<ScanResult> Scans::scan(Opened& opened, const store::DatabaseEntry& listed) {
  auto databases = services_.store.databases();
  // A change that ends while the schema is read moves the record: then it is read once more.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto before = databases.get(listed.id);
    if (!before) return store_fault(before.error());
    const auto snapshot = read(*opened.reader, before->name);
    if (!snapshot) {
      const auto& fault = snapshot.error();
      if (fault.number == 1049) return ScanFault{ScanFault::Kind::kGone, {}, {}};
      return ScanFault{ScanFault::Kind::kServer,
                       {},
                       judge_connection(fault, opened.reader->connection().options())};
    }
    const auto busy = has_open_run(listed.id);
    if (!busy) return store_fault(busy.error());
    if (*busy) return ScanResult{ScanResult::State::kBusy};
    const auto after = databases.get(listed.id);
    if (!after) return store_fault(after.error());
    if (after->schema_recorded_at != before->schema_recorded_at) continue;
    std::string unreadable;
    for (const auto& finding : snapshot->findings)
      unreadable += (finding.object.empty() ? "" : finding.object + ": ") + finding.detail + "\n";
    if (unreadable.empty()) {
      resolve(before->instance, before->id, kReading);
    } else {
      unreadable.pop_back();
      report(anomaly(kReading, before->instance, before->id, Severity::kInfo,
                     "A part of the schema cannot be read", unreadable));
    }
    if (!before->schema_recorded_at) {
      const auto text = canonical_text(snapshot->schema, snapshot->server.target);
      const auto kept =
          databases.record_schema(before->id, text, snapshot->server.version, services_.now());
      if (!kept) return store_fault(kept.error());
      return ScanResult{ScanResult::State::kFirstSight, {}, snapshot->findings};
    }
    const auto recorded = databases.recorded_schema(before->id);
    if (!recorded) return store_fault(recorded.error());
    return compare(*before, *snapshot, *recorded);
  }
  return ScanResult{ScanResult::State::kBusy};
}

Scanned<SyncResult> Scans::sync(store::Id instance) {
  auto opened = open(instance);
  if (!opened) return opened.error();
  return sync(*opened);
}

Scanned<ScanResult> Scans::scan(store::Id id) {
  const auto database = services_.store.databases().get(id);
  if (!database) return store_fault(database.error());
  auto opened = open(database->instance);
  if (!opened) return opened.error();
  return scan(*opened, *database);
}

Scanned<LiveSchema> Scans::live_schema(store::Id id) {
  const auto database = services_.store.databases().get(id);
  if (!database) return store_fault(database.error());
  auto opened = open(database->instance);
  if (!opened) return opened.error();
  auto snapshot = opened->reader->read(database->name, limits());
  if (!snapshot && snapshot.error().number == 1049) {
    return ScanFault{ScanFault::Kind::kGone, {}, {}};
  }
  if (!snapshot) {
    return ScanFault{ScanFault::Kind::kServer,
                     {},
                     judge_connection(snapshot.error(), opened->reader->connection().options())};
  }
  auto text = canonical_text(snapshot->schema, snapshot->server.target);
  return LiveSchema{std::move(*snapshot), std::move(text)};
}

void Scans::scan_instance(store::Id instance) {
  const auto said = [&](const ScanFault& fault) {
    const auto& why =
        fault.kind == ScanFault::Kind::kStore ? fault.store.detail : fault.finding.title;
    services_.log("scan_failed", "instance " + std::to_string(instance) + ": " + why);
  };
  auto opened = open(instance);
  if (!opened) return said(opened.error());
  const auto synced = sync(*opened);
  if (!synced) return said(synced.error());
  for (const auto& database : synced->databases) {
    if (cancellation_.requested()) return;
    if (!database.present) continue;
    if (const auto scanned = scan(*opened, database); !scanned) said(scanned.error());
  }
}

void Scans::scan_all() {
  const auto instances = services_.store.instances();
  if (!instances) return services_.log("scan_failed", instances.error().detail);
  for (const auto& instance : *instances) {
    if (instance.engine == "mysql" && !cancellation_.requested()) scan_instance(instance.id);
  }
}

// Each instance's turn comes an interval after the last one, up to a tenth sooner, so that those of
// one environment do not come at once.
void Scans::take_turns() {
  const auto instances = services_.store.instances();
  const auto environments = services_.store.environments();
  if (!instances || !environments) return services_.log("scan_failed", "the store does not answer");
  thread_local std::minstd_rand random{std::random_device{}()};
  for (const auto& instance : *instances) {
    if (instance.engine != "mysql" || cancellation_.requested()) continue;
    const auto environment =
        std::find_if(environments->begin(), environments->end(),
                     [&](const auto& one) { return one.id == instance.environment; });
    if (environment == environments->end()) continue;
    const std::chrono::microseconds interval =
        std::chrono::seconds(environment->drift_interval_seconds);
    std::uniform_int_distribution<std::int64_t> jitter(0, interval.count() / 10);
    const auto now = services_.now();
    const auto next = now + interval - std::chrono::microseconds(jitter(random));
    const auto mine = services_.store.anomalies().take_turn(instance.id, now, next);
    if (!mine) {
      services_.log("scan_failed", mine.error().detail);
    } else if (*mine) {
      scan_instance(instance.id);
    }
  }
}

void Scans::schedule() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const bool all = std::exchange(all_wanted_, false);
    lock.unlock();
    if (all) {
      scan_all();
    } else {
      take_turns();
    }
    lock.lock();
    stopped_.wait_for(lock, config_.poll, [this] { return stopping_ || all_wanted_; });
  }
}

void Scans::scan_soon() {
  const std::lock_guard lock(mutex_);
  all_wanted_ = true;
  stopped_.notify_all();
}

void Scans::start() {
  scheduler_ = std::thread([this] { schedule(); });
}

void Scans::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }
  cancellation_.request();
  if (scheduler_.joinable()) scheduler_.join();
}

}  // namespace sluice::change
