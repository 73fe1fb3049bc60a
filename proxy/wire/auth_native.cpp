#include "proxy/wire/auth_native.h"

#include <algorithm>
#include <new>

#include <openssl/evp.h>

namespace sluice::wire {
namespace {

using Sha1 = std::array<std::uint8_t, kSha1Size>;

// Up to two runs, one after the other. Wiping is the caller's.
Sha1 sha1(Bytes a, Bytes b = {}) {
  Sha1 digest{};
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool done = context != nullptr && EVP_DigestInit_ex(context, EVP_sha1(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, a.data(), a.size()) == 1 &&
                    EVP_DigestUpdate(context, b.data(), b.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  if (!done) throw std::bad_alloc();  // SHA-1 itself cannot fail
  return digest;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

NativeVerifier native_verifier(std::string_view password) {
  Sha1 once = sha1(as_bytes(password));
  const Sha1 twice = sha1(once);
  wipe(once);
  return twice;
}

std::optional<NativeVerifier> parse_native_verifier(std::string_view text) {
  NativeVerifier verifier{};
  if (text.size() != 1 + 2 * kSha1Size || text[0] != '*') return std::nullopt;
  for (std::size_t i = 0; i < kSha1Size; ++i) {
    const int high = hex_digit(text[1 + 2 * i]);
    const int low = hex_digit(text[2 + 2 * i]);
    if (high < 0 || low < 0) return std::nullopt;
    verifier[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return verifier;
}

std::string to_text(const NativeVerifier& verifier) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "*";
  for (const std::uint8_t byte : verifier) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Buffer native_response(std::string_view password, const Nonce& nonce) {
  if (password.empty()) return {};
  Sha1 once = sha1(as_bytes(password));
  const Sha1 twice = sha1(once);
  const Sha1 mask = sha1(nonce, twice);
  Buffer response(kSha1Size);
  for (std::size_t i = 0; i < kSha1Size; ++i)
    response[i] = static_cast<std::uint8_t>(once[i] ^ mask[i]);
  wipe(once);
  return response;
}

bool check_native(Bytes response, const Nonce& nonce, const NativeVerifier& verifier) {
  if (response.size() != kSha1Size) return false;
  Sha1 once = sha1(nonce, verifier);
  for (std::size_t i = 0; i < kSha1Size; ++i)
    once[i] = static_cast<std::uint8_t>(once[i] ^ response[i]);
  const bool equal = equal_constant_time(sha1(once), verifier);
  wipe(once);
  return equal;
}

}  // namespace sluice::wire
