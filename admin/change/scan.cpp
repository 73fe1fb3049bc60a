#include "admin/change/scan.h"

#include "admin/change/replication.h"
#include "admin/change/scan_parts.h"
#include "admin/change/target.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {

using namespace scanning;

namespace {

store::Id default_project(store::Store& store) {
  const auto projects = store.projects();
  if (!projects) return 0;
  for (const auto& project : *projects) {
    if (project.key == "DEFAULT") return project.id;
  }
  return projects->empty() ? 0 : projects->front().id;
}

}  // namespace

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
  const auto environment = services_.store.environment(instance->environment);
  if (!environment) return store_fault(environment.error());
  auto settings = read_drift_settings(environment->drift).settings;
  auto ignored = settings.pattern();
  auto reader = SnapshotReader::open(*options);
  if (reader) {
    const auto set = (*reader)->connection().query("SET SESSION lock_wait_timeout = " +
                                                   std::to_string(config_.lock_wait.count()));
    if (!set) reader = set.error();
  }
  if (!reader) {
    auto finding = judge_connection(reader.error(), *options);
    report(anomaly(kConnection, id, 0, Severity::kError, finding.title, finding.detail));
    return ScanFault{ScanFault::Kind::kServer, {}, std::move(finding)};
  }
  resolve(id, 0, kConnection);
  return Opened{std::move(*instance), std::move(settings), std::move(ignored), std::move(*reader)};
}

void Scans::report_findings(store::Id instance, const std::vector<InstanceFinding>& findings,
                            std::string_view part, const char* kind, const char* title) {
  std::string detail;
  Severity severity = Severity::kWarning;
  for (const auto& finding : findings) {
    if (!finding.code.starts_with(part) || finding.severity < Severity::kWarning) continue;
    severity = std::max(severity, finding.severity);
    detail += finding.title + ". " + finding.detail + "\n";
  }
  if (detail.empty()) return resolve(instance, 0, kind);
  detail.pop_back();
  report(anomaly(kind, instance, 0, severity, title, std::move(detail)));
}

mysql::Result<Snapshot> Scans::read(Opened& opened, const std::string& database) {
  auto snapshot = opened.reader->read(database, limits());
  if (snapshot) forget_ignored(snapshot->schema, opened.ignored);
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
  const auto replicas = read_replication(*opened.reader);
  if (!replicas) return failed(replicas.error());
  SyncResult result;
  result.findings = judge_instance(*facts, opened.reader->grants());
  judge_replication(*replicas, opened.settings.replica_lag_seconds, result.findings);
  report_findings(instance, result.findings, "binlog.", kBinlog,
                  "Settings of the binary log stand in the way of rollback");
  report_findings(instance, result.findings, "replication.", kReplication,
                  "Replication lags or has stopped");
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

Scanned<ScanResult> Scans::scan(Opened& opened, const store::DatabaseEntry& listed) {
  const auto begin = std::chrono::steady_clock::now();
  auto result = scan_once(opened, listed);
  meter_.time.add(std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin));
  const auto failed = ScanMeter::kOutcomes.size() - 1;
  ++meter_.scans.at(result ? static_cast<std::size_t>(result->state) : failed);
  return result;
}

Scanned<ScanResult> Scans::scan_once(Opened& opened, const store::DatabaseEntry& listed) {
  auto databases = services_.store.databases();
  // A change that ends while the schema is read moves the record: then it is read once more.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto begun = services_.now();
    const auto before = databases.get(listed.id);
    if (!before) return store_fault(before.error());
    const auto snapshot = read(opened, before->name);
    if (!snapshot) {
      const auto& fault = snapshot.error();
      if (fault.number == 1049) return ScanFault{ScanFault::Kind::kGone, {}, {}};
      return ScanFault{ScanFault::Kind::kServer,
                       {},
                       judge_connection(fault, opened.reader->connection().options())};
    }
    const auto busy = has_open_run(*before);
    if (!busy) return store_fault(busy.error());
    if (*busy) return ScanResult{ScanResult::State::kBusy};
    const auto after = databases.get(listed.id);
    if (!after) return store_fault(after.error());
    if (after->schema_recorded_at != before->schema_recorded_at) continue;
    report_schema_findings(opened, *before, *snapshot);
    if (!before->schema_recorded_at) return first_sight(opened, *before, *snapshot);
    const auto recorded = databases.recorded_schema(before->id);
    if (!recorded) return store_fault(recorded.error());
    return compare(opened, *before, *snapshot, *recorded, begun);
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

}  // namespace sluice::change
