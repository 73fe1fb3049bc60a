#include "admin/http/handlers/handlers.h"

namespace sluice::http {

std::vector<ApiRoute> api_routes() {
  std::vector<ApiRoute> all;
  for (const auto routes : {session_routes(), user_routes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

}  // namespace sluice::http
