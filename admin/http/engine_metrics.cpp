#include "admin/http/engine_metrics.h"

namespace sluice::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(const char* name, const char* help, MetricType type) {
  return {name, help, type, {}};
}

void add(MetricFamily& family, double value, Labels labels = {}) {
  ClientMetric metric;
  if (family.type == MetricType::Gauge) {
    metric.gauge.value = value;
  } else {
    metric.counter.value = value;
  }
  metric.label = std::move(labels);
  family.metric.push_back(std::move(metric));
}

void add(MetricFamily& family, const store::Durations& durations, Labels labels = {}) {
  family.metric.push_back(histogram(durations));
  family.metric.back().label = std::move(labels);
}

void add_totals(const store::Totals& totals, std::vector<MetricFamily>& families) {
  auto issues = family("sluice_issues", "Issues by state", MetricType::Gauge);
  for (std::size_t i = 0; i < static_cast<std::size_t>(policy::IssueStatus::kCount); ++i) {
    const std::string state(name(static_cast<policy::IssueStatus>(i)));
    const auto found = totals.issues.find(state);
    add(issues, found == totals.issues.end() ? 0 : static_cast<double>(found->second),
        {{"state", state}});
  }
  auto tasks = family("sluice_tasks", "Tasks by state; pending: the queue", MetricType::Gauge);
  for (std::size_t i = 0; i < change::EngineMeter::kStates; ++i) {
    const std::string state(name(static_cast<policy::TaskStatus>(i)));
    const auto found = totals.tasks.find(state);
    add(tasks, found == totals.tasks.end() ? 0 : static_cast<double>(found->second),
        {{"state", state}});
  }
  auto anomalies = family("sluice_anomalies_open", "Open anomalies by kind", MetricType::Gauge);
  for (const auto& [kind, count] : totals.anomalies) {
    add(anomalies, static_cast<double>(count), {{"kind", kind}});
  }
  families.push_back(std::move(issues));
  families.push_back(std::move(tasks));
  if (!anomalies.metric.empty()) families.push_back(std::move(anomalies));
}

void add_engine(const change::EngineMeter& engine, std::vector<MetricFamily>& families) {
  auto runs = family("sluice_task_runs_total", "Runs of tasks that ended here, by how",
                     MetricType::Counter);
  auto times =
      family("sluice_task_run_seconds", "From a run's claim to its end", MetricType::Histogram);
  for (std::size_t k = 0; k < change::EngineMeter::kKinds; ++k) {
    const std::string kind(name(static_cast<policy::IssueKind>(k)));
    for (std::size_t s = 0; s < change::EngineMeter::kStates; ++s) {
      if (engine.runs(k, s) == 0) continue;
      add(runs, static_cast<double>(engine.runs(k, s)),
          {{"type", kind}, {"state", std::string(name(static_cast<policy::TaskStatus>(s)))}});
    }
    add(times, engine.run_time(k), {{"type", kind}});
  }
  auto running =
      family("sluice_task_runs_active", "Runs that this program has in hand", MetricType::Gauge);
  add(running, static_cast<double>(engine.running()));
  auto taken = family("sluice_task_runs_taken_over_total",
                      "Runs whose holder was gone, continued here", MetricType::Counter);
  add(taken, static_cast<double>(engine.taken_over_runs()));
  auto checks =
      family("sluice_task_checks_total", "Checks of tasks, by their result", MetricType::Counter);
  for (std::size_t r = static_cast<std::size_t>(policy::CheckResult::kPassed);
       r < change::EngineMeter::kResults; ++r) {
    add(checks, static_cast<double>(engine.checks(r)),
        {{"result", std::string(name(static_cast<policy::CheckResult>(r)))}});
  }
  auto check_times =
      family("sluice_task_check_seconds", "One task's checks, all of them", MetricType::Histogram);
  add(check_times, engine.check_time());
  for (auto* one : {&runs, &times, &running, &taken, &checks, &check_times}) {
    if (!one->metric.empty()) families.push_back(std::move(*one));
  }
}

void add_watches(const change::WatchMeter& watches, std::vector<MetricFamily>& families) {
  using Watches = change::WatchMeter;
  auto states = family("sluice_watch_state", "1 for the state in which a binary log's watch is",
                       MetricType::Gauge);
  auto events = family("sluice_watch_events_total", "Events read of an instance's binary log",
                       MetricType::Counter);
  auto statements =
      family("sluice_watch_outside_statements_total",
             "Statements in it that changed a schema past Sluice", MetricType::Counter);
  auto lag =
      family("sluice_watch_lag_seconds",
             "Age of the newest event when it was read; 0 at the log's end", MetricType::Gauge);
  for (const auto& one : watches.watched()) {
    for (std::size_t i = 0; i < Watches::kStates.size(); ++i) {
      add(states, static_cast<std::size_t>(one.state) == i ? 1 : 0,
          {{"instance", one.instance}, {"state", Watches::kStates.at(i)}});
    }
    add(events, static_cast<double>(one.events), {{"instance", one.instance}});
    add(statements, static_cast<double>(one.statements), {{"instance", one.instance}});
    add(lag, static_cast<double>(one.lag.count()), {{"instance", one.instance}});
  }
  for (auto* one : {&states, &events, &statements, &lag}) {
    if (!one->metric.empty()) families.push_back(std::move(*one));
  }
}

void add_store(const store::Meter& store, std::vector<MetricFamily>& families) {
  auto statements =
      family("sluice_store_statement_seconds", "One statement of the store", MetricType::Histogram);
  add(statements, store.statements);
  auto waits = family("sluice_store_wait_seconds",
                      "What a call waited: turn, for this program's connection; lock, for another "
                      "program's lock on the file, where it waited",
                      MetricType::Histogram);
  add(waits, store.turns, {{"for", "turn"}});
  add(waits, store.locks, {{"for", "lock"}});
  auto failures = family("sluice_store_failures_total", "Statements of the store that failed",
                         MetricType::Counter);
  for (std::size_t i = 0; i < store.failures.size(); ++i) {
    const auto kind = static_cast<store::Failure>(i);
    if (!store::Meter::is_failure(kind)) continue;
    add(failures, static_cast<double>(store.failures.at(i)), {{"kind", std::string(name(kind))}});
  }
  for (auto* one : {&statements, &waits, &failures}) families.push_back(std::move(*one));
}

}  // namespace

ClientMetric histogram(const store::Durations& durations) {
  ClientMetric metric;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < store::Durations::kBuckets; ++i) {
    below += durations.bucket(i);
    metric.histogram.bucket.push_back({below, store::Durations::bound(i)});
  }
  metric.histogram.sample_count = below;
  metric.histogram.sample_sum = durations.sum();
  return metric;
}

std::vector<MetricFamily> engine_families(const EngineSources& sources) {
  std::vector<MetricFamily> families;
  if (const auto totals = sources.engine.totals()) add_totals(*totals, families);
  add_engine(sources.engine, families);
  auto scans =
      family("sluice_scans_total", "Scans of databases, by what they found", MetricType::Counter);
  for (std::size_t i = 0; i < change::ScanMeter::kOutcomes.size(); ++i) {
    add(scans, static_cast<double>(sources.scans.scans.at(i)),
        {{"outcome", change::ScanMeter::kOutcomes.at(i)}});
  }
  auto scan_times = family("sluice_scan_seconds", "One scan of a database", MetricType::Histogram);
  add(scan_times, sources.scans.time);
  add_store(sources.store, families);
  add_watches(sources.watches, families);
  auto streams = family("sluice_event_streams", "Pages that listen for events", MetricType::Gauge);
  add(streams, static_cast<double>(sources.event_streams));
  for (auto* one : {&scans, &scan_times, &streams}) {
    families.push_back(std::move(*one));
  }
  return families;
}

}  // namespace sluice::http
