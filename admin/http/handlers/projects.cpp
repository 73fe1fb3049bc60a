// Projects and their members.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxKey = 32;       // bytes
constexpr store::Id kDefaultProject = 1;  // where databases are until they are transferred
constexpr std::string_view kRoles = "owner, developer, viewer";

store::Result<store::Id> project_of_path(Call& call) {
  const auto project = call.store().project(call.id());
  if (!project) return project.error();
  return project->id;
}

json::object to_json(const store::Project& project) {
  return {{"id", project.id},
          {"name", project.name},
          {"key", project.key},
          {"mode", project.tenant ? "tenant" : "standard"}};
}

void read_fields(Body& body, store::Project& project) {
  if (auto name = body.maybe_text("name")) project.name = std::move(*name);
  if (auto key = body.maybe_text("key", {1, kMaxKey, false})) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const bool good =
        kLetters.find(key->front()) != std::string_view::npos &&
        key->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == std::string::npos;
    if (!good) body.fault("key", "expected capital letters, digits, '_' and '-', a letter first");
    project.key = std::move(*key);
  }
  if (const auto mode = body.maybe_text("mode")) {
    if (*mode != "standard" && *mode != "tenant") {
      body.fault("mode", "expected one of standard, tenant");
    }
    project.tenant = *mode == "tenant";
  }
}

Response list_projects(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  auto all = call.store().projects();
  if (!all) return problem(all.error());
  std::erase_if(*all, [&](const store::Project& project) {
    return !call.may(policy::Action::kReadProject, project.id);
  });
  return list_page(*all, page, [](const auto& project) { return to_json(project); });
}

Response get_project(Call& call) {
  const auto found = call.store().project(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(*found));
}

Response project_problem(const store::Fault& fault) {
  if (fault.kind == store::Failure::kConflict) {
    return problem(409, "There is a project with that name or key already; choose another.");
  }
  return problem(fault);
}

Response create_project(Call& call) {
  Body body(call.request());
  for (const auto* field : {"name", "key"}) {
    if (!body.has(field)) body.missing(field);
  }
  store::Project project;
  read_fields(body, project);
  if (auto bad = body.problem()) return *bad;
  const auto made = call.store().create_project(project);
  if (!made) return project_problem(made.error());
  call.services().events.publish({"project", made->id, made->id, "created"});
  return call.created("/api/v1/projects/" + std::to_string(made->id), to_json(*made));
}

Response change_project(Call& call) {
  auto found = call.store().project(call.id());
  if (!found) return problem(found.error());
  Body body(call.request());
  read_fields(body, *found);
  if (auto bad = body.problem()) return *bad;
  const auto changed = call.store().update_project(*found);
  if (!changed) return project_problem(changed.error());
  call.services().events.publish({"project", changed->id, changed->id, "updated"});
  return answer(200, to_json(*changed));
}

Response delete_project(Call& call) {
  if (call.id() == kDefaultProject) {
    return problem(409, "The default project stays: databases without another project are in it.");
  }
  const auto done = call.store().delete_project(call.id());
  if (!done && done.error().kind == store::Failure::kReference) {
    return problem(409,
                   "The project has databases or issues; transfer its databases first. A "
                   "project with issues stays, as their history does.");
  }
  if (!done) return problem(done.error());
  call.services().events.publish({"project", call.id(), call.id(), "deleted"});
  return no_content();
}

Response list_members(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto members = call.store().members(call.id());
  if (!members) return problem(members.error());
  struct Shown {
    store::Id id;
    json::object value;
  };
  std::vector<Shown> shown;
  for (const store::Member& member : *members) {
    const auto user = call.store().user(member.user);
    if (!user) return problem(user.error());
    shown.push_back({member.user,
                     {{"user", member.user},
                      {"name", user->name},
                      {"email", user->email},
                      {"role", policy::name(member.role)}}});
  }
  return list_page(shown, page, [](const Shown& one) { return one.value; });
}

std::optional<store::Member> read_member(Body& body) {
  const auto user = body.maybe_integer("user", 1, std::numeric_limits<std::int64_t>::max());
  if (!body.has("user")) body.missing("user");
  const auto role = body.maybe_choice("role", policy::parse_project_role, kRoles);
  if (!body.has("role")) body.missing("role");
  if (!user || !role) return std::nullopt;
  return store::Member{*user, *role};
}

Response member_problem(const store::Fault& fault) {
  if (fault.kind != store::Failure::kReference) return problem(fault);
  return problem(400, "Some fields cannot be used; see `errors`.",
                 {{"user", "there is no such user"}});
}

// What somebody may read has changed: their pages listen anew.
void told(Call& call, store::Id user) {
  call.services().events.end_user(user);
  call.services().events.publish({"project", call.id(), call.id(), "members"});
}

Response set_member(Call& call) {
  Body body(call.request());
  const auto member = read_member(body);
  if (auto bad = body.problem()) return *bad;
  const auto done = call.store().set_member(call.id(), *member);
  if (!done) return member_problem(done.error());
  call.set_detail("user " + std::to_string(member->user) + " is " +
                  std::string(policy::name(member->role)));
  told(call, member->user);
  return answer(200, {{"user", member->user}, {"role", policy::name(member->role)}});
}

Response remove_member(Call& call) {
  const std::string text = call.query("user");
  const store::Id user = parse_id(text);
  if (user == 0) {
    return problem(400, "Say whom to remove: …/members?user=ID.", {{"user", "expected an id"}});
  }
  const auto done = call.store().remove_member(call.id(), user);
  if (!done) return problem(done.error());
  call.set_detail("user " + text);
  told(call, user);
  return no_content();
}

using policy::Action;
constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/projects", "projects.list", signed_in(), list_projects},
    {"POST", "/api/v1/projects", "projects.create", workspace(Action::kCreateProjects),
     create_project},
    {"GET", "/api/v1/projects/{id}", "projects.get",
     in_project(Action::kReadProject, project_of_path), get_project},
    {"PATCH", "/api/v1/projects/{id}", "projects.change",
     in_project(Action::kManageProject, project_of_path), change_project},
    {"DELETE", "/api/v1/projects/{id}", "projects.delete",
     in_project(Action::kDeleteProject, project_of_path), delete_project},
    {"GET", "/api/v1/projects/{id}/members", "members.list",
     in_project(Action::kReadProject, project_of_path), list_members},
    {"PUT", "/api/v1/projects/{id}/members", "members.set",
     in_project(Action::kManageMembers, project_of_path), set_member},
    {"DELETE", "/api/v1/projects/{id}/members", "members.remove",
     in_project(Action::kManageMembers, project_of_path), remove_member},
};

}  // namespace

std::span<const ApiRoute> project_routes() {
  return kRoutes;
}

}  // namespace sluice::http
