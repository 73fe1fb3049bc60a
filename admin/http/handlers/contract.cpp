// The API's contract, for whoever wants to make a client of it.
#include "admin/http/handlers/handlers.h"
#include "admin/http/openapi.h"

namespace sluice::http {
namespace {

Response show_contract(Call&) {
  return {200, "application/yaml", std::string(openapi_yaml()), {}};
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/openapi.yaml", "openapi", anybody(), show_contract, Lane::kInline},
};

}  // namespace

std::span<const ApiRoute> contract_routes() {
  return kRoutes;
}

}  // namespace sluice::http
