// Counts of the admin port's answers by method, route and status, and how long they took. Any
// thread: a mutex, as requests of people are few.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include <prometheus/metric_family.h>

#include "admin/http/router.h"

namespace sluice::http {

class Metrics {
 public:
  // What the router calls; this object must outlive it.
  [[nodiscard]] Router::Observer observer();
  void count(std::string_view method, std::string_view pattern, unsigned status,
             std::chrono::microseconds took);
  [[nodiscard]] std::vector<prometheus::MetricFamily> families() const;

 private:
  static constexpr std::array<double, 9> kBounds{0.001, 0.005, 0.01, 0.05, 0.1,
                                                 0.5,   1,     5,    30};  // s
  struct Times {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
  };

  mutable std::mutex mutex_;
  // Bounded: methods and patterns are the table's, "other" the rest.
  std::map<std::tuple<std::string, std::string, unsigned>, std::uint64_t> answers_;
  std::map<std::string, Times> times_;  // by pattern
};

}  // namespace sluice::http
