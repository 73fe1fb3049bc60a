// Tasks of issues: their statements, and what is done with them.
#include "admin/change/task_progress.h"
#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr TextRule kReason{1, kMaxText, true};
constexpr TextRule kStatement{1, change::kMaxStatement, true};

store::Result<store::IssueState> issue_of_task(Call& call) {
  const auto issue = call.store().issues().issue_of(call.id());
  if (!issue) return issue.error();
  return call.store().issues().get(*issue);
}

store::Result<store::Id> project_of_task(Call& call) {
  const auto state = issue_of_task(call);
  if (!state) return state.error();
  return state->issue.project;
}

template <class Act>
Response acted(Call& call, Act act) {
  const auto state = issue_of_task(call);
  if (!state) return problem(state.error());
  const auto actor = actor_in(call, state->issue.project);
  if (!actor) return problem(actor.error());
  call.set_detail("issue " + std::to_string(state->issue.id));
  return issue_or_problem(call, act(*actor));
}

Response get_statement(Call& call) {
  const auto state = issue_of_task(call);
  if (!state) return problem(state.error());
  const auto text = call.store().issues().kept(state->task(call.id())->sheet_hash);
  if (!text) return problem(text.error());
  return answer(200, {{"statement", *text}});
}

Response set_statement(Call& call) {
  Body body(call.request());
  const auto statement = body.text("statement", kStatement);
  if (auto bad = body.problem()) return *bad;
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.edit(call.id(), actor, statement);
  });
}

Response run_task(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.run(call.id(), actor);
  });
}

Response retry_task(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.retry(call.id(), actor);
  });
}

Response skip_task(Call& call) {
  Body body(call.request());
  const auto reason = body.text("reason", kReason);
  if (auto bad = body.problem()) return *bad;
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.skip(call.id(), actor, reason);
  });
}

std::optional<bool> parse_settled(std::string_view word) {
  if (word == "done") return true;
  if (word == "failed") return false;
  return std::nullopt;
}

Response settle_task(Call& call) {
  Body body(call.request());
  if (!body.has("outcome")) body.missing("outcome");
  const auto done = body.maybe_choice("outcome", parse_settled, "done, failed");
  const auto reason = body.text("reason", kReason);
  if (auto bad = body.problem()) return *bad;
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.settle(call.id(), actor, {done.value_or(false), reason});
  });
}

Response cancel_task(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.cancel_run(call.id(), actor);
  });
}

Response check_task(Call& call) {
  return acted(call, [&](const change::Actor& actor) {
    return call.services().engine.check(call.id(), actor);
  });
}

// What who watches a running task sees: the store's count, and what the server says of it.
Response get_progress(Call& call) {
  const auto state = issue_of_task(call);
  if (!state) return problem(state.error());
  const auto progress = change::task_progress(call.store(), *state->task(call.id()));
  if (!progress) return problem(progress.error());
  if (!*progress) return no_content();  // it has ended since, or not begun: the issue says which
  const auto& now = **progress;
  const auto or_null = [](const auto& value) {
    return value ? json::value(*value) : json::value(nullptr);
  };
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::microseconds>(call.now() - now.started_at);
  return answer(200, {{"statement", now.statement},
                      {"statements", now.statements},
                      {"affected_rows", now.affected_rows},
                      {"rows", or_null(now.rows)},
                      {"elapsed_us", std::max<std::int64_t>(0, elapsed.count())},
                      {"connection", now.connection},
                      {"command", now.command},
                      {"state", now.state},
                      {"seconds", or_null(now.seconds)},
                      {"percent", or_null(now.percent)}});
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/tasks/{id}/progress", "tasks.progress",
     in_project(Action::kReadIssues, project_of_task), get_progress, Lane::kSlow},
    {"GET", "/api/v1/tasks/{id}/statement", "tasks.statement",
     in_project(Action::kReadIssues, project_of_task), get_statement},
    {"PUT", "/api/v1/tasks/{id}/statement", "tasks.edit",
     in_project(Action::kEditIssues, project_of_task), set_statement},
    {"POST", "/api/v1/tasks/{id}/run", "tasks.run", in_project(Action::kRunTasks, project_of_task),
     run_task},
    {"POST", "/api/v1/tasks/{id}/retry", "tasks.retry",
     in_project(Action::kRunTasks, project_of_task), retry_task},
    {"POST", "/api/v1/tasks/{id}/skip", "tasks.skip",
     in_project(Action::kRunTasks, project_of_task), skip_task},
    {"POST", "/api/v1/tasks/{id}/settle", "tasks.settle",
     in_project(Action::kRunTasks, project_of_task), settle_task, Lane::kSlow},
    {"POST", "/api/v1/tasks/{id}/cancel", "tasks.cancel",
     in_project(Action::kCancelIssues, project_of_task), cancel_task},
    {"POST", "/api/v1/tasks/{id}/check", "tasks.check",
     in_project(Action::kEditIssues, project_of_task), check_task},
};

}  // namespace

std::span<const ApiRoute> task_routes() {
  return kRoutes;
}

}  // namespace sluice::http
