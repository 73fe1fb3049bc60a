#include "admin/http/metrics.h"

#include "admin/http/engine_metrics.h"

namespace sluice::http {

Router::Observer Metrics::observer() {
  return [this](std::string_view method, std::string_view pattern, unsigned status,
                std::chrono::microseconds took) { count(method, pattern, status, took); };
}

void Metrics::count(std::string_view method, std::string_view pattern, unsigned status,
                    std::chrono::microseconds took) {
  // A client's own words make no labels: it could invent them without end.
  const bool known = !pattern.empty();
  const std::lock_guard lock(mutex_);
  ++answers_[{known ? std::string(method) : "other", known ? std::string(pattern) : "other",
              status}];
  times_[known ? std::string(pattern) : "other"].add(took);
}

std::vector<prometheus::MetricFamily> Metrics::families() const {
  using prometheus::ClientMetric;
  using prometheus::MetricType;
  prometheus::MetricFamily answers{
      "sluice_http_requests_total", "Answers of the admin port", MetricType::Counter, {}};
  prometheus::MetricFamily durations{"sluice_http_request_seconds",
                                     "From a request's end to its answer's beginning",
                                     MetricType::Histogram,
                                     {}};
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : answers_) {
    ClientMetric metric;
    metric.label = {{"method", std::get<0>(key)},
                    {"route", std::get<1>(key)},
                    {"status", std::to_string(std::get<2>(key))}};
    metric.counter.value = static_cast<double>(count);
    answers.metric.push_back(std::move(metric));
  }
  for (const auto& [pattern, times] : times_) {
    ClientMetric metric = histogram(times);
    metric.label = {{"route", pattern}};
    durations.metric.push_back(std::move(metric));
  }
  return {answers, durations};
}

}  // namespace sluice::http
