// What `/metrics` shows. Every metric is a row of one table in metrics.cpp; the data path's numbers
// are summed over its threads when somebody asks, and never before.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "proxy/session/counters.h"
#include "proxy/session/proxy.h"

namespace sluice::proxy {

// The Prometheus text format (exposition format 0.0.4) of these counters and instance states, and
// of what other rooms count.
[[nodiscard]] std::string render_metrics(std::span<const session::Counters* const> threads,
                                         std::span<const session::Proxy::InstanceState> instances,
                                         std::vector<prometheus::MetricFamily> more = {});

}  // namespace sluice::proxy
