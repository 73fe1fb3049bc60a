// Method and pattern to handler, as a table. Patterns are paths whose segments are fixed or
// {named}: "/api/v1/users/{id}".
//
// route() may be called on any thread once the table stands; handlers run on the caller's.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http/message.h"

namespace sluice::http {

using Handler = std::function<Response(const Request&)>;

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
};

class Router {
 public:
  // REQUIRES: no two routes have the same method and pattern.
  explicit Router(std::vector<Route> routes);

  // The handler's answer; 404 for an unknown path, 405 with Allow for a known one, 400 for a path
  // or query that is not percent-encoded right. `target` is the request line's.
  [[nodiscard]] Response route(std::string_view target, Request request) const;
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace sluice::http
