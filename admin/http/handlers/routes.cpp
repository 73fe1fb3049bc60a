#include "admin/http/handlers/handlers.h"

namespace sluice::http {

std::vector<ApiRoute> api_routes() {
  std::vector<ApiRoute> all;
  for (const auto routes :
       {session_routes(),  user_routes(),     environment_routes(), instance_routes(),
        project_routes(),  account_routes(),  audit_routes(),       connection_routes(),
        digest_routes(),   event_routes(),    settings_routes(),    about_routes(),
        contract_routes(), issue_routes(),    rollback_routes(),    task_routes(),
        change_routes(),   database_routes(), anomaly_routes(),     sql_routes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
}

std::vector<FieldError> read_ids(const Call& call,
                                 std::initializer_list<std::pair<const char*, store::Id*>> fields) {
  std::vector<FieldError> errors;
  for (const auto& [field, id] : fields) {
    const auto text = call.query(field);
    if (text.empty()) continue;
    *id = parse_id(text);
    if (*id == 0) errors.push_back({field, "expected an id"});
  }
  return errors;
}

Response bad_query(const std::vector<FieldError>& errors) {
  return problem(400, "The query cannot be used; see `errors`.", errors);
}

Response with_data_path(Call& call, Response done) {
  const auto trouble = call.services().data_path.refresh();
  if (!trouble) return done;
  call.set_detail("the data path did not follow: " + *trouble);
  // RFC 9110 has no field for it since Warning was retired; the console shows this one.
  std::string line = *trouble;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  done.headers.emplace_back("X-Sluice-Warning", std::move(line));
  return done;
}

}  // namespace sluice::http
