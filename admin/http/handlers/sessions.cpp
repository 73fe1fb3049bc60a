// Setup of the workspace, sign-in and sign-out, and the caller's own profile.
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

constexpr TextRule kAnyPassword{1, store::kMaxPassword, true};

// How long a session lasts: what the configuration says goes before the workspace's setting.
store::Result<std::chrono::seconds> session_life(Call& call) {
  const auto configured = call.services().session_life;
  if (configured.count() > 0) return configured;
  const auto settings = call.store().settings();
  if (!settings) return settings.error();
  return std::chrono::seconds(std::chrono::hours(settings->session_hours));
}

// A session for who has just proved to be that user: 201 with token and cookie.
Response begin_session(Call& call, const store::User& user) {
  const auto life = session_life(call);
  if (!life) return problem(life.error());
  const std::string token = call.services().make_token();
  store::Credential session;
  session.user = user.id;
  session.name = "session";
  session.created_at = call.now();
  session.expires_at = session.created_at + *life;
  const auto added = call.store().add_credential(session, store::token_hash(token));
  if (!added) return problem(added.error());
  auto response = answer(201, {{"token", token},
                               {"csrf_token", csrf_token(token)},
                               {"expires_at", to_text(session.expires_at)},
                               {"user", to_json(user)}});
  response.headers.emplace_back("Set-Cookie", session_cookie(token, *life, call.request().secure));
  return response;
}

Response set_up(Call& call) {
  Body body(call.request());
  store::NewUser user;
  user.name = body.text("name");
  user.email = read_email(body, "email");
  const std::string password = body.text("password", new_password(call));
  if (auto bad = body.problem()) return *bad;
  const auto taken = call.store().has_users();
  if (!taken) return problem(taken.error());
  const auto refusal = [] {
    return problem(409, "The workspace is set up already; sign in, or ask its owner for a user.");
  };
  if (*taken) return refusal();
  user.password_hash = call.services().passwords.hash(password);
  const auto made = call.store().create_first_user(user, call.now());
  // Of two setups at once, the store lets one win.
  if (!made && made.error().kind == store::Failure::kConflict) return refusal();
  if (!made) return problem(made.error());
  call.set_actor(made->email);
  call.set_target("/api/v1/users/" + std::to_string(made->id));
  return begin_session(call, *made);
}

// Which of the two forms a browser shows.
Response show_setup(Call& call) {
  const auto taken = call.store().has_users();
  if (!taken) return problem(taken.error());
  return answer(200, {{"done", *taken}});
}

Response sign_in(Call& call) {
  Body body(call.request());
  const std::string email = body.text("email", kEmail);
  const std::string password = body.text("password", kAnyPassword);
  if (auto bad = body.problem()) return *bad;
  auto& services = call.services();
  const auto& address = call.request().remote;
  call.set_detail("email " + email);
  const std::string key = lower_ascii(email);
  if (const auto wait = services.throttle.blocked_for(address, key, services.steady_now());
      wait.count() > 0) {
    auto refusal = problem(429, "Too many failed sign-ins; try again in " +
                                    std::to_string(wait.count()) + " seconds.");
    refusal.headers.emplace_back("Retry-After", std::to_string(wait.count()));
    return refusal;
  }
  const auto found = call.store().user_for_sign_in(email);
  if (!found && found.error().kind != store::Failure::kNotFound) return problem(found.error());
  if (!services.passwords.check(password, found ? found->second : std::string())) {
    auto refusal = problem(401,
                           "Email and password do not fit together, or the user is not "
                           "active.");
    refusal.delay = services.throttle.failed(address, key, services.steady_now());
    return refusal;
  }
  services.throttle.succeeded(key);
  call.set_actor(found->first.email);
  return begin_session(call, found->first);
}

Response sign_out(Call& call) {
  const auto& credential = call.identity().credential;
  const auto done = call.store().delete_credential(credential.id, credential.user);
  if (!done) return problem(done.error());
  call.services().events.end_credential(credential.id);
  auto response = no_content();
  response.headers.emplace_back("Set-Cookie", ended_cookie(call.request().secure));
  return response;
}

json::object me(Call& call) {
  auto body = to_json(call.user());
  body["csrf_token"] = call.identity().csrf;
  body["expires_at"] = to_text(call.identity().credential.expires_at);
  json::array permissions;
  for (int i = 0; i < static_cast<int>(policy::Action::kCount); ++i) {
    const auto action = static_cast<policy::Action>(i);
    if (call.may(action)) permissions.emplace_back(policy::name(action));
  }
  body["permissions"] = std::move(permissions);
  return body;
}

Response show_me(Call& call) {
  return answer(200, me(call));
}

// Whether who holds the session also knows the password: a machine left alone must not give the
// workspace away for good.
bool knows_password(Call& call, const std::string& password) {
  const auto found = call.store().user_for_sign_in(call.user().email);
  return call.services().passwords.check(password, found ? found->second : std::string());
}

Response change_me(Call& call) {
  Body body(call.request());
  store::UserPatch patch;
  patch.name = body.maybe_text("name");
  const auto password = body.maybe_text("password", new_password(call));
  const auto current = body.maybe_text("current_password", kAnyPassword);
  if (password && !current) body.missing("current_password");
  if (auto bad = body.problem()) return *bad;
  if (password) {
    auto& services = call.services();
    const auto& email = call.user().email;
    if (services.throttle.blocked_for(call.request().remote, email, services.steady_now()).count() >
            0 ||
        !knows_password(call, *current)) {
      auto refusal = problem(403, "The current password is not right; nothing was changed.");
      refusal.delay = services.throttle.failed(call.request().remote, email, services.steady_now());
      return refusal;
    }
    patch.password_hash = services.passwords.hash(*password);
    call.set_detail("password");
  }
  const auto changed = call.store().update_user(call.user().id, patch);
  if (!changed) return problem(changed.error());
  if (password) {
    const auto ended = call.store().end_sessions(call.user().id, call.identity().credential.id);
    if (!ended) return problem(ended.error());
    call.services().events.end_user(call.user().id);
  }
  return answer(200, to_json(*changed));
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/setup", "setup.read", anybody(), show_setup},
    {"POST", "/api/v1/setup", "setup", anybody(), set_up, Lane::kSlow},
    {"POST", "/api/v1/sessions", "sessions.create", anybody(), sign_in, Lane::kSlow},
    {"DELETE", "/api/v1/sessions/current", "sessions.end", signed_in(), sign_out},
    {"GET", "/api/v1/me", "me.read", signed_in(), show_me},
    {"PATCH", "/api/v1/me", "me.change", signed_in(), change_me, Lane::kSlow},
};

}  // namespace

std::span<const ApiRoute> session_routes() {
  return kRoutes;
}

}  // namespace sluice::http
