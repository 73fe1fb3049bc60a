// Environments: the order of stages, who approves, the gate's grid, the review policy.
#include "admin/change/drift_settings.h"
#include "admin/change/rollback_limits.h"
#include "admin/http/handlers/handlers.h"
#include "policy/gate.h"
#include "policy/rules/rule_set.h"

namespace sluice::http {
namespace {

constexpr std::int64_t kMaxOrder = 1'000'000;
constexpr std::size_t kMaxEnvironments = 100;  // stages of an issue, columns of a page

policy::Gate defaults_of(const store::Environment& environment) {
  return policy::default_gate(environment.rules.approval == policy::Approval::kAutomatic);
}

json::object to_json(const store::Environment& environment) {
  // Whole, with what the environment leaves to the defaults: what is shown is what is done.
  const auto gate = policy::parse_gate(environment.gate, defaults_of(environment)).gate;
  const auto rules = policy::rules::read_rule_set(environment.review).rules;
  const auto drift = change::read_drift_settings(environment.drift).settings;
  return {{"id", environment.id},
          {"name", environment.name},
          {"order", environment.position},
          {"approval", policy::name(environment.rules.approval)},
          {"allow_self_approval", environment.rules.allow_self_approval},
          {"project_owner_may_approve", environment.rules.project_owner_may_approve},
          {"gate", json::parse(policy::to_json(gate))},
          {"review", json::parse(policy::rules::to_json(rules))},
          {"rollback",
           json::parse(change::to_json(change::read_rollback_limits(environment.rollback).limits))},

          {"drift_interval_seconds", environment.drift_interval_seconds},
          {"drift", json::parse(change::to_json(drift))}};
}

// The object as it was sent, once policy has found nothing wrong with it.
void read_gate(Body& body, store::Environment& environment) {
  const auto* value = body.raw("gate");
  if (value == nullptr) return;
  std::string text = json::serialize(*value);
  const auto reading = policy::parse_gate(text, defaults_of(environment));
  for (const auto& error : reading.errors) {
    body.fault(error.key.empty() ? "gate" : "gate." + error.key, error.message);
  }
  environment.gate = std::move(text);
}

void read_review(Body& body, store::Environment& environment) {
  const auto* value = body.raw("review");
  if (value == nullptr) return;
  std::string text = json::serialize(*value);
  const auto reading = policy::rules::read_rule_set(text);
  for (const auto& error : reading.errors) {
    body.fault(error.key.empty() ? "review" : "review." + error.key, error.message);
  }
  environment.review = std::move(text);
}

void read_drift(Body& body, store::Environment& environment) {
  const auto* value = body.raw("drift");
  if (value == nullptr) return;
  std::string text = json::serialize(*value);
  const auto reading = change::read_drift_settings(text);
  for (const auto& error : reading.errors) {
    body.fault(error.key.empty() ? "drift" : "drift." + error.key, error.message);
  }
  environment.drift = std::move(text);
}

void read_rollback(Body& body, store::Environment& environment) {
  const auto* value = body.raw("rollback");
  if (value == nullptr) return;
  std::string text = json::serialize(*value);
  const auto reading = change::read_rollback_limits(text);
  for (const auto& error : reading.errors) {
    body.fault(error.key.empty() ? "rollback" : "rollback." + error.key, error.message);
  }
  environment.rollback = std::move(text);
}

void read_fields(Body& body, store::Environment& environment) {
  if (auto name = body.maybe_text("name")) environment.name = std::move(*name);
  if (const auto order = body.maybe_integer("order", 0, kMaxOrder)) environment.position = *order;
  if (const auto approval =
          body.maybe_choice("approval", policy::parse_approval, "automatic, manual")) {
    environment.rules.approval = *approval;
  }
  if (const auto flag = body.maybe_flag("allow_self_approval")) {
    environment.rules.allow_self_approval = *flag;
  }
  if (const auto flag = body.maybe_flag("project_owner_may_approve")) {
    environment.rules.project_owner_may_approve = *flag;
  }
  if (const auto seconds = body.maybe_integer("drift_interval_seconds", 5, 604800)) {
    environment.drift_interval_seconds = *seconds;
  }
  read_gate(body, environment);  // after approval: it says which defaults hold
  read_review(body, environment);
  read_drift(body, environment);
  read_rollback(body, environment);
}

Response list_environments(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto all = call.store().environments();
  if (!all) return problem(all.error());
  return list_page(*all, page, [](const auto& environment) { return to_json(environment); });
}

Response get_environment(Call& call) {
  const auto found = call.store().environment(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(*found));
}

Response create_environment(Call& call) {
  const auto all = call.store().environments();
  if (!all) return problem(all.error());
  store::Environment environment;
  environment.position = all->empty() ? 0 : all->back().position + 1;
  Body body(call.request());
  if (!body.has("name")) body.missing("name");
  read_fields(body, environment);
  if (auto bad = body.problem()) return *bad;
  if (all->size() >= kMaxEnvironments) {
    return problem(409, "There are " + std::to_string(kMaxEnvironments) +
                            " environments already; change one of them.");
  }
  const auto made = call.store().create_environment(environment);
  if (!made) return problem(made.error());
  static_cast<void>(call.services().data_path.refresh_policies());  // a trouble is in the log
  call.services().events.publish({"environment", made->id, 0, "created"});
  return call.created("/api/v1/environments/" + std::to_string(made->id), to_json(*made));
}

Response change_environment(Call& call) {
  auto found = call.store().environment(call.id());
  if (!found) return problem(found.error());
  Body body(call.request());
  read_fields(body, *found);
  if (auto bad = body.problem()) return *bad;
  // What was changed is what the log is asked for when the gate let something through.
  call.set_detail(call.request().body);
  const auto changed = call.store().update_environment(*found);
  if (!changed) return problem(changed.error());
  static_cast<void>(call.services().data_path.refresh_policies());  // a trouble is in the log
  call.services().events.publish({"environment", changed->id, 0, "updated"});
  return answer(200, to_json(*changed));
}

Response list_rules(Call&) {
  Response response;
  response.body = R"({"items":)" + policy::rules::catalog_json() + R"(,"next_cursor":null})";
  return response;
}

constexpr auto kRead = policy::Action::kReadEnvironments;
constexpr auto kManage = policy::Action::kManageEnvironments;
constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/environments", "environments.list", workspace(kRead), list_environments},
    {"POST", "/api/v1/environments", "environments.create", workspace(kManage), create_environment},
    {"GET", "/api/v1/environments/{id}", "environments.get", workspace(kRead), get_environment},
    {"PATCH", "/api/v1/environments/{id}", "environments.change", workspace(kManage),
     change_environment},
    {"GET", "/api/v1/rules", "rules.list", workspace(kRead), list_rules},
};

}  // namespace

std::span<const ApiRoute> environment_routes() {
  return kRoutes;
}

}  // namespace sluice::http
