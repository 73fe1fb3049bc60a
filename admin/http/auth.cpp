#include "admin/http/auth.h"

#include <openssl/crypto.h>

#include "admin/store/seal.h"

namespace sluice::http {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The value of that cookie (RFC 6265 section 4.2); empty: it is not there.
std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const std::string_view pair = trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
  }
  return {};
}

bool is_bearer(std::string_view header) {
  if (header.size() < kBearer.size()) return false;
  for (std::size_t i = 0; i < kBearer.size(); ++i) {
    const char c =
        header[i] >= 'A' && header[i] <= 'Z' ? static_cast<char>(header[i] + 32) : header[i];
    const char wanted = kBearer[i] == 'B' ? 'b' : kBearer[i];
    if (c != wanted) return false;
  }
  return true;
}

std::string attributes(bool secure) {
  return std::string("; Path=/; HttpOnly; SameSite=Strict") + (secure ? "; Secure" : "");
}

}  // namespace

std::optional<Presented> presented_credential(const Request& request) {
  const std::string_view header = request.header("authorization");
  if (!header.empty()) {
    if (!is_bearer(header)) return Presented{"", false};  // a scheme that we do not know
    return Presented{std::string(trim(header.substr(kBearer.size()))), false};
  }
  const std::string_view token = cookie(request.header("cookie"), kSessionCookie);
  if (token.empty()) return std::nullopt;
  return Presented{std::string(token), true};
}

std::string csrf_token(std::string_view token) {
  return store::sha256_hex("sluice csrf " + std::string(token));
}

bool csrf_holds(const Request& request, const Presented& presented) {
  const std::string expected = csrf_token(presented.token);
  const std::string_view sent = request.header(kCsrfHeader);
  return sent.size() == expected.size() &&
         CRYPTO_memcmp(sent.data(), expected.data(), expected.size()) == 0;
}

std::string session_cookie(std::string_view token, std::chrono::seconds life, bool secure) {
  return std::string(kSessionCookie) + '=' + std::string(token) +
         "; Max-Age=" + std::to_string(life.count()) + attributes(secure);
}

std::string ended_cookie(bool secure) {
  return std::string(kSessionCookie) + "=; Max-Age=0" + attributes(secure);
}

}  // namespace sluice::http
