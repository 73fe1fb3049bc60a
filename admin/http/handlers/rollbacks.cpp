// Rollbacks of data changes: the switch, what one would do, and the issue that does it.
#include "admin/change/server_facts.h"
#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr TextRule kTitle{0, 200, false};
constexpr TextRule kDescription{0, kMaxText, true};

store::Result<store::Id> project_of_issue(Call& call) {
  const auto state = call.store().issues().get(call.id());
  if (!state) return state.error();
  return state->issue.project;
}

store::Result<store::Id> project_of_change(Call& call) {
  const auto change = call.store().history().get(call.id());
  if (!change) return change.error();
  return change->project;
}

std::string sentence(std::string text) {
  if (text.empty()) return text;
  if (text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  if (text.back() != '.') text += '.';
  return text;
}

json::value cells_json(const std::vector<change::ShownCell>& cells) {
  if (cells.empty()) return nullptr;
  json::object shown;
  for (const auto& cell : cells) {
    shown[cell.column] = cell.value ? json::value(*cell.value) : json::value(nullptr);
  }
  return shown;
}

json::object to_json(const change::ShownRow& row) {
  return {{"schema", row.schema},
          {"table", row.table},
          {"change", change::name(row.kind)},
          {"before", cells_json(row.before)},
          {"after", cells_json(row.after)}};
}

json::object conflicts_json(const change::ConflictReport& report) {
  json::array listed;
  for (const auto& conflict : report.listed) {
    json::object shown = to_json(conflict.row);
    shown["conflict"] = conflict.what;
    shown["key"] = json::array(conflict.key.begin(), conflict.key.end());
    shown["now"] = conflict.now ? cells_json(*conflict.now) : nullptr;
    listed.push_back(std::move(shown));
  }
  return {{"count", report.conflicts},
          {"rows_checked", report.rows_checked},
          {"all_checked", report.whole},
          {"items", std::move(listed)}};
}

json::object to_json(const change::RollbackPreview& preview) {
  json::array statements;
  for (const auto& statement : preview.statements) {
    statements.push_back(json::value(change::clean_text(statement)));
  }
  json::array rows;
  for (const auto& row : preview.rows) rows.push_back(to_json(row));
  json::array tables;
  for (const auto& table : preview.tables) {
    tables.push_back({{"schema", table.schema},
                      {"table", table.table},
                      {"inserted", table.inserted},
                      {"updated", table.updated},
                      {"deleted", table.deleted}});
  }
  const bool kept = preview.data && preview.data->state == store::RollbackState::kWhole;
  json::value expires = nullptr;
  if (kept) expires = time_json(preview.data->expires_at);
  return {{"task", preview.task.id},
          {"change", preview.change == 0 ? json::value(nullptr) : json::value(preview.change)},
          {"database", preview.task.database_name},
          {"instance", preview.task.instance_name},
          {"possible", preview.refused.empty()},
          {"reason", sentence(preview.refused)},
          {"source", kept ? json::value(store::name(preview.data->source)) : json::value(nullptr)},
          {"mode", preview.exact ? "exact" : "sql"},
          {"row_count", kept ? preview.data->rows : 0},
          {"kept_bytes", kept ? preview.data->bytes : 0},
          {"kept_until", std::move(expires)},
          {"tables", std::move(tables)},
          {"findings", instance_findings_json(preview.findings)},
          {"statements", std::move(statements)},
          {"statements_cut", preview.statements_cut},
          {"rows", std::move(rows)},
          {"rows_cut", preview.rows_cut},
          {"conflicts", conflicts_json(preview.conflicts)}};
}

// The parts of an issue, or why there are none.
Response preview_answer(const std::vector<change::RollbackPreview>& previews) {
  json::array tasks;
  std::string reason;
  bool possible = !previews.empty();
  for (const auto& preview : previews) {
    possible = possible && preview.refused.empty();
    if (reason.empty()) reason = preview.refused;
    tasks.push_back(to_json(preview));
  }
  return answer(
      200, {{"possible", possible}, {"reason", sentence(reason)}, {"tasks", std::move(tasks)}});
}

Response get_rollback(Call& call) {
  const auto previews = call.services().engine.preview_rollback(call.id());
  if (previews) return preview_answer(*previews);
  if (previews.error().kind != store::Failure::kRefused) return problem(previews.error());
  return answer(200, {{"possible", false},
                      {"reason", sentence(previews.error().detail)},
                      {"tasks", json::array()}});
}

change::RollbackRequest read_request(Call& call, Body& body) {
  change::RollbackRequest request;
  request.creator = call.user().id;
  request.source = call.identity().credential.kind == store::CredentialKind::kSession
                       ? store::Source::kConsole
                       : store::Source::kApi;
  request.on_conflict = body.maybe_choice("conflicts", store::parse_on_conflict, "stop, leave")
                            .value_or(store::OnConflict::kStop);
  request.title = body.maybe_text("title", kTitle).value_or("");
  request.description = body.maybe_text("description", kDescription).value_or("");
  return request;
}

Response made_or_problem(Call& call, const store::Result<store::IssueState>& made) {
  if (made) {
    call.set_detail("issue " + std::to_string(made->issue.id));
    return whole_issue(call, *made, 201);
  }
  return issue_or_problem(call, made);
}

// Everything in the body may be left out, and so may the whole.
template <class Make>
Response made(Call& call, Make make) {
  Request sent = call.request();
  if (sent.body.empty()) {
    sent.body = "{}";
    sent.headers["content-type"] = "application/json";
  }
  Body body(sent);
  const auto request = read_request(call, body);
  if (auto bad = body.problem()) return *bad;
  return made_or_problem(call, make(request));
}

Response make_rollback(Call& call) {
  return made(call, [&](const change::RollbackRequest& request) {
    return call.services().engine.roll_back(call.id(), request);
  });
}

Response get_change_rollback(Call& call) {
  const auto preview = call.services().engine.preview_change(call.id(), false);
  if (!preview) return issue_or_problem(call, preview.error());
  return preview_answer({*preview});
}

Response make_change_rollback(Call& call) {
  return made(call, [&](const change::RollbackRequest& request) {
    return call.services().engine.roll_back_change(call.id(), request);
  });
}

Response set_switch(Call& call) {
  Body body(call.request());
  const auto on = body.maybe_flag("rollback");
  if (!body.has("rollback")) body.missing("rollback");
  if (auto bad = body.problem()) return *bad;
  const auto project = project_of_issue(call);
  if (!project) return problem(project.error());
  const auto actor = actor_in(call, *project);
  if (!actor) return problem(actor.error());
  return issue_or_problem(call, call.services().engine.keep_rollback(call.id(), *actor, *on));
}

store::Id instance_of_name(Call& call, std::string_view name) {
  const auto all = call.store().instances();
  if (!all) return 0;
  for (const auto& instance : *all) {
    if (instance.name == name) return instance.id;
  }
  return 0;
}

change::RowChoice read_choice(Call& call, Body& body) {
  change::RowChoice choice;
  if (!body.has("instance")) body.missing("instance");
  choice.instance =
      body.maybe_reference("instance",
                           [&](std::string_view name) { return instance_of_name(call, name); })
          .value_or(0);
  choice.account = body.maybe_text("account").value_or("");
  if (const auto thread = body.maybe_integer("thread", 1, UINT32_MAX)) {
    choice.thread = static_cast<std::uint32_t>(*thread);
  }
  choice.gtids = body.maybe_text("gtid", {1, kMaxText, false}).value_or("");
  choice.from = body.maybe_time("from");
  choice.to = body.maybe_time("to");
  if (auto tables = body.maybe_texts("tables")) choice.tables = std::move(*tables);
  const int named =
      int{!choice.account.empty()} + int{choice.thread.has_value()} + int{!choice.gtids.empty()};
  if (named > 1) body.fault("", "give one of account, thread and gtid");
  if (choice.from && choice.to && *choice.to <= *choice.from) {
    body.fault("to", "expected a time behind `from`");
  }
  return choice;
}

// What any client did, as far as the binary log still has it.
Response roll_back_rows(Call& call) {
  Body body(call.request());
  const auto choice = read_choice(call, body);
  const auto request = read_request(call, body);
  const bool only_look = body.maybe_flag("preview").value_or(false);
  if (auto bad = body.problem()) return *bad;
  const auto preview = call.services().engine.preview_rows(choice, !only_look);
  if (!preview) return issue_or_problem(call, preview.error());
  if (only_look) return preview_answer({*preview});
  return made_or_problem(call, call.services().engine.roll_back_rows(choice, *preview, request));
}

constexpr ApiRoute kRoutes[] = {
    {"PATCH", "/api/v1/issues/{id}", "issues.update",
     in_project(Action::kEditIssues, project_of_issue), set_switch},
    {"GET", "/api/v1/issues/{id}/rollback", "issues.rollback.preview",
     in_project(Action::kReadIssues, project_of_issue), get_rollback, Lane::kSlow},
    {"POST", "/api/v1/issues/{id}/rollback", "issues.rollback",
     in_project(Action::kCreateIssues, project_of_issue), make_rollback, Lane::kSlow},
    {"GET", "/api/v1/changes/{id}/rollback", "changes.rollback.preview",
     in_project(Action::kReadChanges, project_of_change), get_change_rollback, Lane::kSlow},
    {"POST", "/api/v1/changes/{id}/rollback", "changes.rollback",
     in_project(Action::kCreateIssues, project_of_change), make_change_rollback, Lane::kSlow},
    {"POST", "/api/v1/rollbacks", "rollbacks.create", workspace(Action::kAdminSql), roll_back_rows,
     Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> rollback_routes() {
  return kRoutes;
}

}  // namespace sluice::http
