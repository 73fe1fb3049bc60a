// Method and pattern to handler, as a table. Patterns are paths whose segments are fixed or
// {named}: "/api/v1/users/{id}".
//
// route() and lane() may be called on any thread once the table stands; handlers run on the
// caller's.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http/message.h"

namespace sluice::http {

using Handler = std::function<Response(const Request&)>;

// Which threads a handler runs on, so that those that wait for something slow stop nobody else.
enum class Lane : std::uint8_t {
  kInline,  // the server's own thread: never blocks (health, metrics)
  kQuick,   // waits for the store
  kSlow,    // waits for database servers, or works for long (hashing passwords)
};

struct Route {
  std::string method;
  std::string pattern;
  Handler handler;
  Lane lane = Lane::kQuick;
};

class Router {
 public:
  // Told of every answer, on the handler's thread; `pattern` is empty when no route matched.
  using Observer = std::function<void(std::string_view method, std::string_view pattern,
                                      unsigned status, std::chrono::microseconds)>;

  // `pages`, where there is one, answers a GET of a path below no route and not below /api/, on the
  // server's own thread. REQUIRES: no two routes have the same method and pattern.
  explicit Router(std::vector<Route> routes, Observer observer = {}, Handler pages = {});

  // The handler's answer; 404 for an unknown path, 405 with Allow for a known one, 400 for a path
  // or query that is not percent-encoded right. `target` is the request line's.
  [[nodiscard]] Response route(std::string_view target, Request request) const;
  // Where route() should be called for it. kInline for what has no handler.
  [[nodiscard]] Lane lane(std::string_view target, std::string_view method) const;
  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  struct Match;
  [[nodiscard]] Match match(std::string_view target, Request& request) const;
  [[nodiscard]] Response run(const Match& match, const Request& request) const;

  std::vector<Route> routes_;
  Observer observer_;
  std::optional<Route> pages_;
};

}  // namespace sluice::http
