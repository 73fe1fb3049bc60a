// Server-sent events: what has changed, as it changes, of what the caller may read.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

Response listen(Call& call) {
  Listener listener;
  listener.user = call.user().id;
  listener.credential = call.identity().credential.id;
  listener.until = call.identity().credential.expires_at;
  listener.every_project = call.may(policy::Action::kReadIssues);
  const auto memberships = call.store().memberships(listener.user);
  if (!memberships) return problem(memberships.error());
  for (const auto& [project, role] : *memberships) {
    if (call.may(policy::Action::kReadIssues, project)) listener.projects.insert(project);
  }
  auto stream =
      call.services().events.listen(std::move(listener), call.request().header("last-event-id"));
  if (!stream) {
    auto full = problem(503, "Too many pages listen for events; close some, then try again.");
    full.headers.emplace_back("Retry-After", "10");
    return full;
  }
  Response response;
  response.content_type = "text/event-stream";
  // What a reverse proxy gathers before it passes it on comes too late.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.stream = std::move(stream);
  return response;
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/events", "events.listen", signed_in(), listen},
};

}  // namespace

std::span<const ApiRoute> event_routes() {
  return kRoutes;
}

}  // namespace sluice::http
