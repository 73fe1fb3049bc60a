// People of the workspace, and the API tokens of the caller.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

constexpr std::string_view kRoles = "owner, dba, developer";
constexpr std::chrono::days kTokenLife{365};
constexpr std::chrono::days kLongestTokenLife{3653};  // ten years: a token is to be renewed

Response list_users(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto users = call.store().users(page.after, page.limit + 1);
  if (!users) return problem(users.error());
  return list_more(*users, page, [](const store::User& user) { return to_json(user); });
}

Response get_user(Call& call) {
  const auto found = call.store().user(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(*found));
}

Response create_user(Call& call) {
  Body body(call.request());
  store::NewUser user;
  user.name = body.text("name");
  user.email = read_email(body, "email");
  const std::string password = body.text("password", new_password(call));
  const auto role = body.maybe_choice("role", policy::parse_workspace_role, kRoles);
  if (!body.has("role")) body.missing("role");
  if (auto bad = body.problem()) return *bad;
  user.role = *role;
  user.password_hash = call.services().passwords.hash(password);
  const auto made = call.store().create_user(user, call.now());
  if (!made && made.error().kind == store::Failure::kConflict) {
    return problem(409, "There is a user with that email already.",
                   {{"email", "belongs to another user"}});
  }
  if (!made) return problem(made.error());
  call.services().events.publish({"user", made->id, 0, "created"});
  call.set_detail("email " + made->email + ", role " + std::string(policy::name(made->role)));
  return call.created("/api/v1/users/" + std::to_string(made->id), to_json(*made));
}

std::string changes_of(const store::UserPatch& patch) {
  std::string text;
  if (patch.name) text += "name ";
  if (patch.password_hash) text += "password ";
  if (patch.role) text += "role=" + std::string(policy::name(*patch.role)) + ' ';
  if (patch.active) text += *patch.active ? "active " : "deactivated ";
  if (!text.empty()) text.pop_back();
  return text;
}

Response change_user(Call& call) {
  Body body(call.request());
  store::UserPatch patch;
  patch.name = body.maybe_text("name");
  patch.role = body.maybe_choice("role", policy::parse_workspace_role, kRoles);
  patch.active = body.maybe_flag("active");
  const auto password = body.maybe_text("password", new_password(call));
  if (auto bad = body.problem()) return *bad;
  // Found before the work of hashing.
  if (const auto there = call.store().user(call.id()); !there) return problem(there.error());
  if (password) patch.password_hash = call.services().passwords.hash(*password);
  call.set_detail(changes_of(patch));
  const auto changed = call.store().update_user(call.id(), patch);
  if (!changed) return problem(changed.error());
  if (patch.role || password || !changed->active) call.services().events.end_user(changed->id);
  if (password || !changed->active) {
    const bool own = changed->id == call.user().id;
    const auto ended =
        call.store().end_sessions(changed->id, own ? call.identity().credential.id : 0);
    if (!ended) return problem(ended.error());
  }
  call.services().events.publish({"user", changed->id, 0, "updated"});
  // A human's account is as active as the person.
  return with_data_path(call, answer(200, to_json(*changed)));
}

json::object token_json(const store::Credential& token) {
  return {{"id", token.id},
          {"name", token.name},
          {"created_at", to_text(token.created_at)},
          {"expires_at", to_text(token.expires_at)}};
}

Response list_tokens(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto tokens = call.store().tokens(call.user().id);
  if (!tokens) return problem(tokens.error());
  return list_page(*tokens, page, token_json);
}

Response create_token(Call& call) {
  Body body(call.request());
  store::Credential token;
  token.name = body.text("name");
  const auto until = body.maybe_time("expires_at");
  const store::Time now = call.now();
  if (until && (*until <= now || *until > now + kLongestTokenLife)) {
    body.fault("expires_at", "expected a time from now on, at most ten years ahead");
  }
  if (auto bad = body.problem()) return *bad;
  token.user = call.user().id;
  token.kind = store::CredentialKind::kToken;
  token.created_at = now;
  token.expires_at = until.value_or(now + kTokenLife);
  const std::string text = call.services().make_token();
  const auto added = call.store().add_credential(token, store::token_hash(text));
  if (!added) return problem(added.error());
  token.id = *added;
  auto shown = token_json(token);
  shown["token"] = text;  // this once: only its hash is kept
  return call.created("/api/v1/tokens/" + std::to_string(token.id), shown);
}

Response delete_token(Call& call) {
  const auto done = call.store().delete_credential(call.id(), call.user().id);
  if (!done) return problem(done.error());
  call.services().events.end_credential(call.id());
  return no_content();
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/users", "users.list", workspace(policy::Action::kReadUsers), list_users},
    {"POST", "/api/v1/users", "users.create", workspace(policy::Action::kManageUsers), create_user,
     Lane::kSlow},
    {"GET", "/api/v1/users/{id}", "users.get", workspace(policy::Action::kReadUsers), get_user},
    {"PATCH", "/api/v1/users/{id}", "users.change", workspace(policy::Action::kManageUsers),
     change_user, Lane::kSlow},
    {"GET", "/api/v1/tokens", "tokens.list", signed_in(), list_tokens},
    {"POST", "/api/v1/tokens", "tokens.create", signed_in(), create_token},
    {"DELETE", "/api/v1/tokens/{id}", "tokens.delete", signed_in(), delete_token},
};

}  // namespace

json::object to_json(const store::User& user) {
  return {{"id", user.id},         {"name", user.name},
          {"email", user.email},   {"role", policy::name(user.role)},
          {"active", user.active}, {"created_at", to_text(user.created_at)}};
}

std::string lower_ascii(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

std::string read_email(Body& body, std::string_view field) {
  std::string email = body.text(field, kEmail);
  const auto at = email.find('@');
  const bool good = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                    email.find('@', at + 1) == std::string::npos &&
                    email.find_first_of(" <>\"(),;:\\[]") == std::string::npos;
  if (!email.empty() && !good) body.fault(field, "expected an address as name@example.org");
  return email;
}

std::span<const ApiRoute> user_routes() {
  return kRoutes;
}

}  // namespace sluice::http
