// Whether the database is as recorded before a task runs on it.
#include "admin/change/checks.h"
#include "admin/change/record.h"
#include "admin/change/scan.h"

namespace sluice::change {
namespace {

using store::CheckLevel;

void add(Checks& checks, CheckLevel level, std::string title, std::string detail) {
  store::TaskCheck check;
  check.kind = "drift";
  check.level = level;
  check.title = std::move(title);
  check.detail = std::move(detail);
  checks.push_back(std::move(check));
}

// Whether the sheet takes the live schema to the recorded one, as far as the model can tell.
bool undoes_drift(const Preview& preview, schema::Schema live, const schema::Schema& recorded,
                  const schema::Target& target, const schema::CompareOptions& how) {
  for (const auto& statement : preview.sheet().statements()) {
    if (!apply(live, statement.ddl, target).empty()) return false;
  }
  return find_drift(recorded, std::move(live), target, how).objects.empty();
}

// Whether a statement names one of the objects ("TABLE orders").
bool touches(const policy::rules::Sheet& sheet, const std::vector<std::string>& objects) {
  for (const auto& statement : sheet.statements()) {
    if (statement.facts() == nullptr) return true;
    for (const auto& named : statement.facts()->objects) {
      for (const auto& object : objects) {
        const auto name = std::string_view(object).substr(object.find(' ') + 1);
        if (schema::same_name(name, named.name)) return true;
      }
    }
  }
  return false;
}

std::string listed(const std::vector<std::string>& objects) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, objects.size()); ++i)
    text += (i == 0 ? "" : ", ") + objects[i];
  if (objects.size() > kShown) text += " and " + std::to_string(objects.size() - kShown) + " more";
  return text;
}

}  // namespace

store::Result<void> check_drift(store::Store& store, const store::IssueState& state,
                                const store::Task& task, const Environments& environments,
                                const Preview& preview, Checks& checks) {
  const auto* snapshot = preview.snapshot();
  if (snapshot == nullptr || task.database == 0) return {};
  const auto database = store.databases().get(task.database);
  if (!database) return database.error();
  if (!database->schema_recorded_at) return {};
  const auto recorded = store.databases().recorded_schema(task.database);
  if (!recorded) return recorded.error();
  DriftSettings settings;
  for (const auto& stage : state.stages) {
    const auto found = environments.find(stage.environment);
    if (stage.id == task.stage && found != environments.end())
      settings = read_drift_settings(found->second.drift).settings;
  }
  const auto& target = snapshot->server.target;
  auto was = schema::read(*recorded, target_of(database->schema_version)).schema;
  auto live = snapshot->schema;
  const auto ignored = settings.pattern();
  forget_hidden(was, snapshot->hidden);
  forget_hidden(live, unseen_in(*recorded));
  forget_ignored(was, ignored);
  forget_ignored(live, ignored);
  const auto drift = find_drift(was, live, target, settings.compare);
  if (drift.objects.empty()) {
    add(checks, CheckLevel::kPassed, "The schema is as it was recorded", "");
  } else if (undoes_drift(preview, std::move(live), was, target, settings.compare)) {
    add(checks, CheckLevel::kPassed, "The statements undo the schema drift", listed(drift.objects));
  } else {
    const bool schema_change = state.issue.kind == policy::IssueKind::kSchemaUpdate;
    const bool touched = schema_change && touches(preview.sheet(), drift.objects);
    add(checks, touched ? CheckLevel::kWarning : CheckLevel::kPassed,
        touched ? "It touches what was changed outside Sluice"
                : "Other objects were changed outside Sluice",
        listed(drift.objects) +
            ": not as recorded. See the database's schema drift: revert it, adopt it, or establish "
            "a new baseline. What this task does is recorded; the drift stays drift.");
  }
  return {};
}

}  // namespace sluice::change
