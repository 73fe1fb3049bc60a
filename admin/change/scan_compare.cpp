// What a scan makes of a live schema: the first baseline, a drift, what else is to be said of it.
#include <algorithm>
#include <array>
#include <ctime>

#include <boost/json.hpp>

#include "admin/change/gate_rows.h"
#include "admin/change/record.h"
#include "admin/change/scan_parts.h"
#include "admin/change/server_facts.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {

using namespace scanning;

namespace {

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i)
    out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) out += " and " + std::to_string(names.size() - kShown) + " more";
  return out;
}

// The newest statement with its author, for the anomaly's sentence.
std::string last_of(const std::vector<store::OutsideStatement>& statements) {
  constexpr std::size_t kShown = 300;  // bytes
  const auto& last = statements.back();
  const auto time = static_cast<std::time_t>(
      std::chrono::floor<std::chrono::seconds>(last.ran_at).time_since_epoch().count());
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> at{};
  (void)std::strftime(at.data(), at.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::string text = clean_text(std::string_view(last.statement).substr(0, kShown));
  if (last.statement.size() > kShown) text += " …";
  std::string out = "Outside Sluice ran at " + std::string(at.data()) + " UTC, in thread " +
                    std::to_string(last.thread_id);
  if (!last.account.empty()) {
    out += std::string(last.author_by == "counts" ? ", probably of " : " of ") +
           sqltext::quote_identifier(last.account) + "@" + sqltext::quote_identifier(last.host);
  }
  out += ": " + text;
  if (statements.size() > 1)
    out += " (" + std::to_string(statements.size() - 1) + " more before it)";
  return out;
}

}  // namespace

store::Result<bool> Scans::has_open_run(const store::DatabaseEntry& database) {
  const auto runs = services_.store.runs().open_runs();
  if (!runs) return runs.error();
  for (const auto& run : *runs) {
    const auto state = services_.store.issues().get(run.issue);
    if (!state) return state.error();
    for (const auto& task : state->tasks) {
      // A task that makes a database knows its number only at its end.
      if (task.id == run.task && task.instance == database.instance &&
          task.database_name == database.name) {
        return true;
      }
    }
  }
  // Changes that clients' sessions run: their entries are written when they have ended.
  const auto gate = services_.store.gate().open();
  if (!gate) return gate.error();
  for (const auto& change : *gate) {
    for (const auto& touched : read_databases(change.places)) {
      if (touched.id == database.id && touched.defines()) return true;
    }
  }
  return false;
}

Scanned<ScanResult> Scans::raise_drift(const store::DatabaseEntry& database, const Drift& drift,
                                       std::vector<SnapshotFinding> findings) {
  const auto count = drift.objects.size();
  auto seen = anomaly(kDrift, database.instance, database.id, Severity::kWarning, "Schema drift",
                      std::to_string(count) + (count == 1 ? " object differs" : " objects differ") +
                          " from the recorded schema: " + joined(drift.objects) + ".");
  const auto statements = services_.store.outside().open_of(database.id, kMaxStatements);
  if (!statements) return store_fault(statements.error());
  if (!statements->empty()) seen.anomaly.detail += " " + last_of(*statements);
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
  const auto attached = services_.store.outside().attach(database.id, reported->anomaly.id);
  if (!attached) return store_fault(attached.error());
  if (reported->changed) publish(reported->anomaly.id, database.id, "open");
  return ScanResult{ScanResult::State::kDrift, std::move(reported->anomaly), std::move(findings)};
}

store::Result<bool> Scans::drift_is_hidden(store::Id database,
                                           const std::vector<schema::ObjectKind>& hidden) {
  if (hidden.empty()) return false;
  store::AnomalyFilter filter;
  filter.open = true;
  filter.kind = kDrift;
  filter.database = database;
  const auto open = services_.store.anomalies().list(filter);
  if (!open) return open.error();
  for (const auto& drift : *open) {
    for (const auto kind : hidden) {
      if (drift.objects.find("\"" + std::string(to_string(kind)) + " ") != std::string::npos)
        return true;
    }
  }
  return false;
}

Scanned<ScanResult> Scans::compare(const Opened& opened, const store::DatabaseEntry& database,
                                   const Snapshot& snapshot, const std::string& recorded,
                                   store::Time begun) {
  auto reading = schema::read(recorded, target_of(database.schema_version));
  auto live = snapshot.schema;
  const auto unseen = unseen_in(recorded);
  forget_hidden(reading.schema, snapshot.hidden);
  forget_hidden(live, unseen);
  forget_ignored(reading.schema, opened.ignored);
  const auto drift = find_drift(std::move(reading.schema), std::move(live), snapshot.server.target,
                                opened.settings.compare);
  if (!drift.objects.empty()) return raise_drift(database, drift, snapshot.findings);
  // A table that is locked just now is not seen; that says nothing of a drift of tables.
  const auto unknown = drift_is_hidden(database.id, snapshot.hidden);
  if (!unknown) return store_fault(unknown.error());
  if (*unknown) return ScanResult{ScanResult::State::kSame, {}, snapshot.findings};
  resolve(database.instance, database.id, kDrift);
  if (const auto settled = services_.store.outside().settle(database.id, begun); !settled)
    return store_fault(settled.error());
  const bool sees_more = std::any_of(unseen.begin(), unseen.end(), [&](const auto kind) {
    return std::find(snapshot.hidden.begin(), snapshot.hidden.end(), kind) == snapshot.hidden.end();
  });
  if (sees_more) {
    // The first sight of what the account could not see before.
    const auto text = keep_unseen(recorded, database.schema_version, record_text(snapshot),
                                  snapshot.server.target);
    const auto kept = services_.store.databases().record_schema(
        database.id, text, snapshot.server.version, services_.now());
    if (!kept) return store_fault(kept.error());
  }
  return ScanResult{ScanResult::State::kSame, {}, snapshot.findings};
}

// The history of an existing database begins with what it was when it was first seen.
Scanned<ScanResult> Scans::first_sight(const Opened& opened, const store::DatabaseEntry& database,
                                       const Snapshot& snapshot) {
  store::NewChange entry;
  auto& change = entry.change;
  change.kind = policy::IssueKind::kSchemaBaseline;
  change.actor = "sluice";
  change.project = database.project;
  change.instance = database.instance;
  change.instance_name = opened.instance.name;
  change.database = database.id;
  change.database_name = database.name;
  change.server_version = snapshot.server.version;
  change.started_at = services_.now();
  entry.schema_after = record_text(snapshot);
  const auto added = services_.store.history().add(entry, services_.now());
  if (!added) return store_fault(added.error());
  if (services_.events != nullptr)
    services_.events->publish({"change", added->id, database.project, "created"});
  return ScanResult{ScanResult::State::kFirstSight, {}, snapshot.findings};
}

void Scans::report_schema_findings(const Opened& opened, const store::DatabaseEntry& database,
                                   const Snapshot& snapshot) {
  std::string unreadable;
  for (const auto& finding : snapshot.findings)
    unreadable += (finding.object.empty() ? "" : finding.object + ": ") + finding.detail + "\n";
  if (unreadable.empty()) {
    resolve(database.instance, database.id, kReading);
  } else {
    unreadable.pop_back();
    report(anomaly(kReading, database.instance, database.id, Severity::kInfo,
                   "A part of the schema cannot be read", unreadable));
  }
  const auto keyless = tables_without_key(snapshot.schema);
  if (keyless.empty() || !opened.settings.missing_primary_key) {
    return resolve(database.instance, database.id, kNoPrimaryKey);
  }
  auto seen = anomaly(kNoPrimaryKey, database.instance, database.id,
                      *opened.settings.missing_primary_key, "Tables without a primary key",
                      std::to_string(keyless.size()) +
                          (keyless.size() == 1 ? " table" : " tables") + ": " + joined(keyless) +
                          ". Replicas search such a table whole for each changed row, and a "
                          "rollback cannot name its rows by a key. Add a PRIMARY KEY, or a UNIQUE "
                          "index over columns that are NOT NULL.");
  boost::json::array objects;
  for (const auto& table : keyless) objects.emplace_back("TABLE " + table);
  seen.anomaly.objects = boost::json::serialize(objects);
  report(seen);
}

}  // namespace sluice::change
