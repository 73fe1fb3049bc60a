// Who asks: a bearer token, or the console's cookie with the header that another site cannot set.
//
//   API client   Authorization: Bearer TOKEN
//   console      Cookie: sluice_session=TOKEN (HttpOnly, SameSite=Strict, Secure over TLS), and
//                X-CSRF-Token for every method but GET
//
// The CSRF token is made of the session's token by a hash, so that it needs no place in the store.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "admin/http/message.h"
#include "admin/store/store.h"

namespace sluice::http {

inline constexpr std::string_view kSessionCookie = "sluice_session";
inline constexpr std::string_view kCsrfHeader = "x-csrf-token";

struct Presented {
  std::string token;
  bool by_cookie = false;
};

// The credential of a request, unchecked. The Authorization header goes before the cookie.
[[nodiscard]] std::optional<Presented> presented_credential(const Request& request);
[[nodiscard]] std::string csrf_token(std::string_view token);
// Whether a request that came by cookie may change something. Constant time in the header.
[[nodiscard]] bool csrf_holds(const Request& request, const Presented& presented);

// Values of Set-Cookie.
[[nodiscard]] std::string session_cookie(std::string_view token, std::chrono::seconds life,
                                         bool secure);
[[nodiscard]] std::string ended_cookie(bool secure);

// Who a request is from, once the store has found its credential.
struct Identity {
  store::User user;
  store::Credential credential;
  std::string csrf;  // to be sent in X-CSRF-Token by who uses the cookie
};

}  // namespace sluice::http
