// The frame of every handler: who asks, whether they may, the handler, the audit log. One row a
// route:
//
//   method, pattern, operation, guard, handler [, lane]
//
// The guard names the row of policy/access that must allow it. `operation` is the operation's id in
// openapi.yaml and the action's name in the audit log, where every call stands: what changes
// something and what was denied before it is answered, what only asks by audit_trail.h.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http/auth.h"
#include "admin/http/json.h"
#include "admin/http/router.h"
#include "admin/http/services.h"

namespace sluice::http {

class Call;

// Who may call. Made by the functions below.
struct Guard {
  enum class Scope : std::uint8_t {
    kPublic,     // anybody; the handler checks what there is to check
    kSignedIn,   // who is signed in; the handler shows each what they may see
    kWorkspace,  // who has the action in the workspace
    kProject,    // who has it in the project that `project` finds
  };
  Scope scope = Scope::kPublic;
  policy::Action action{};
  // The project that the path is about. A fault of the store is the answer.
  store::Result<store::Id> (*project)(Call&) = nullptr;
};
[[nodiscard]] constexpr Guard anybody() {
  return {};
}
[[nodiscard]] constexpr Guard signed_in() {
  return {Guard::Scope::kSignedIn, {}, nullptr};
}
[[nodiscard]] constexpr Guard workspace(policy::Action action) {
  return {Guard::Scope::kWorkspace, action, nullptr};
}
[[nodiscard]] constexpr Guard in_project(policy::Action action,
                                         store::Result<store::Id> (*project)(Call&)) {
  return {Guard::Scope::kProject, action, project};
}

struct ApiRoute {
  std::string_view method;
  std::string_view pattern;
  std::string_view operation;
  Guard guard;
  Response (*handler)(Call&);
  Lane lane = Lane::kQuick;
  bool only_asks = false;  // changes nothing though it is no GET: a preview, asked while one types
};

// Every route of the API: the tables of the files in handlers/, joined in routes.cpp.
[[nodiscard]] std::vector<ApiRoute> api_routes();

// One call, as its handler sees it. One thread; it lives as long as the handler runs.
class Call {
 public:
  Call(Services& services, const Request& request) : services_(services), request_(request) {}

  [[nodiscard]] Services& services() const noexcept { return services_; }
  [[nodiscard]] store::Store& store() const noexcept { return services_.store; }
  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] store::Time now() const { return services_.now(); }

  // REQUIRES: the guard is not kPublic.
  [[nodiscard]] const Identity& identity() const { return identity_.value(); }
  [[nodiscard]] const store::User& user() const { return identity_.value().user; }

  // The number in the path; 0, the id of nothing, when it is none.
  [[nodiscard]] store::Id id(std::string_view param = "id") const;
  // The text of the query's parameter; empty: it is not there.
  [[nodiscard]] std::string query(std::string_view name) const;

  // Whether the caller may do this in that project (0: what is about no project), beyond what the
  // guard has asked. When the store does not answer: no.
  [[nodiscard]] bool may(policy::Action action, store::Id project = 0);
  // 403. It goes into the audit log.
  [[nodiscard]] Response denied(policy::Action action);

  // What the audit log says beside the operation; by default the path, and nothing.
  void set_target(std::string target) { target_ = std::move(target); }
  void set_detail(std::string detail) { detail_ = std::move(detail); }
  void set_actor(std::string email) { actor_ = std::move(email); }
  // 201 with Location; `path` is the new thing's, and the audit log's target.
  [[nodiscard]] Response created(std::string path, const json::value& body);

 private:
  friend class Api;
  Services& services_;
  const Request& request_;
  std::optional<Identity> identity_;
  std::map<store::Id, policy::ProjectRole> roles_;
  std::string actor_;
  std::string target_;
  std::string detail_;
};

// The rows as routes of a router. `services` and this object must outlive it; any thread.
class Api {
 public:
  Api(Services& services, std::vector<ApiRoute> rows)
      : services_(services), rows_(std::move(rows)) {}

  [[nodiscard]] std::vector<Route> routes();
  [[nodiscard]] Response serve(const ApiRoute& row, const Request& request);

 private:
  // An address' calls without a valid credential are audited once a minute: more would let anybody
  // fill the log.
  static constexpr std::size_t kMaxStrangers = 10000;

  [[nodiscard]] std::optional<Response> identify(Call& call, const ApiRoute& row) const;
  [[nodiscard]] std::optional<Response> admit(Call& call, const ApiRoute& row) const;
  [[nodiscard]] Response record(Call& call, const ApiRoute& row, Response response);
  [[nodiscard]] bool known_stranger(const std::string& address);

  Services& services_;
  std::vector<ApiRoute> rows_;
  std::mutex mutex_;
  std::map<std::string, store::Time> strangers_;  // when they were audited last
};

}  // namespace sluice::http
