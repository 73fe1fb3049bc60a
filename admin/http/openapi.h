// The contract as text: openapi.yaml, embedded.
#pragma once

#include <string_view>

namespace sluice::http {

[[nodiscard]] std::string_view openapi_yaml();

}  // namespace sluice::http
