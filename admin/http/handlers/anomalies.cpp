// What scans found.
#include "admin/http/handlers/handlers.h"

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
  for (const auto& [name, into] :
       {std::pair{"instance", &filter.instance}, std::pair{"database", &filter.database},
        std::pair{"project", &filter.project}}) {
    if (call.query(name).empty()) continue;
    *into = parse_id(call.query(name));
    if (*into == 0) return problem(400, "The filter " + std::string(name) + " takes a number.");
  }
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
  auto shown = to_json(*anomaly);
  shown["diff"] = anomaly->diff;
  shown["recorded"] = texts->recorded;
  shown["live"] = texts->live;
  shown["revert"] = anomaly->revert_sql;
  shown["adopt"] = anomaly->adopt_sql;
  return answer(200, shown);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/anomalies", "anomalies.list", signed_in(), list_anomalies},
    {"GET", "/api/v1/anomalies/{id}", "anomalies.get",
     in_project(Action::kReadAnomalies, project_of), get_anomaly},
};

}  // namespace

std::span<const ApiRoute> anomaly_routes() {
  return kRoutes;
}

}  // namespace sluice::http
