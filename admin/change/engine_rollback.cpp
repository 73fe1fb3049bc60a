// What people do about rollbacks: the switch of a data change, and the issue that undoes one.
#include <algorithm>

#include "admin/change/engine.h"
#include "admin/change/rollback_preview.h"

namespace sluice::change {

using store::Decision;
using store::Failure;
using store::Fault;

namespace {

// Every row is gone through before the issue is made: what cannot be undone is told at once.
PreviewLimits whole_limits() {
  PreviewLimits limits;
  limits.whole = true;
  return limits;
}

}  // namespace

Engine::State Engine::keep_rollback(store::Id issue, const Actor& actor, bool on) {
  return act(issue, [&](const store::IssueState& state, const Environments&, store::Time) {
    if (state.issue.kind != policy::IssueKind::kDataUpdate) {
      return Decision(policy::Refused{"only a change of data has the switch"});
    }
    store::IssueUpdate update;
    update.keep_rollback = on;
    update.activity.push_back({0, 0, actor.user, on ? "rollback_on" : "rollback_off", "", {}});
    return Decision(update);
  });
}

store::Result<std::vector<RollbackPreview>> Engine::preview_rollback(store::Id issue) {
  const auto state = services_.store.issues().get(issue);
  if (!state) return state.error();
  return change::preview_rollback(services_.store, *state, services_.now(), {});
}

Engine::State Engine::roll_back(store::Id issue, const RollbackRequest& request) {
  const auto state = services_.store.issues().get(issue);
  if (!state) return state.error();
  store::IssueFilter open;
  open.parent = issue;
  open.status = policy::IssueStatus::kOpen;
  const auto others = services_.store.issues().list(open);
  if (!others) return others.error();
  for (const auto& other : *others) {
    if (other.kind != policy::IssueKind::kDataRollback) continue;
    const auto seen = services_.store.issues().get(other.id);
    if (!seen) return seen.error();
    if (current_stage(*seen) == nullptr) continue;  // it ran, and waits only to be resolved
    return Fault{Failure::kRefused, "issue " + std::to_string(other.id) +
                                        " is about to roll this one back: go on there, or cancel "
                                        "it first"};
  }
  for (const auto& task : state->tasks) {
    if (task.status == policy::TaskStatus::kRunning) {
      return Fault{Failure::kRefused, "a task of the issue still runs: wait for its end"};
    }
  }
  const bool rollback = state->issue.kind == policy::IssueKind::kDataRollback;
  const bool undone = std::ranges::any_of(state->tasks, [](const store::Task& task) {
    return task.status == policy::TaskStatus::kDone;
  });
  if (rollback && !undone) {
    return Fault{Failure::kRefused, "this rollback has not run yet, so there is nothing to undo"};
  }
  const auto previews =
      change::preview_rollback(services_.store, *state, services_.now(), whole_limits());
  if (!previews) return previews.error();
  const auto planned = plan_rollback(services_.store, *state, *previews, request);
  if (!planned) return planned.error();
  return create_rollback(*planned);
}

store::Result<RollbackPreview> Engine::preview_change(store::Id id, bool whole) {
  const auto change = services_.store.history().get(id);
  if (!change) return change.error();
  PreviewLimits limits;
  limits.whole = whole;
  return change::preview_change(services_.store, *change, services_.now(), limits);
}

Engine::State Engine::roll_back_change(store::Id id, const RollbackRequest& request) {
  const auto change = services_.store.history().get(id);
  if (!change) return change.error();
  const auto preview = preview_change(id, true);
  if (!preview) return preview.error();
  store::IssueState undone;
  undone.issue.id = change->issue;
  undone.issue.project = change->project;
  undone.issue.title = "change " + change->version + " of " + change->actor;
  const auto planned = plan_rollback(services_.store, undone, {*preview}, request);
  if (!planned) return planned.error();
  return create_rollback(*planned);
}

store::Result<RollbackPreview> Engine::preview_rows(const RowChoice& choice, bool whole) {
  PreviewLimits limits;
  limits.whole = whole;
  return preview_choice(services_.store, choice, services_.now(), limits);
}

Engine::State Engine::roll_back_rows(const RowChoice& choice, const RollbackPreview& preview,
                                     const RollbackRequest& request) {
  store::IssueState undone;
  undone.issue.title = describe(choice);
  const auto database = services_.store.databases().get(preview.task.database);
  if (!database) return database.error();
  undone.issue.project = database->project;
  const auto planned = plan_rollback(services_.store, undone, {preview}, request);
  if (!planned) return planned.error();
  return create_rollback(*planned);
}

Engine::State Engine::create_rollback(const store::NewIssue& planned) {
  auto made = services_.store.issues().create(planned, services_.now());
  if (!made) return made;
  tell(*made, "created");
  poke();
  return made;
}

}  // namespace sluice::change
