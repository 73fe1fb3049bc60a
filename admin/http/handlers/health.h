// /healthz: the program runs. /readyz: it can serve MySQL clients. /metrics: Prometheus text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admin/http/router.h"

namespace sluice::http {

// Called on handler threads; what they refer to must outlive the server.
struct HealthSources {
  std::function<bool()> ready;
  std::function<std::string()> metrics;
};

[[nodiscard]] std::vector<Route> health_routes(HealthSources sources);

}  // namespace sluice::http
