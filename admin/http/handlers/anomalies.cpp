// What scans found.
#include "admin/change/record.h"
#include "admin/http/handlers/issue_json.h"

namespace sluice::http {
namespace {

using policy::Action;

json::object to_json(const store::Anomaly& anomaly) {
  boost::system::error_code fault;
  auto objects = json::parse(anomaly.objects, fault);
  if (fault || !objects.is_array()) objects = json::array();
  return {
      {"id", anomaly.id},
      {"kind", anomaly.kind},
      {"status", anomaly.resolved_at ? "resolved" : "open"},
      {"severity", anomaly.severity},
      {"instance", anomaly.instance},
      {"database", anomaly.database == 0 ? json::value(nullptr) : json::value(anomaly.database)},
      {"title", anomaly.title},
      {"detail", anomaly.detail},
      {"objects", std::move(objects)},
      {"opened_at", to_text(anomaly.opened_at)},
      {"last_seen_at", to_text(anomaly.last_seen_at)},
      {"resolved_at",
       anomaly.resolved_at ? json::value(to_text(*anomaly.resolved_at)) : json::value(nullptr)}};
}

constexpr std::int64_t kMaxStatements = 1000;

json::object to_json(const store::OutsideStatement& one) {
  json::value log = nullptr;
  if (!one.file.empty()) log = {{"file", one.file}, {"position", one.position}};
  return {{"statement", one.statement},
          {"ran_at", to_text(one.ran_at)},
          {"thread_id", one.thread_id},
          {"account", one.account.empty() ? json::value(nullptr) : json::value(one.account)},
          {"host", one.host.empty() ? json::value(nullptr) : json::value(one.host)},
          {"author_by", one.author_by.empty() ? json::value(nullptr) : json::value(one.author_by)},
          {"gtid", one.gtid.empty() ? json::value(nullptr) : json::value(one.gtid)},
          {"binlog", std::move(log)}};
}

Response list_anomalies(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  store::AnomalyFilter filter;
  const auto status = call.query("status");
  if (status == "open" || status == "resolved") {
    filter.open = status == "open";
  } else if (!status.empty()) {
    return problem(400, "The filter status takes open or resolved.");
  }
  filter.kind = call.query("kind");
  const auto errors = read_ids(call, {{"instance", &filter.instance},
                                      {"database", &filter.database},
                                      {"project", &filter.project}});
  if (!errors.empty()) return bad_query(errors);
  // What is about a whole instance is for who reads every project.
  if (!call.may(Action::kReadAnomalies)) filter.member = call.user().id;
  filter.before = page.after;
  filter.limit = page.limit + 1;
  const auto found = call.store().anomalies().list(filter);
  if (!found) return problem(found.error());
  return list_more(*found, page, [](const auto& anomaly) { return to_json(anomaly); });
}

// The project whose members may read it; 0: nobody's.
store::Result<store::Id> project_of(Call& call) {
  const auto anomaly = call.store().anomalies().get(call.id());
  if (!anomaly) return anomaly.error();
  if (anomaly->database == 0) return store::Id{0};
  const auto database = call.store().databases().get(anomaly->database);
  if (!database) return database.error();
  return database->project;
}

Response get_anomaly(Call& call) {
  const auto anomaly = call.store().anomalies().get(call.id());
  if (!anomaly) return problem(anomaly.error());
  const auto texts = call.store().anomalies().texts(call.id());
  if (!texts) return problem(texts.error());
  const auto statements = call.store().outside().of_anomaly(call.id(), kMaxStatements);
  if (!statements) return problem(statements.error());
  auto shown = to_json(*anomaly);
  json::array outside;
  for (const auto& one : *statements) outside.push_back(to_json(one));
  shown["statements"] = std::move(outside);
  shown["diff"] = anomaly->diff;
  shown["recorded"] = texts->recorded;
  shown["live"] = texts->live;
  shown["revert"] = anomaly->revert_sql;
  shown["adopt"] = anomaly->adopt_sql;
  return answer(200, shown);
}

// An open drift, as the server has it now; or the answer that says why not.
std::variant<store::Anomaly, Response> live_drift(Call& call) {
  const auto anomaly = call.store().anomalies().get(call.id());
  if (!anomaly) return problem(anomaly.error());
  if (anomaly->kind != "schema.drift")
    return problem(409, "Only a schema drift has a schema to be adopted or reverted.");
  const std::string over =
      "The drift is over: the live schema is as recorded. Nothing has to be done.";
  if (anomaly->resolved_at) return problem(409, over);
  auto scanned = call.services().scans.scan(anomaly->database);
  if (!scanned) return scan_problem(scanned.error());
  switch (scanned->state) {
    case change::ScanResult::State::kDrift: return std::move(*scanned->anomaly);
    case change::ScanResult::State::kBusy:
      return problem(409, "A task runs on the database. Try again when it has ended.");
    default: return problem(409, over);
  }
}

struct Asked {
  policy::IssueKind kind;
  std::string title;  // before the database's name
  std::string description;
  std::string statement;
};

Response make_issue(Call& call, const store::Anomaly& drift, const Asked& asked) {
  const auto database = call.store().databases().get(drift.database);
  if (!database) return problem(database.error());
  change::IssueRequest request;
  request.project = database->project;
  request.kind = asked.kind;
  request.title = asked.title + " " + database->name;
  request.description = asked.description;
  request.statement = asked.statement;
  request.source = source_of(call);
  request.creator = call.user().id;
  change::Target target;
  target.database = database->id;
  request.targets.push_back(std::move(target));
  const auto made = call.services().engine.create(request);
  if (!made) return problem(made.error());
  if (const auto* faults = std::get_if<std::vector<change::RequestFault>>(&*made))
    return problem(409, "The issue cannot be made: " + faults->front().field + " " +
                            faults->front().message + ".");
  return whole_issue(call, std::get<store::IssueState>(*made), 201);
}

Response establish_baseline(Call& call) {
  auto found = live_drift(call);
  if (auto* refused = std::get_if<Response>(&found)) return std::move(*refused);
  const auto& drift = std::get<store::Anomaly>(found);
  return make_issue(call, drift,
                    {policy::IssueKind::kSchemaBaseline, "New baseline of",
                     "Records the live schema. " + drift.detail, ""});
}

// The statements that the binary log named, where they are the whole drift.
store::Result<std::string> adopted_text(Call& call, const store::Anomaly& drift) {
  const auto database = call.store().databases().get(drift.database);
  if (!database) return database.error();
  const auto texts = call.store().anomalies().texts(drift.id);
  if (!texts) return texts.error();
  const auto outside = call.store().outside().of_anomaly(drift.id, kMaxStatements);
  if (!outside) return outside.error();
  std::vector<std::string> statements;
  for (const auto& one : *outside) statements.push_back(one.statement);
  const auto& version = database->schema_version;
  return change::adopted_text({texts->recorded, version}, {texts->live, version}, database->name,
                              statements, drift.adopt_sql);
}

Response adopt(Call& call) {
  auto found = live_drift(call);
  if (auto* refused = std::get_if<Response>(&found)) return std::move(*refused);
  const auto& drift = std::get<store::Anomaly>(found);
  const auto text = adopted_text(call, drift);
  if (!text) return problem(text.error());
  return make_issue(call, drift,
                    {policy::IssueKind::kSchemaBaseline, "Adopt the schema drift of",
                     "Records the live schema with the statements that ran outside Sluice; nothing "
                     "is run. " +
                         drift.detail,
                     *text});
}

Response revert(Call& call) {
  auto found = live_drift(call);
  if (auto* refused = std::get_if<Response>(&found)) return std::move(*refused);
  const auto& drift = std::get<store::Anomaly>(found);
  if (drift.revert_sql.empty())
    return problem(409, "There is no DDL that undoes this drift; establish a new baseline.");
  return make_issue(
      call, drift,
      {policy::IssueKind::kSchemaUpdate, "Revert the schema drift of",
       "Takes the server back to the recorded schema. " + drift.detail, drift.revert_sql});
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/anomalies", "anomalies.list", signed_in(), list_anomalies},
    {"GET", "/api/v1/anomalies/{id}", "anomalies.get",
     in_project(Action::kReadAnomalies, project_of), get_anomaly},
    {"POST", "/api/v1/anomalies/{id}/baseline", "anomalies.baseline",
     in_project(Action::kCreateIssues, project_of), establish_baseline, Lane::kSlow},
    {"POST", "/api/v1/anomalies/{id}/adopt", "anomalies.adopt",
     in_project(Action::kCreateIssues, project_of), adopt, Lane::kSlow},
    {"POST", "/api/v1/anomalies/{id}/revert", "anomalies.revert",
     in_project(Action::kCreateIssues, project_of), revert, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> anomaly_routes() {
  return kRoutes;
}

}  // namespace sluice::http
