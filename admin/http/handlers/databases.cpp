// Databases of the workspace: lists, transfer, schemas, scans; and the sync of an instance.
#include "admin/http/handlers/handlers.h"
#include "admin/http/handlers/schema_json.h"
#include "parser/schema/ddl.h"
#include "parser/schema/print.h"

namespace sluice::http {
namespace {

using policy::Action;

store::Result<store::Id> project_of(Call& call) {
  const auto found = call.store().databases().get(call.id());
  if (!found) return found.error();
  return found->project;
}

json::value time_or_null(const std::optional<store::Time>& time) {
  return time ? json::value(to_text(*time)) : json::value(nullptr);
}

json::object to_json(const store::DatabaseEntry& database) {
  boost::system::error_code fault;
  auto labels = json::parse(database.labels, fault);
  if (fault || !labels.is_object()) labels = json::object();
  return {{"id", database.id},
          {"instance", database.instance},
          {"name", database.name},
          {"project", database.project},
          {"character_set", database.character_set},
          {"collation", database.collation},
          {"labels", std::move(labels)},
          {"present", database.present},
          {"synced_at", to_text(database.synced_at)},
          {"schema_version", database.schema_version},
          {"schema_recorded_at", time_or_null(database.schema_recorded_at)},
          {"frozen", database.frozen},
          {"freeze_reason", database.freeze_reason}};
}

json::array findings_json(const std::vector<change::SnapshotFinding>& findings) {
  json::array items;
  for (const auto& finding : findings)
    items.push_back({{"object", finding.object}, {"detail", finding.detail}});
  return items;
}

Response list_databases(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  store::DatabaseFilter filter;
  filter.name = call.query("name");
  const auto errors =
      read_ids(call, {{"project", &filter.project}, {"instance", &filter.instance}});
  if (!errors.empty()) return bad_query(errors);
  if (!call.may(Action::kReadDatabases)) filter.member = call.user().id;
  filter.after = page.after;
  filter.limit = page.limit + 1;
  const auto found = call.store().databases().list(filter);
  if (!found) return problem(found.error());
  return list_more(*found, page, [](const auto& database) { return to_json(database); });
}

Response get_database(Call& call) {
  const auto found = call.store().databases().get(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(*found));
}

// An object of strings, as JSON text.
std::optional<std::string> read_labels(Body& body) {
  constexpr std::size_t kMaxLabels = 32;
  const auto* value = body.raw("labels");
  if (value == nullptr) return std::nullopt;
  const auto* object = value->if_object();
  bool good = object != nullptr && object->size() <= kMaxLabels;
  if (good) {
    for (const auto& [key, one] : *object) {
      good = good && !check_text(key, {1, 63, false}) && one.is_string() &&
             !check_text(one.get_string(), {0, 63, false});
    }
  }
  if (!good) {
    body.fault("labels", "expected an object of at most 32 short strings");
    return std::nullopt;
  }
  return json::serialize(*object);
}

Response change_database(Call& call) {
  Body body(call.request());
  const auto project = body.maybe_reference("project", [&](std::string_view key) {
    const auto all = call.store().projects();
    if (!all) return store::Id{0};
    for (const auto& one : *all) {
      if (one.key == key || one.name == key) return one.id;
    }
    return store::Id{0};
  });
  const auto labels = read_labels(body);
  const auto frozen = body.maybe_flag("frozen");
  const auto reason = body.maybe_text("freeze_reason", TextRule{0, 500, false});
  if (auto bad = body.problem()) return *bad;
  auto databases = call.store().databases();
  auto changed = databases.get(call.id());
  if (!changed) return problem(changed.error());
  if (project) {
    if (const auto there = call.store().project(*project); !there) {
      return problem(400, "Some fields cannot be used; see `errors`.",
                     {{"project", "there is no such project"}});
    }
    call.set_detail("database " + changed->name + " from project " +
                    std::to_string(changed->project) + " to " + std::to_string(*project));
    changed = databases.transfer(call.id(), *project);
    if (!changed) return problem(changed.error());
  }
  if (labels) {
    changed = databases.set_labels(call.id(), *labels);
    if (!changed) return problem(changed.error());
  }
  if (frozen || reason) {
    const bool on = frozen.value_or(changed->frozen);
    changed = databases.freeze(call.id(), on, reason.value_or(on ? changed->freeze_reason : ""));
    if (!changed) return problem(changed.error());
    call.set_detail("database " + changed->name + (on ? " is frozen: " : " is not frozen: ") +
                    changed->freeze_reason);
  }
  static_cast<void>(call.services().data_path.refresh_policies());  // a trouble is in the log
  call.services().events.publish({"database", changed->id, changed->project, "updated"});
  return answer(200, to_json(*changed));
}

template <class Map>
json::array names_of(const Map& map) {
  json::array names;
  for (const auto& [name, value] : map) names.emplace_back(name);
  return names;
}

json::object schema_json(store::Id database, const schema::Schema& schema,
                         const schema::Target& target, std::string_view text,
                         std::string_view version) {
  json::array tables;
  for (const auto& [name, table] : schema.tables) tables.push_back(table_json(table, target));
  return {{"database", database},
          {"server_version", version},
          {"hash", change::schema_hash(change::object_hashes(schema, target))},
          {"text", text},
          {"tables", std::move(tables)},
          {"views", names_of(schema.views)},
          {"procedures", names_of(schema.procedures)},
          {"functions", names_of(schema.functions)},
          {"triggers", names_of(schema.triggers)},
          {"events", names_of(schema.events)},
          {"sequences", names_of(schema.sequences)}};
}

Response recorded_schema(Call& call) {
  const auto database = call.store().databases().get(call.id());
  if (!database) return problem(database.error());
  if (!database->schema_recorded_at)
    return problem(404, "No schema is recorded yet; sync the instance.");
  const auto text = call.store().databases().recorded_schema(call.id());
  if (!text) return problem(text.error());
  const auto target = change::target_of(database->schema_version);
  auto reading = schema::read(*text, target);
  reading.schema.name = database->name;
  auto shown = schema_json(database->id, reading.schema, target, *text, database->schema_version);
  shown["recorded_at"] = time_or_null(database->schema_recorded_at);
  shown["findings"] = json::array();
  return answer(200, shown);
}

Response get_schema(Call& call) {
  const auto recorded = call.query("recorded");
  if (recorded == "true") return recorded_schema(call);
  if (!recorded.empty() && recorded != "false")
    return problem(400, "The filter recorded takes true or false.");
  const auto live = call.services().scans.live_schema(call.id());
  if (!live) return scan_problem(live.error());
  const auto& snapshot = live->snapshot;
  auto shown = schema_json(call.id(), snapshot.schema, snapshot.server.target, live->text,
                           snapshot.server.version);
  shown["recorded_at"] = nullptr;
  shown["findings"] = findings_json(snapshot.findings);
  return answer(200, shown);
}

// What turns the live schema into the edited one. The editor says which schema it started from, so
// that nothing that came in between is undone.
Response diff_schema(Call& call) {
  Body body(call.request());
  const auto hash = body.text("hash");
  const auto wanted = read_schema_edit(body);
  if (auto bad = body.problem()) return *bad;
  const auto live = call.services().scans.live_schema(call.id());
  if (!live) return scan_problem(live.error());
  const auto& from = live->snapshot.schema;
  const auto& target = live->snapshot.server.target;
  if (change::schema_hash(change::object_hashes(from, target)) != hash) {
    return problem(
        409,
        "The schema has changed on the server since it was read; read it again, and make "
        "the edit anew.");
  }
  auto edited = schema::edit(from, wanted, target);
  if (!edited.faults.empty()) {
    std::vector<FieldError> errors;
    for (auto& fault : edited.faults)
      errors.push_back({std::move(fault.field), std::move(fault.message)});
    return problem(400, "Some fields cannot be used; see `errors`.", errors);
  }
  const auto changes =
      schema::diff(from, std::move(edited.schema), {target, {}, std::move(edited.renames)});
  json::array shown;
  for (const auto& change : changes) {
    shown.push_back({{"sql", change.sql},
                     {"object", change.object},
                     {"destructive", change.destructive},
                     {"note", change.note}});
  }
  return answer(
      200, {{"statement", schema::print_changes(changes, true)}, {"changes", std::move(shown)}});
}

std::string_view state_name(change::ScanResult::State state) {
  using State = change::ScanResult::State;
  switch (state) {
    case State::kSame: return "same";
    case State::kDrift: return "drift";
    case State::kFirstSight: return "first_sight";
    case State::kBusy: break;
  }
  return "busy";
}

Response scan_database(Call& call) {
  const auto scanned = call.services().scans.scan(call.id());
  if (!scanned) return scan_problem(scanned.error());
  return answer(200, {{"state", state_name(scanned->state)},
                      {"anomaly",
                       scanned->anomaly ? json::value(scanned->anomaly->id) : json::value(nullptr)},
                      {"findings", findings_json(scanned->findings)}});
}

Response scan_everything(Call& call) {
  call.services().scans.scan_soon();
  return answer(202, {{"started", true}});
}

Response sync_instance(Call& call) {
  const auto synced = call.services().scans.sync(call.id());
  if (!synced) return scan_problem(synced.error());
  json::array databases;
  for (const auto& database : synced->databases) databases.push_back(to_json(database));
  call.services().events.publish({"instance", call.id(), 0, "synced"});
  return answer(200, {{"databases", std::move(databases)},
                      {"findings", instance_findings_json(synced->findings)}});
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/databases", "databases.list", signed_in(), list_databases},
    {"GET", "/api/v1/databases/{id}", "databases.get",
     in_project(Action::kReadDatabases, project_of), get_database},
    {"PATCH", "/api/v1/databases/{id}", "databases.change", workspace(Action::kTransferDatabases),
     change_database},
    {"GET", "/api/v1/databases/{id}/schema", "databases.schema",
     in_project(Action::kReadDatabases, project_of), get_schema, Lane::kSlow},
    {"POST", "/api/v1/databases/{id}/diff", "databases.diff",
     in_project(Action::kReadDatabases, project_of), diff_schema, Lane::kSlow, true},
    {"POST", "/api/v1/databases/{id}/scan", "databases.scan",
     in_project(Action::kScanDatabase, project_of), scan_database, Lane::kSlow},
    {"POST", "/api/v1/scans", "scans.all", workspace(Action::kScanAll), scan_everything},
    {"POST", "/api/v1/instances/{id}/sync", "instances.sync", workspace(Action::kSyncInstances),
     sync_instance, Lane::kSlow},
};

}  // namespace

json::array instance_findings_json(const std::vector<change::InstanceFinding>& findings) {
  json::array items;
  for (const auto& finding : findings) {
    items.push_back({{"code", finding.code},
                     {"severity", name(finding.severity)},
                     {"title", finding.title},
                     {"detail", finding.detail}});
  }
  return items;
}

Response scan_problem(const change::ScanFault& fault) {
  using Kind = change::ScanFault::Kind;
  switch (fault.kind) {
    case Kind::kStore: return problem(fault.store);
    case Kind::kGone:
      return problem(409, "The database is not on its instance any more; sync the instance.");
    case Kind::kServer: return problem(502, fault.finding.title + ". " + fault.finding.detail);
    case Kind::kOther: break;
  }
  return problem(409, fault.finding.title + ". " + fault.finding.detail);
}

std::span<const ApiRoute> database_routes() {
  return kRoutes;
}

}  // namespace sluice::http
