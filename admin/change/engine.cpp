#include "admin/change/engine.h"

namespace sluice::change {

using store::Decision;
using store::Failure;
using store::IssueState;

namespace {

// Every database of a project.
store::Result<std::vector<store::DatabaseEntry>> databases_of(store::Store& store,
                                                              store::Id project) {
  std::vector<store::DatabaseEntry> all;
  store::DatabaseFilter filter;
  filter.project = project;
  filter.limit = 1000;
  while (true) {
    auto page = store.databases().list(filter);
    if (!page) return page.error();
    for (auto& database : *page) all.push_back(std::move(database));
    if (static_cast<std::int64_t>(page->size()) < filter.limit) return all;
    filter.after = all.back().id;
  }
}

}  // namespace

Engine::Engine(EngineServices services, EngineConfig config)
    : services_(std::move(services)),
      config_(std::move(config)),
      run_services_{services_.store, services_.now,  services_.log,
                    config_.at,      config_.limits, services_.events} {}

Engine::~Engine() {
  while (!stop(std::chrono::hours(1))) {
  }
}

void Engine::start() {
  checkers_ = std::make_unique<Workers>(config_.checkers);
  runners_ = std::make_unique<Workers>(config_.runners);
  coordinator_ = std::thread([this] { coordinate(); });
}

bool Engine::stop(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [id, active] : active_) active.signal->stop();
    changed_.notify_all();
  }
  const auto left = [&] {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(
                        until - std::chrono::steady_clock::now()),
                    std::chrono::milliseconds(0));
  };
  if (runners_ && !runners_->stop(left())) return false;
  if (checkers_ && !checkers_->stop(left())) return false;
  if (coordinator_.joinable()) coordinator_.join();
  runners_.reset();
  checkers_.reset();
  return true;
}

store::Result<Environments> Engine::environments() {
  auto all = services_.store.environments();
  if (!all) return all.error();
  Environments by_id;
  for (auto& environment : *all) by_id[environment.id] = std::move(environment);
  return by_id;
}

void Engine::tell(const IssueState& state, std::string what) {
  if (services_.events == nullptr) return;
  services_.events->publish({"issue", state.issue.id, state.issue.project, std::move(what)});
}

Engine::State Engine::act(store::Id issue, const Decider& decide) {
  const auto known = environments();
  if (!known) return known.error();
  const auto now = services_.now();
  auto state = services_.store.issues().change(
      issue, [&](const IssueState& at) { return decide(at, *known, now); }, now,
      [&](const IssueState& at) { return advance(at, *known, now); });
  if (state) {
    tell(*state);
    poke();
  }
  return state;
}

Engine::State Engine::act_on_task(store::Id task, const Decider& decide) {
  const auto issue = services_.store.issues().issue_of(task);
  if (!issue) return issue.error();
  return act(*issue, decide);
}

store::Result<Created> Engine::create(const IssueRequest& request) {
  Workspace workspace;
  auto projects = services_.store.projects();
  if (!projects) return projects.error();
  for (const auto& project : *projects) {
    if (project.id == request.project) workspace.project = project;
  }
  if (workspace.project.id == 0) {
    return Created(std::vector<RequestFault>{{"project", "there is no such project"}});
  }
  auto databases = databases_of(services_.store, request.project);
  if (!databases) return databases.error();
  workspace.databases = std::move(*databases);
  auto instances = services_.store.instances();
  if (!instances) return instances.error();
  workspace.instances = std::move(*instances);
  auto all = services_.store.environments();
  if (!all) return all.error();
  workspace.environments = std::move(*all);
  auto planned = plan(request, workspace);
  if (auto* faults = std::get_if<std::vector<RequestFault>>(&planned)) {
    return Created(std::move(*faults));
  }
  auto state = services_.store.issues().create(std::get<store::NewIssue>(planned), services_.now());
  if (!state) return state.error();
  tell(*state, "created");
  poke();
  return Created(std::move(*state));
}

Engine::State Engine::approve(store::Id issue, const Actor& actor) {
  return act(issue, [&](const auto& state, const auto& environments, auto now) {
    return change::approve(state, actor, environments, now);
  });
}
Engine::State Engine::reject(store::Id issue, const Actor& actor, const std::string& reason) {
  return act(issue, [&](const auto& state, const auto& environments, auto now) {
    return change::reject(state, actor, environments, reason, now);
  });
}
Engine::State Engine::resolve(store::Id issue, const Actor& actor) {
  return act(issue,
             [&](const auto& state, const auto&, auto) { return change::resolve(state, actor); });
}
Engine::State Engine::cancel(store::Id issue, const Actor& actor) {
  return act(issue, [&](const auto& state, const auto&, auto) {
    return change::cancel_issue(state, actor);
  });
}
Engine::State Engine::reopen(store::Id issue, const Actor& actor) {
  return act(issue, [&](const auto& state, const auto&, auto now) {
    return change::reopen(state, actor, now);
  });
}
Engine::State Engine::comment(store::Id issue, const Actor& actor, const std::string& text) {
  return act(issue,
             [&](const auto&, const auto&, auto now) { return change::comment(actor, text, now); });
}
Engine::State Engine::edit(store::Id task, const Actor& actor, const std::string& statement) {
  return act_on_task(task, [&](const auto& state, const auto&, auto now) {
    return edit_statement(state, task, actor, statement, now);
  });
}
Engine::State Engine::run(store::Id task, const Actor& actor) {
  return act_on_task(task, [&](const auto& state, const auto& environments, auto now) {
    return run_task(state, task, actor, environments, now);
  });
}
Engine::State Engine::retry(store::Id task, const Actor& actor) {
  return act_on_task(task, [&](const auto& state, const auto&, auto now) {
    return retry_task(state, task, actor, now);
  });
}
Engine::State Engine::skip(store::Id task, const Actor& actor, const std::string& reason) {
  return act_on_task(task, [&](const auto& state, const auto&, auto now) {
    return skip_task(state, task, actor, reason, now);
  });
}
Engine::State Engine::check(store::Id task, const Actor& actor) {
  return act_on_task(
      task, [&](const auto& state, const auto&, auto) { return check_again(state, task, actor); });
}
Engine::State Engine::cancel_run(store::Id task, const Actor& actor) {
  auto state = act_on_task(task, [&](const auto& at, const auto&, auto now) {
    return cancel_task(at, task, actor, now);
  });
  if (!state) return state;
  // This program's own run hears of it at once, another's with its next beat.
  std::shared_ptr<RunSignal> signal;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, active] : active_) {
      if (active.run.task == task) signal = active.signal;
    }
  }
  const store::Task* at = state->task(task);
  if (signal && at != nullptr && at->cancel_requested) signal->cancellation.request();
  return state;
}

}  // namespace sluice::change
