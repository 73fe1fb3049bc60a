#include "admin/http/openapi.h"

namespace sluice::http {
namespace {

constexpr char kOpenApi[] =
#include "admin/http/openapi.inc"
    ;

}  // namespace

std::string_view openapi_yaml() {
  return {kOpenApi, sizeof kOpenApi - 1};
}

}  // namespace sluice::http
