// The beginning of a change: rules, schema, position, the durable row.
#include "admin/change/gate_sink.h"

#include <algorithm>

#include "admin/change/gate_schema.h"
#include "admin/change/positions.h"
#include "admin/change/scan.h"
#include "parser/redact.h"
#include "policy/rules/review.h"

namespace sluice::change {
namespace {

using parser::ActionGroup;
using policy::ChangeRequest;
using policy::Refusal;

constexpr unsigned kNoSuchDatabase = 1049;
constexpr unsigned kLockWait = 1205;
constexpr int kLooks = 8;  // at a schema whose record moves meanwhile

// Whether the server itself says what these find, in its own words and with its own error number,
// which tools look at.
bool is_the_servers(const std::string& rule) {
  return rule == "statement.syntax" || rule == "statement.walk-through";
}

bool has_group(const ChangeRequest& request, ActionGroup group) {
  return std::ranges::any_of(request.statements,
                             [&](const auto& statement) { return statement.group == group; });
}

Refusal unreachable(const std::string& why) {
  return gate_refusal("instance-unreachable",
                      "what it changes cannot be recorded: " + why + ". Send it again later.");
}

}  // namespace

std::string gate_tag(const store::GateChange& change) {
  return "/* sluice change=" + std::to_string(change.id) + "." +
         std::to_string(change.started_at.time_since_epoch().count()) + " */";
}

policy::IssueKind kind_of(const ChangeRequest& request) {
  const bool rows_only = std::ranges::all_of(request.statements, [](const auto& statement) {
    return statement.group <= ActionGroup::Dml;
  });
  if (rows_only) return policy::IssueKind::kDataUpdate;
  const bool creates = request.statements.size() == 1 &&
                       std::ranges::any_of(request.objects, [](const parser::ObjectUse& object) {
                         return object.kind == parser::ObjectKind::Schema &&
                                has(object.access, parser::Access::Create);
                       });
  return creates ? policy::IssueKind::kDatabaseCreate : policy::IssueKind::kSchemaUpdate;
}

GateSink::GateSink(GateServices services, GateConfig config)
    : services_(std::move(services)), config_(std::move(config)), controls_(services_.store) {}

GateSink::~GateSink() {
  stop();
}

std::vector<policy::rules::Finding> GateSink::findings(const GatePlace& place,
                                                       const policy::rules::Server& facts,
                                                       const ChangeRequest& request) {
  const std::string text = sheet_of(request.statements);
  policy::rules::Situation situation;
  situation.server = facts;
  situation.server.sql_mode = request.origin.sql_mode;
  situation.database = request.origin.schema;
  const auto all = touched(request.objects, request.origin.schema, false);
  if (situation.database.empty() && !all.empty()) situation.database = all.front().database;
  std::shared_ptr<const schema::Schema> model;
  const auto database = services_.store.databases().find(place.instance.id, situation.database);
  if (database) {
    if (auto recorded = services_.schemas.recorded(services_.store, *database)) model = *recorded;
  }
  situation.schema = model.get();
  return policy::rules::review(text, situation, place.rules).findings;
}

std::optional<Refusal> GateSink::review_rules(const GatePlace& place,
                                              const policy::rules::Server& facts,
                                              const ChangeRequest& request) {
  for (const auto& finding : findings(place, facts, request)) {
    if (finding.level != policy::rules::Level::kError || is_the_servers(finding.rule)) continue;
    return gate_refusal(finding.rule, finding.title + ": " + finding.detail);
  }
  return std::nullopt;
}

std::optional<Refusal> GateSink::check(const ChangeRequest& request) {
  const auto found = find_place(services_.store, request.origin);
  if (const auto* no = std::get_if<Refusal>(&found)) return *no;
  const auto& place = std::get<GatePlace>(found);
  auto control = controls_.take(place.instance.id);
  if (!control) return unreachable(control.error());
  return review_rules(place, control->facts(), request);
}

std::optional<policy::rules::Server> GateSink::server_of(const std::string& name) {
  const auto instances = services_.store.instances();
  if (!instances) return std::nullopt;
  const auto found = std::ranges::find(*instances, name, &store::Instance::name);
  if (found == instances->end()) return std::nullopt;
  auto control = controls_.take(found->id);
  if (!control) return std::nullopt;
  return control->facts();
}

GateSink::Explained GateSink::explain(const ChangeRequest& request) {
  Explained explained;
  const auto found = find_place(services_.store, request.origin);
  if (const auto* no = std::get_if<Refusal>(&found)) {
    explained.refusal = *no;
    return explained;
  }
  const auto& place = std::get<GatePlace>(found);
  auto control = controls_.take(place.instance.id);
  if (!control) {
    explained.refusal = unreachable(control.error());
    return explained;
  }
  explained.findings = findings(place, control->facts(), request);
  return explained;
}

// The databases that the change touches, each known to the store.
store::Result<std::vector<GateDatabase>> GateSink::databases_of(const GatePlace& place,
                                                                const ChangeRequest& request) {
  const bool opaque = has_group(request, ActionGroup::Opaque);
  auto all = touched(request.objects, request.origin.schema, opaque);
  std::vector<GateDatabase> databases;
  for (auto& one : all) {
    GateDatabase& database = databases.emplace_back();
    database.name = one.database;
    database.names = std::move(one.names);
    database.whole = one.whole;
    database.creates = one.creates;
    auto known = services_.store.databases().find(place.instance.id, one.database);
    if (!known && known.error().kind != store::Failure::kNotFound) return known.error();
    if (known) {
      database.id = known->id;
      database.project = known->project;
      continue;
    }
    const auto project = default_project(services_.store);
    if (!project) return project.error();
    database.project = *project;
    if (one.creates) continue;  // it is known once it is there
    const auto made = services_.store.databases().ensure(place.instance.id, {one.database, "", ""},
                                                         *project, services_.now());
    if (!made) return made.error();
    database.id = made->id;
  }
  return databases;
}

// What others do to these objects at the same time is no drift: it is recorded when it ends.
store::Result<bool> GateSink::others_touch(store::Id instance, const GateDatabase& database) {
  const auto open = services_.store.gate().open();
  if (!open) return open.error();
  return std::ranges::any_of(*open, [&](const store::GateChange& row) {
    if (row.instance != instance) return false;
    const auto places = read_databases(row.places);
    return std::ranges::any_of(places, [&](const GateDatabase& other) {
      if (other.id != database.id || !other.defines()) return false;
      return other.whole || database.whole ||
             std::ranges::any_of(other.names, [&](const std::string& name) {
               return database.names.contains(name);
             });
    });
  });
}

// The touched objects as they are. Where they are not as recorded, the schema before is kept, and
// somebody changed them beside Sluice: a scan is to say so.
std::optional<Refusal> GateSink::look_before(const GatePlace& place, SnapshotReader& reader,
                                             std::vector<GateDatabase>& databases,
                                             std::vector<std::string>& keep) {
  for (GateDatabase& database : databases) {
    if (!database.defines() || database.id == 0) continue;
    // What ended between two looks moved the record: it is looked at again.
    bool moved = true;
    for (int tries = 0; moved && tries < kLooks; ++tries) {
      if (auto no = look_at(place, reader, database, keep, moved)) return no;
    }
  }
  return std::nullopt;
}

std::optional<Refusal> GateSink::look_at(const GatePlace& place, SnapshotReader& reader,
                                         GateDatabase& database, std::vector<std::string>& keep,
                                         bool& moved) {
  moved = false;
  const auto known = services_.store.databases().get(database.id);
  if (!known) return store_refusal(known.error());
  const auto recorded = services_.schemas.recorded(services_.store, *known);
  if (!recorded) return store_refusal(recorded.error());
  if (*recorded) add_trigger_tables(**recorded, database.names);
  const bool whole = database.whole || !*recorded;
  auto live =
      whole ? reader.read(database.name) : reader.read_objects(database.name, database.names);
  // The server says so itself.
  if (!live && live.error().number == kNoSuchDatabase) return std::nullopt;
  // The client's own session has it locked: it is as recorded, as far as can be seen.
  if (!live && live.error().number == kLockWait && *recorded) return std::nullopt;
  if (!live) return unreachable(live.error().message);
  if (*recorded) {
    auto names = database.names;
    for (const auto& [name, table] : live->schema.tables) names.insert(name);
    const auto drift = find_drift(whole ? **recorded : objects_of(**recorded, names), live->schema,
                                  live->server.target, {});
    if (drift.objects.empty()) return std::nullopt;
    const auto others = others_touch(place.instance.id, database);
    if (!others) return store_refusal(others.error());
    if (*others) return std::nullopt;
    const auto again = services_.store.databases().get(database.id);
    if (!again) return store_refusal(again.error());
    moved = again->schema_hash != known->schema_hash;
    if (moved) return std::nullopt;
    services_.log("gate.drift", place.instance.name + "." + database.name + ": " +
                                    drift.objects.front() + " was not as recorded");
    if (services_.drifted) services_.drifted(database.id);
  }
  schema::Schema before = live->schema;
  if (!whole) {
    before = **recorded;
    replace_objects(before, live->schema, database.names);
  }
  std::string text = canonical_text(before, live->server.target);
  database.before = store::sha256_hex(text);
  database.recorded = known->schema_hash;
  keep.push_back(std::move(text));
  return std::nullopt;
}

GateSink::Begun GateSink::begin_change(const GatePlace& place, ControlPool::Lease& control,
                                       const ChangeRequest& request, const store::TaskKey& held) {
  auto databases = databases_of(place, request);
  if (!databases) return store_refusal(databases.error());
  std::vector<std::string> keep;
  SnapshotReader& reader = control.reader();
  if (auto no = look_before(place, reader, *databases, keep)) return *no;
  const auto position = read_position(reader.connection());
  if (!position) return unreachable(position.error().message);
  store::GateChange row;
  row.break_glass = request.origin.break_glass;
  row.holder = config_.holder;
  row.account = request.origin.account;
  row.actor = place.actor;
  row.program = request.origin.program;
  row.host = request.origin.host;
  row.session = request.origin.session;
  row.rule = request.rule;
  row.kind = kind_of(request);
  row.instance = place.instance.id;
  row.instance_name = place.instance.name;
  row.schema = request.origin.schema;
  row.server_version = reader.server().version;
  row.thread_id = static_cast<std::int64_t>(request.origin.backend_thread);
  row.before = {position->file, static_cast<std::int64_t>(position->position)};
  row.gtid_executed = position->gtid_executed;
  auto statements = request.statements;
  if (request.left_out != 0) statements.insert(statements.begin(), left_out(request));
  for (auto& statement : statements) statement.text = parser::without_secrets(statement.text);
  row.statements = to_json(statements);
  row.places = to_json(*databases);
  row.issue = held.issue;
  row.task = held.task;
  row.started_at = services_.now();
  const auto now = row.started_at;
  const auto id =
      held.task == 0
          ? services_.store.gate().begin(row, keep)
          : services_.store.gate().claim(
                row, keep,
                [&](const store::IssueState& state) { return start_task(state, held.task, now); },
                now);
  if (!id) return store_refusal(id.error());
  row.id = *id;
  policy::ChangeBegun begun{row.id, request.transaction ? "" : gate_tag(row)};
  const std::lock_guard lock(mutex_);
  running_[row.id] = std::move(row);
  return begun;
}

GateSink::Begun GateSink::begin(const ChangeRequest& request) {
  const auto found = find_place(services_.store, request.origin);
  if (const auto* no = std::get_if<Refusal>(&found)) return *no;
  const auto& place = std::get<GatePlace>(found);
  auto control = controls_.take(place.instance.id);
  if (!control) return unreachable(control.error());
  if (!request.transaction) {
    if (auto no = review_rules(place, control->facts(), request)) return *no;
  }
  return begin_change(place, *control, request, {});
}

void GateSink::tell(const char* topic, store::Id id, store::Id project, const char* what) {
  if (services_.events != nullptr) services_.events->publish({topic, id, project, what});
}

}  // namespace sluice::change
