// What the program says of itself: version, addresses, parts, settings.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

using policy::Action;

json::value or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

Response get_about(Call& call) {
  const About about = call.services().about ? call.services().about() : About{};
  json::array addresses;
  for (const auto& address : about.mysql_addresses) addresses.emplace_back(address);
  json::array parts;
  for (const auto& part : about.parts) {
    parts.push_back({{"name", part.name}, {"version", part.version}, {"licence", part.licence}});
  }
  json::array settings;
  // Folders and addresses of the machine are for who runs it.
  if (call.may(Action::kManageInstances)) {
    for (const auto& one : about.settings) {
      settings.push_back({{"key", one.key},
                          {"what", one.what},
                          {"takes", one.takes},
                          {"value", or_null(one.value)},
                          {"default", or_null(one.standard)},
                          {"variable", one.variable},
                          {"reload", one.reload}});
    }
  }
  return answer(200, {{"version", about.version},
                      {"store", about.postgresql ? "postgresql" : "sqlite"},
                      {"mysql_addresses", std::move(addresses)},
                      {"parts", std::move(parts)},
                      {"settings", std::move(settings)}});
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/about", "about", signed_in(), get_about},
};

}  // namespace

std::span<const ApiRoute> about_routes() {
  return kRoutes;
}

}  // namespace sluice::http
