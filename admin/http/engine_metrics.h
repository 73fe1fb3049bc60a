// The engine's, the scans' and the store's counts as /metrics shows them; admin/README.md lists
// them. Any thread; never waits for the store.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "admin/change/meter.h"

namespace sluice::http {

struct EngineSources {
  const change::EngineMeter& engine;
  const change::ScanMeter& scans;
  const store::Meter& store;
  const change::WatchMeter& watches;
  std::size_t event_streams = 0;
};

[[nodiscard]] std::vector<prometheus::MetricFamily> engine_families(const EngineSources& sources);

// One histogram of durations.
[[nodiscard]] prometheus::ClientMetric histogram(const store::Durations& durations);

}  // namespace sluice::http
