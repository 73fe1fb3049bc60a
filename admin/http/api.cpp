#include "admin/http/api.h"

#include "admin/store/seal.h"

namespace sluice::http {
namespace {

constexpr std::size_t kMaxDetail = 1000;  // bytes of the audit log's detail

Response unauthorized() {
  auto refusal = problem(401,
                         "Sign in: send Authorization: Bearer TOKEN; POST /api/v1/sessions "
                         "gives a token.");
  refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
  return refusal;
}

std::string_view outcome_of(unsigned status) {
  if (status < 400) return "done";
  return status == 401 || status == 403 || status == 429 ? "denied" : "failed";
}

}  // namespace

store::Id Call::id(std::string_view param) const {
  const auto found = request_.params.find(param);
  return found == request_.params.end() ? 0 : parse_id(found->second);
}

std::string Call::query(std::string_view name) const {
  const auto found = request_.query.find(name);
  return found == request_.query.end() ? std::string() : found->second;
}

bool Call::may(policy::Action action, store::Id project) {
  policy::Subject subject{user().role, policy::ProjectRole::kNone};
  if (policy::may(subject, action)) return true;
  if (project == 0) return false;
  auto found = roles_.find(project);
  if (found == roles_.end()) {
    const auto role = store().member_role(project, user().id);
    found = roles_.emplace(project, role ? *role : policy::ProjectRole::kNone).first;
  }
  subject.project = found->second;
  return policy::may(subject, action);
}

Response Call::denied(policy::Action action) {
  return problem(403, "This needs the permission " + std::string(policy::name(action)) +
                          ", which your role does not have; ask an owner of the workspace or of "
                          "the project.");
}

Response Call::created(std::string path, const json::value& body) {
  auto response = answer(201, body);
  response.headers.emplace_back("Location", path);
  target_ = std::move(path);
  return response;
}

std::vector<Route> Api::routes() {
  std::vector<Route> routes;
  for (const ApiRoute& row : rows_) {
    routes.push_back({std::string(row.method), std::string(row.pattern),
                      [this, &row](const Request& request) { return serve(row, request); },
                      row.lane});
  }
  return routes;
}

std::optional<Response> Api::identify(Call& call, const ApiRoute& row) const {
  const auto presented = presented_credential(call.request());
  if (!presented || presented->token.empty()) return unauthorized();
  auto found = services_.store.find_credential(store::token_hash(presented->token), call.now());
  if (!found) {
    if (found.error().kind == store::Failure::kNotFound) return unauthorized();
    return problem(found.error());
  }
  call.identity_ =
      Identity{std::move(found->first), std::move(found->second), csrf_token(presented->token)};
  call.actor_ = call.identity_->user.email;
  if (presented->by_cookie && row.method != "GET" && !csrf_holds(call.request(), *presented)) {
    return problem(403,
                   "The X-CSRF-Token header is missing or wrong: send the csrf_token of GET "
                   "/api/v1/me.");
  }
  return std::nullopt;
}

std::optional<Response> Api::admit(Call& call, const ApiRoute& row) const {
  if (row.guard.scope == Guard::Scope::kPublic) return std::nullopt;
  if (auto refusal = identify(call, row)) return refusal;
  store::Id project = 0;
  switch (row.guard.scope) {
    case Guard::Scope::kPublic:
    case Guard::Scope::kSignedIn: return std::nullopt;
    case Guard::Scope::kWorkspace: break;
    case Guard::Scope::kProject: {
      const auto found = row.guard.project(call);
      if (!found) return problem(found.error());
      project = *found;
      break;
    }
  }
  if (!call.may(row.guard.action, project)) return call.denied(row.guard.action);
  return std::nullopt;
}

bool Api::known_stranger(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto now = services_.now();
  if (strangers_.size() >= kMaxStrangers) strangers_.clear();
  auto& last = strangers_[address];
  // Also when the clock was set back.
  if (last <= now && now - last < std::chrono::minutes(1)) return true;
  last = now;
  return false;
}

Response Api::record(Call& call, const ApiRoute& row, Response response) {
  const std::string_view outcome = outcome_of(response.status);
  const bool only_asks = (row.method == "GET" || row.only_asks) && outcome != "denied";
  // What anybody may read says nothing of the workspace.
  if (only_asks && row.guard.scope == Guard::Scope::kPublic) return response;
  const bool stranger = !call.identity_ && row.guard.scope != Guard::Scope::kPublic;
  if (stranger && known_stranger(call.request().remote)) return response;
  store::AuditEntry entry;
  entry.time = call.now();
  entry.actor = call.actor_;
  entry.action = row.operation;
  entry.target = call.target_.empty() ? call.request().path : call.target_;
  entry.target.resize(std::min(entry.target.size(), kMaxDetail));
  entry.outcome = outcome;
  entry.detail = "status " + std::to_string(response.status) + ", from " + call.request().remote;
  if (!call.detail_.empty()) entry.detail += "; " + call.detail_.substr(0, kMaxDetail);
  if (only_asks) {
    if (services_.trail.read(std::move(entry))) return response;
    return problem(503, "The audit log cannot be written; try again when the store answers.");
  }
  const auto kept = services_.store.append_audit(std::move(entry));
  if (kept) return response;
  services_.log_error("audit_failed", std::string(row.operation) + ": " + kept.error().detail);
  if (outcome != "done") return response;
  return problem(503,
                 "It was done, but could not be written to the audit log; see what is there "
                 "before you try again.");
}

Response Api::serve(const ApiRoute& row, const Request& request) {
  Call call(services_, request);
  auto refusal = admit(call, row);
  Response response = refusal ? std::move(*refusal) : row.handler(call);
  return record(call, row, std::move(response));
}

}  // namespace sluice::http
