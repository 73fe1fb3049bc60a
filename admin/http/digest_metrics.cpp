#include "admin/http/digest_metrics.h"

#include <algorithm>

#include "policy/gate.h"

namespace sluice::http {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using session::DigestRow;

constexpr double kMicro = 1e-6;

std::vector<ClientMetric::Label> labels_of(const DigestRow& row) {
  return {{"instance", row.instance},
          {"account", row.account},
          {"digest", row.digest.empty() ? "others" : row.digest}};
}

ClientMetric counter(const DigestRow& row, std::uint64_t value) {
  ClientMetric metric;
  metric.label = labels_of(row);
  metric.counter.value = static_cast<double>(value);
  return metric;
}

ClientMetric latency(const DigestRow& row) {
  ClientMetric metric;
  metric.label = labels_of(row);
  metric.summary.sample_count = row.latency.count();
  metric.summary.sample_sum = static_cast<double>(row.total_microseconds) * kMicro;
  for (const double q : {0.5, 0.95, 0.99}) {
    metric.summary.quantile.push_back({q, static_cast<double>(row.latency.quantile(q)) * kMicro});
  }
  return metric;
}

void add_verdicts(MetricFamily& family, const DigestRow& row,
                  const std::array<std::uint64_t, session::kDigestVerdicts>& counts) {
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    ClientMetric metric = counter(row, counts[i]);
    metric.label.push_back({"verdict", std::string(name(static_cast<policy::Verdict>(i)))});
    family.metric.push_back(std::move(metric));
  }
}

}  // namespace

std::vector<MetricFamily> digest_families(const std::vector<DigestRow>& rows) {
  MetricFamily sent{"sluice_digest_statements_total",
                    "Statements by digest, run or not",
                    MetricType::Counter,
                    {}};
  MetricFamily errors{
      "sluice_digest_errors_total", "Those that ran and failed", MetricType::Counter, {}};
  MetricFamily seconds{"sluice_digest_seconds", "Time of those that ran", MetricType::Summary, {}};
  MetricFamily given{
      "sluice_digest_rows_sent_total", "Rows that they gave", MetricType::Counter, {}};
  MetricFamily changed{
      "sluice_digest_rows_affected_total", "Rows that they changed", MetricType::Counter, {}};
  MetricFamily verdicts{
      "sluice_digest_verdicts_total", "What the gate said of them", MetricType::Counter, {}};
  MetricFamily shadow{"sluice_digest_shadow_verdicts_total",
                      "What it would have said, in shadow mode",
                      MetricType::Counter,
                      {}};
  for (std::size_t i = 0; i < std::min(rows.size(), kDigestsInMetrics); ++i) {
    const DigestRow& row = rows[i];
    sent.metric.push_back(counter(row, row.count));
    errors.metric.push_back(counter(row, row.errors));
    seconds.metric.push_back(latency(row));
    given.metric.push_back(counter(row, row.rows));
    changed.metric.push_back(counter(row, row.affected));
    add_verdicts(verdicts, row, row.verdicts);
    add_verdicts(shadow, row, row.shadow);
  }
  std::vector<MetricFamily> families;
  for (auto* one : {&sent, &errors, &seconds, &given, &changed, &verdicts, &shadow}) {
    if (!one->metric.empty()) families.push_back(std::move(*one));
  }
  return families;
}

}  // namespace sluice::http
