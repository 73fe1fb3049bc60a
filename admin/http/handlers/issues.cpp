// Issues: what people ask for, and what they say to it.
#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr TextRule kDescription{0, kMaxText, true};
constexpr TextRule kReason{1, kMaxText, true};
// Lengths and zero bytes are the engine's to say, with what to do.
constexpr TextRule kStatement{0, std::size_t{1} << 30U, true};
constexpr TextRule kDatabaseName{1, 256, false};
constexpr std::string_view kTypes = "database.create, schema.update, data.update, schema.baseline";

store::Result<store::Id> project_of_issue(Call& call) {
  const auto state = call.store().issues().get(call.id());
  if (!state) return state.error();
  return state->issue.project;
}

store::Id by_project_name(Call& call, std::string_view name) {
  const auto all = call.store().projects();
  if (!all) return 0;
  for (const auto& project : *all) {
    if (project.name == name || project.key == name) return project.id;
  }
  return 0;
}

store::Id by_instance_name(Call& call, std::string_view name) {
  const auto all = call.store().instances();
  if (!all) return 0;
  for (const auto& instance : *all) {
    if (instance.name == name) return instance.id;
  }
  return 0;
}

change::Target read_target(Call& call, Body& body) {
  change::Target target;
  target.database =
      body.maybe_integer("database", 1, std::numeric_limits<std::int64_t>::max()).value_or(0);
  target.instance =
      body.maybe_reference("instance",
                           [&](std::string_view name) { return by_instance_name(call, name); })
          .value_or(0);
  target.name = body.maybe_text("name", kDatabaseName).value_or("");
  target.character_set = body.maybe_text("character_set").value_or("");
  target.collation = body.maybe_text("collation").value_or("");
  if (const json::value* labels = body.raw("labels")) {
    if (!labels->is_object()) body.fault("labels", "expected an object of texts");
    if (labels->is_object()) {
      for (const auto& [key, value] : labels->get_object()) {
        if (value.is_string()) {
          target.labels[std::string(key)] = std::string(value.get_string());
        } else {
          body.fault("labels", "expected an object of texts");
        }
      }
    }
  }
  return target;
}

change::IssueRequest read_request(Call& call, Body& body) {
  change::IssueRequest request;
  request.creator = call.user().id;
  request.source = call.identity().credential.kind == store::CredentialKind::kSession
                       ? store::Source::kConsole
                       : store::Source::kApi;
  const auto project = body.maybe_reference(
      "project", [&](std::string_view name) { return by_project_name(call, name); });
  if (!body.has("project")) body.missing("project");
  request.project = project.value_or(0);
  if (!body.has("type")) body.missing("type");
  const auto kind = body.maybe_choice("type", policy::parse_issue_kind, kTypes);
  if (kind) request.kind = *kind;
  request.title = body.text("title");
  request.description = body.maybe_text("description", kDescription).value_or("");
  request.statement = body.maybe_text("statement", kStatement).value_or("");
  request.keep_rollback = body.maybe_flag("rollback").value_or(false);
  request.earliest_start = body.maybe_time("earliest_start");
  for (Body& item : body.objects("targets")) {
    request.targets.push_back(read_target(call, item));
    body.take("targets[" + std::to_string(request.targets.size() - 1) + "]", item);
  }
  return request;
}

Response create_issue(Call& call) {
  Body body(call.request());
  const auto request = read_request(call, body);
  if (auto bad = body.problem()) return *bad;
  const auto project = call.store().project(request.project);
  // Who may not see the project is not told whether there is one.
  if (!call.may(Action::kCreateIssues, request.project)) return call.denied(Action::kCreateIssues);
  if (!project) {
    return problem(400, "Some fields cannot be used; see `errors`.",
                   {{"project", "there is no such project"}});
  }
  auto made = call.services().engine.create(request);
  if (!made) return problem(made.error());
  if (const auto* faults = std::get_if<std::vector<change::RequestFault>>(&*made)) {
    std::vector<FieldError> errors;
    for (const auto& fault : *faults) errors.push_back({fault.field, fault.message});
    return problem(400, "Some fields cannot be used; see `errors`.", errors);
  }
  return whole_issue(call, std::get<store::IssueState>(*made), 201);
}

Response list_issues(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  store::IssueFilter filter;
  filter.before = page.after;
  filter.limit = page.limit + 1;
  std::vector<FieldError> errors;
  for (const auto& [field, id] :
       {std::pair("project", &filter.project), std::pair("database", &filter.database)}) {
    const auto text = call.query(field);
    if (text.empty()) continue;
    *id = parse_id(text);
    if (*id == 0) errors.push_back({field, "expected an id"});
  }
  if (const auto status = call.query("status"); !status.empty()) {
    filter.status = policy::parse_issue_status(status);
    if (!filter.status) errors.push_back({"status", "expected one of open, done, canceled"});
  }
  if (const auto task = call.query("task"); !task.empty()) {
    filter.task = policy::parse_task_status(task);
    if (!filter.task) errors.push_back({"task", "expected a task's status, as `failed`"});
  }
  if (!errors.empty()) return problem(400, "The query cannot be used; see `errors`.", errors);
  if (!call.may(Action::kReadIssues)) filter.member = call.user().id;
  const auto issues = call.store().issues().list(filter);
  if (!issues) return problem(issues.error());
  Names names(call);
  return list_more(*issues, page, [&](const store::Issue& issue) { return to_json(names, issue); });
}

Response get_issue(Call& call) {
  const auto state = call.store().issues().get(call.id());
  if (!state) return problem(state.error());
  return whole_issue(call, *state);
}

// Runs `act(actor)` as who calls, in the issue's project.
template <class Act>
Response acted(Call& call, Act act) {
  const auto project = project_of_issue(call);
  if (!project) return problem(project.error());
  const auto actor = actor_in(call, *project);
  if (!actor) return problem(actor.error());
  return issue_or_problem(call, act(*actor));
}

Response approve_issue(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.approve(call.id(), actor);
  });
}

Response reject_issue(Call& call) {
  Body body(call.request());
  const auto reason = body.text("reason", kReason);
  if (auto bad = body.problem()) return *bad;
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.reject(call.id(), actor, reason);
  });
}

Response resolve_issue(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.resolve(call.id(), actor);
  });
}

Response cancel_issue(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.cancel(call.id(), actor);
  });
}

Response reopen_issue(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.reopen(call.id(), actor);
  });
}

Response comment_issue(Call& call) {
  Body body(call.request());
  const auto text = body.text("text", kReason);
  if (auto bad = body.problem()) return *bad;
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.comment(call.id(), actor, text);
  });
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/issues", "issues.list", signed_in(), list_issues},
    {"POST", "/api/v1/issues", "issues.create", signed_in(), create_issue},
    {"GET", "/api/v1/issues/{id}", "issues.get", in_project(Action::kReadIssues, project_of_issue),
     get_issue},
    {"POST", "/api/v1/issues/{id}/approve", "issues.approve",
     in_project(Action::kApproveIssues, project_of_issue), approve_issue},
    {"POST", "/api/v1/issues/{id}/reject", "issues.reject",
     in_project(Action::kApproveIssues, project_of_issue), reject_issue},
    {"POST", "/api/v1/issues/{id}/resolve", "issues.resolve",
     in_project(Action::kResolveIssues, project_of_issue), resolve_issue},
    {"POST", "/api/v1/issues/{id}/cancel", "issues.cancel",
     in_project(Action::kCancelIssues, project_of_issue), cancel_issue},
    {"POST", "/api/v1/issues/{id}/reopen", "issues.reopen",
     in_project(Action::kCancelIssues, project_of_issue), reopen_issue},
    {"POST", "/api/v1/issues/{id}/comments", "issues.comment",
     in_project(Action::kCommentIssues, project_of_issue), comment_issue},
};

}  // namespace

std::span<const ApiRoute> issue_routes() {
  return kRoutes;
}

}  // namespace sluice::http
