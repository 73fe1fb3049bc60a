// Settings of the workspace: what its owners change here, for every program of it.
#include <boost/url/parse.hpp>

#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

using policy::Action;

constexpr TextRule kWorkspaceName{0, 60, false};
constexpr TextRule kUrl{0, 500, false};
// Longer ones would keep people out who use a password manager with its usual 16 to 64.
constexpr std::int64_t kLongestMinimum = 64;

std::string configured_url(Call& call) {
  return call.services().about ? call.services().about().public_url : std::string();
}

Response shown(Call& call, const store::WorkspaceSettings& settings) {
  const std::string fixed = configured_url(call);
  const std::int64_t seconds = call.services().session_life.count();
  return answer(200, {{"name", settings.name},
                      {"public_url", fixed.empty() ? settings.public_url : fixed},
                      {"public_url_configured", !fixed.empty()},
                      {"min_password_length", settings.min_password_length},
                      {"session_hours", settings.session_hours},
                      {"session_seconds_configured",
                       seconds > 0 ? json::value(seconds) : json::value(nullptr)}});
}

Response get_settings(Call& call) {
  const auto settings = call.store().settings();
  if (!settings) return problem(settings.error());
  return shown(call, *settings);
}

// The address without a '/' at its end, or nothing: it is none that a browser could open with a
// path behind it.
std::optional<std::string> console_address(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  if (text.empty()) return text;
  const auto url = boost::urls::parse_uri(text);
  const bool good = url.has_value() && (url->scheme() == "http" || url->scheme() == "https") &&
                    !url->host().empty() && !url->has_query() && !url->has_fragment() &&
                    !url->has_userinfo();
  return good ? std::optional(text) : std::nullopt;
}

Response change_settings(Call& call) {
  auto settings = call.store().settings();
  if (!settings) return problem(settings.error());
  Body body(call.request());
  if (auto name = body.maybe_text("name", kWorkspaceName)) settings->name = std::move(*name);
  if (auto url = body.maybe_text("public_url", kUrl)) {
    auto address = console_address(std::move(*url));
    if (!configured_url(call).empty()) {
      body.fault("public_url",
                 "is given by admin.public_url of the configuration; change or remove it there");
    } else if (!address) {
      body.fault("public_url",
                 "expected http://HOST or https://HOST, with a path where there is one, and "
                 "without user, query and fragment");
    } else {
      settings->public_url = std::move(*address);
    }
  }
  if (const auto length = body.maybe_integer(
          "min_password_length", static_cast<std::int64_t>(store::kMinPassword), kLongestMinimum)) {
    settings->min_password_length = *length;
  }
  if (const auto hours = body.maybe_integer("session_hours", 1, store::kMaxSessionHours)) {
    if (call.services().session_life.count() > 0) {
      body.fault("session_hours",
                 "is given by admin.session_seconds of the configuration; change or remove it "
                 "there");
    }
    settings->session_hours = *hours;
  }
  if (auto bad = body.problem()) return *bad;
  if (auto done = call.store().set_settings(*settings); !done) return problem(done.error());
  call.set_detail("name '" + settings->name + "', public_url '" + settings->public_url +
                  "', min_password_length " + std::to_string(settings->min_password_length) +
                  ", session_hours " + std::to_string(settings->session_hours));
  call.services().events.publish({"settings", 0, 0, "updated"});
  return shown(call, *settings);
}

constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/settings", "settings.get", signed_in(), get_settings},
    {"PATCH", "/api/v1/settings", "settings.change", workspace(Action::kManageWorkspace),
     change_settings},
};

}  // namespace

std::span<const ApiRoute> settings_routes() {
  return kRoutes;
}

TextRule new_password(Call& call) {
  TextRule rule{store::kMinPassword, store::kMaxPassword, true};
  if (const auto settings = call.store().settings()) {
    rule.min = static_cast<std::size_t>(settings->min_password_length);
  }
  return rule;
}

}  // namespace sluice::http
