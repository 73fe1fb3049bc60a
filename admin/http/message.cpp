#include "admin/http/message.h"

#include <boost/beast/http/status.hpp>
#include <boost/json.hpp>

namespace sluice::http {

Response problem(unsigned status, std::string_view detail, const std::vector<FieldError>& errors) {
  const auto title = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  boost::json::object body{{"type", "about:blank"},
                           {"title", std::string_view(title.data(), title.size())},
                           {"status", status},
                           {"detail", detail}};
  if (!errors.empty()) {
    boost::json::array list;
    for (const auto& error : errors) {
      list.push_back({{"field", error.field}, {"message", error.message}});
    }
    body["errors"] = std::move(list);
  }
  return {status, "application/problem+json", boost::json::serialize(body), {}};
}

}  // namespace sluice::http
