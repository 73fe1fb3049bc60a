#include "admin/http/handlers/health.h"

namespace sluice::http {
namespace {

Response plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text), {}};
}

}  // namespace

std::vector<Route> health_routes(HealthSources sources) {
  return {
      {"GET", "/healthz", [](const Request&) { return plain(200, "OK\n"); }, Lane::kInline},
      {"GET", "/readyz",
       [ready = std::move(sources.ready)](const Request&) {
         return ready() ? plain(200, "OK\n")
                        : plain(503,
                                "not ready: the default instance has not answered, or the "
                                "program is ending\n");
       },
       Lane::kInline},
      {"GET", "/metrics",
       [metrics = std::move(sources.metrics)](const Request&) {
         return Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics(), {}};
       },
       Lane::kInline},
  };
}

}  // namespace sluice::http
