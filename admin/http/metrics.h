// Counts of the admin port's answers by method, route and status, and how long they took. Any
// thread: a mutex, as requests of people are few.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include <prometheus/metric_family.h>

#include "admin/http/router.h"
#include "admin/store/meter.h"

namespace sluice::http {

class Metrics {
 public:
  // What the router calls; this object must outlive it.
  [[nodiscard]] Router::Observer observer();
  void count(std::string_view method, std::string_view pattern, unsigned status,
             std::chrono::microseconds took);
  [[nodiscard]] std::vector<prometheus::MetricFamily> families() const;

 private:
  mutable std::mutex mutex_;
  // Bounded: methods and patterns are the table's, "other" the rest.
  std::map<std::tuple<std::string, std::string, unsigned>, std::uint64_t> answers_;
  std::map<std::string, store::Durations> times_;  // by pattern
};

}  // namespace sluice::http
