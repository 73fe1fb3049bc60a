#include "admin/http/handlers/handlers.h"

namespace sluice::http {

std::vector<ApiRoute> api_routes() {
  std::vector<ApiRoute> all;
  for (const auto routes :
       {session_routes(), user_routes(), environment_routes(), instance_routes(), project_routes(),
        account_routes(), audit_routes(), connection_routes(), event_routes(), about_routes(),
        contract_routes(), issue_routes(), task_routes(), change_routes(), database_routes(),
        anomaly_routes(), sql_routes()}) {
    all.insert(all.end(), routes.begin(), routes.end());
  }
  return all;
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
