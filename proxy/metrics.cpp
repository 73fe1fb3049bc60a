#include "proxy/metrics.h"

#include <array>
#include <cmath>
#include <limits>

#include <prometheus/text_serializer.h>

#include "policy/gate.h"

namespace sluice::proxy {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using session::Counter;
using session::Counters;

struct CounterRow {
  const char* name;
  const char* help;
  Counter Counters::*counter;
  MetricType type = MetricType::Counter;
};

constexpr std::array kCounters{
    CounterRow{"sluice_connections_total", "Client connections accepted",
               &Counters::connections_accepted},
    CounterRow{"sluice_sessions", "Client sessions that are open", &Counters::sessions_open,
               MetricType::Gauge},
    CounterRow{"sluice_sessions_logged_in", "Client sessions that are logged in",
               &Counters::sessions_logged_in, MetricType::Gauge},
    CounterRow{"sluice_statements_total", "Statements: queries and executions",
               &Counters::statements},
    CounterRow{"sluice_commands_total", "Commands of every kind", &Counters::commands},
    CounterRow{"sluice_refused_total", "Commands refused by the policy or the command table",
               &Counters::refused},
    CounterRow{"sluice_errors_returned_total", "Error packets that ended an answer",
               &Counters::errors_returned},
    CounterRow{"sluice_rows_total", "Rows sent to clients", &Counters::rows},
    CounterRow{"sluice_client_received_bytes_total", "Bytes from clients",
               &Counters::bytes_from_clients},
    CounterRow{"sluice_client_sent_bytes_total", "Bytes to clients", &Counters::bytes_to_clients},
    CounterRow{"sluice_backend_received_bytes_total", "Bytes from back-ends",
               &Counters::bytes_from_backends},
    CounterRow{"sluice_backend_sent_bytes_total", "Bytes to back-ends",
               &Counters::bytes_to_backends},
    CounterRow{"sluice_backend_connections_opened_total", "Back-end connections opened",
               &Counters::backend_opened},
    CounterRow{"sluice_backend_connections_closed_total", "Back-end connections closed",
               &Counters::backend_closed},
    CounterRow{"sluice_backend_connections_reused_total", "Back-end connections taken from a pool",
               &Counters::backend_reused},
    CounterRow{"sluice_backend_connect_failures_total", "Back-end connects that failed",
               &Counters::backend_failed},
    CounterRow{"sluice_backend_connections_active", "Back-end connections used by sessions",
               &Counters::backend_active, MetricType::Gauge},
    CounterRow{"sluice_pool_waits_total", "Times a session waited for a back-end connection",
               &Counters::pool_waits},
    CounterRow{"sluice_pool_timeouts_total", "Times such a wait was in vain",
               &Counters::pool_timeouts},
    CounterRow{"sluice_kills_sent_total", "Statements killed on back-ends", &Counters::kills_sent},
};

struct HistogramRow {
  const char* name;
  const char* help;
  session::Histogram Counters::*histogram;
};

constexpr std::array kHistograms{
    HistogramRow{"sluice_statement_seconds", "From a command's last byte to its answer's last byte",
                 &Counters::statement_time},
    HistogramRow{"sluice_backend_seconds", "From a command sent to the first byte of its answer",
                 &Counters::backend_time},
    HistogramRow{"sluice_backend_connect_seconds", "From connect to the login's OK",
                 &Counters::connect_time},
};

ClientMetric number(MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Gauge) {
    metric.gauge.value = value;
  } else {
    metric.counter.value = value;
  }
  return metric;
}

template <class Read>
double sum(std::span<const Counters* const> threads, Read read) {
  // Wrapping arithmetic: a gauge that one thread raised may be lowered by another.
  std::uint64_t total = 0;
  for (const Counters* thread : threads) total += read(*thread);
  return static_cast<double>(static_cast<std::int64_t>(total));
}

MetricFamily histogram_family(const HistogramRow& row, std::span<const Counters* const> threads) {
  ClientMetric metric;
  double below = 0;
  const auto& bounds = session::Histogram::kBounds;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    below += sum(threads, [&](const Counters& c) { return (c.*row.histogram).bucket(i); });
    metric.histogram.bucket.push_back(
        {static_cast<std::uint64_t>(below), i < bounds.size()
                                                ? static_cast<double>(bounds[i]) / 1e6
                                                : std::numeric_limits<double>::infinity()});
  }
  metric.histogram.sample_count = static_cast<std::uint64_t>(below);
  metric.histogram.sample_sum =
      sum(threads, [&](const Counters& c) { return (c.*row.histogram).sum_microseconds(); }) / 1e6;
  return {row.name, row.help, MetricType::Histogram, {metric}};
}

MetricFamily ended_family(std::span<const Counters* const> threads) {
  MetricFamily family{
      "sluice_sessions_ended_total", "Sessions that ended, by reason", MetricType::Counter, {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(session::Reason::kCount); ++i) {
    auto metric = number(MetricType::Counter,
                         sum(threads, [i](const Counters& c) { return c.ended[i].get(); }));
    metric.label = {{"reason", std::string(name(static_cast<session::Reason>(i)))}};
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily verdict_family(const char* name, const char* help,
                            std::array<Counter, policy::kVerdicts> Counters::*verdicts,
                            std::span<const Counters* const> threads) {
  MetricFamily family{name, help, MetricType::Counter, {}};
  for (std::size_t i = 0; i < policy::kVerdicts; ++i) {
    auto metric = number(MetricType::Counter,
                         sum(threads, [&](const Counters& c) { return (c.*verdicts)[i].get(); }));
    metric.label = {{"verdict", std::string(policy::name(static_cast<policy::Verdict>(i)))}};
    family.metric.push_back(std::move(metric));
  }
  return family;
}

struct InstanceRow {
  const char* name;
  const char* help;
  double (*read)(const session::Proxy::InstanceState&);
};

constexpr std::array kInstances{
    InstanceRow{"sluice_instance_up", "Whether the last connect to the instance succeeded",
                [](const auto& s) { return s.up ? 1.0 : 0.0; }},
    InstanceRow{"sluice_instance_connections", "Connections to the instance",
                [](const auto& s) { return static_cast<double>(s.open); }},
    InstanceRow{"sluice_instance_connections_idle", "Those kept for reuse",
                [](const auto& s) { return static_cast<double>(s.idle); }},
    InstanceRow{"sluice_instance_waiting", "Sessions that wait for a connection to the instance",
                [](const auto& s) { return static_cast<double>(s.waiting); }},
};

}  // namespace

std::string render_metrics(std::span<const Counters* const> threads,
                           std::span<const session::Proxy::InstanceState> instances,
                           std::vector<MetricFamily> more) {
  std::vector<MetricFamily> families = std::move(more);
  for (const auto& row : kCounters) {
    const double value = sum(threads, [&](const Counters& c) { return (c.*row.counter).get(); });
    families.push_back({row.name, row.help, row.type, {number(row.type, value)}});
  }
  for (const auto& row : kHistograms) families.push_back(histogram_family(row, threads));
  families.push_back(ended_family(threads));
  families.push_back(verdict_family("sluice_verdicts_total", "Statements by what the gate did",
                                    &Counters::verdicts, threads));
  families.push_back(verdict_family("sluice_shadow_verdicts_total",
                                    "Statements in shadow mode by what the gate would have done",
                                    &Counters::shadow_verdicts, threads));
  for (const auto& row : kInstances) {
    MetricFamily family{row.name, row.help, MetricType::Gauge, {}};
    for (const auto& instance : instances) {
      auto metric = number(MetricType::Gauge, row.read(instance));
      metric.label = {{"instance", instance.name}};
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  }
  auto build = number(MetricType::Gauge, 1);
  build.label = {{"version", SLUICE_VERSION}};
  families.push_back({"sluice_build_info", "The program's version", MetricType::Gauge, {build}});
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sluice::proxy
