// Live sessions of MySQL clients at this proxy.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

json::object to_json(const session::SessionInfo& session) {
  json::object shown{
      {"id", session.id},
      {"account", session.account},
      {"host", session.host},
      {"program", session.program},
      {"instance", session.instance},
      {"schema", session.schema},
      {"state", session.state},
      {"tls", session.tls},
      {"connected_at",
       to_text(std::chrono::time_point_cast<std::chrono::microseconds>(session.connected_at))},
      {"statements", session.statements},
      {"backend_id", nullptr}};
  if (session.backend_id != 0) shown["backend_id"] = session.backend_id;
  return shown;
}

Response list_connections(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  auto sessions = call.services().connections.list();
  for (const auto& [field, member] : {std::pair("account", &session::SessionInfo::account),
                                      std::pair("instance", &session::SessionInfo::instance)}) {
    const std::string wanted = call.query(field);
    if (wanted.empty()) continue;
    std::erase_if(sessions,
                  [&, member = member](const auto& one) { return one.*member != wanted; });
  }
  // By number, so that a page goes on where the last one ended though sessions come and go.
  std::erase_if(sessions, [after = page.after](const auto& one) { return one.id <= after; });
  return list_more(sessions, page, [](const auto& one) { return to_json(one); });
}

Response end_connection(Call& call) {
  const store::Id id = call.id();
  const bool possible = id > 0 && id <= std::numeric_limits<std::uint32_t>::max();
  const auto found =
      possible ? call.services().connections.find(static_cast<std::uint32_t>(id)) : std::nullopt;
  if (!found || !call.services().connections.kill(found->id, session::KillScope::kConnection)) {
    return problem(404, "There is no such connection; it may have ended already.");
  }
  call.set_detail("account " + found->account + " from " + found->host);
  return no_content();
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/connections", "connections.list", workspace(policy::Action::kReadConnections),
     list_connections},
    {"DELETE", "/api/v1/connections/{id}", "connections.end",
     workspace(policy::Action::kEndConnections), end_connection},
};

}  // namespace

std::span<const ApiRoute> connection_routes() {
  return kRoutes;
}

}  // namespace sluice::http
