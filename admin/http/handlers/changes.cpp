// The change history, and the review of a statement that nobody has filed yet.
#include "admin/change/checks.h"
#include "admin/change/target.h"
#include "admin/change/text_diff.h"
#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr TextRule kStatement{1, change::kMaxStatement, true};

store::Result<store::Id> project_of_change(Call& call) {
  const auto change = call.store().history().get(call.id());
  if (!change) return change.error();
  return change->project;
}

Response list_changes(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  store::ChangeFilter filter;
  filter.before = page.after;
  filter.limit = page.limit + 1;
  const auto errors = read_ids(
      call,
      {{"project", &filter.project}, {"database", &filter.database}, {"issue", &filter.issue}});
  if (!errors.empty()) return bad_query(errors);
  if (!call.may(Action::kReadChanges)) filter.member = call.user().id;
  const auto changes = call.store().history().list(filter);
  if (!changes) return problem(changes.error());
  return list_more(*changes, page, [](const store::Change& change) { return to_json(change); });
}

Response get_change(Call& call) {
  auto history = call.store().history();
  const auto change = history.get(call.id());
  if (!change) return problem(change.error());
  const auto texts = history.texts(*change);
  if (!texts) return problem(texts.error());
  json::object shown = to_json(*change);
  shown["statement"] = texts->statement;
  shown["statements"] = json::parse(texts->statements);
  shown["schema_before"] = texts->schema_before;
  shown["schema_after"] = texts->schema_after;
  shown["diff"] = change::unified_diff(texts->schema_before, texts->schema_after);
  shown["gtid_executed_before"] = change->gtid_executed_before;
  shown["gtid_executed_after"] = change->gtid_executed_after;
  return answer(200, shown);
}

// The rules of the environment that the database's instance is in.
store::Result<policy::rules::RuleSet> rules_for(Call& call, store::Id instance) {
  const auto instances = call.store().instances();
  if (!instances) return instances.error();
  const auto environments = call.store().environments();
  if (!environments) return environments.error();
  std::string json;
  for (const auto& one : *instances) {
    if (one.id != instance) continue;
    for (const auto& environment : *environments) {
      if (environment.id == one.environment) json = environment.review;
    }
  }
  return policy::rules::read_rule_set(json).rules;
}

json::object to_json(const policy::rules::Finding& finding) {
  return {{"rule", finding.rule},
          {"level", policy::rules::name(finding.level)},
          {"title", finding.title},
          {"detail", finding.detail},
          {"line", finding.line},
          {"column", finding.column},
          {"statement", finding.statement + 1}};
}

Response review(Call& call) {
  Body body(call.request());
  const auto id = body.maybe_integer("database", 1, std::numeric_limits<std::int64_t>::max());
  if (!body.has("database")) body.missing("database");
  auto statement = body.text("statement", kStatement);
  if (auto bad = body.problem()) return *bad;
  const auto database = call.store().databases().get(*id);
  const store::Id project = database ? database->project : 0;
  if (!call.may(Action::kReadDatabases, project)) return call.denied(Action::kReadDatabases);
  if (!database) return problem(database.error());
  const auto rules = rules_for(call, database->instance);
  if (!rules) return problem(rules.error());
  auto options = change::control_options(call.store(), database->instance);
  if (!options) return problem(options.error());
  auto reader = change::SnapshotReader::open(std::move(*options));
  if (!reader) {
    return problem(502, "The instance cannot be reached: " + reader.error().message + ".");
  }
  const auto preview = change::Preview::read(**reader, database->name, std::move(statement));
  if (!preview) {
    return problem(502, "The database cannot be read: " + preview.error().message + ".");
  }
  json::array findings;
  for (const auto& finding : (*preview)->review(*rules).findings) {
    findings.push_back(to_json(finding));
  }
  return answer(200, {{"findings", std::move(findings)},
                      {"statements", (*preview)->sheet().statements().size()},
                      {"expected_rows", (*preview)->expected_rows()}});
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/changes", "changes.list", signed_in(), list_changes},
    {"GET", "/api/v1/changes/{id}", "changes.get",
     in_project(Action::kReadChanges, project_of_change), get_change},
    {"POST", "/api/v1/review", "review", signed_in(), review, Lane::kSlow, true},
};

}  // namespace

std::span<const ApiRoute> change_routes() {
  return kRoutes;
}

}  // namespace sluice::http
