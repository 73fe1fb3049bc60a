#include "proxy/verifier.h"

#include <stdexcept>
#include <string>

#include <openssl/rand.h>

#include "proxy/wire/auth_caching_sha2.h"
#include "proxy/wire/auth_native.h"

namespace sluice::proxy {
namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0x0FU];
  }
  return text;
}

}  // namespace

policy::Verifier make_verifier(const wire::Secret& password, wire::AccountVerifier::Plugin plugin,
                               const std::array<std::uint8_t, 20>& salt) {
  if (password.empty()) return {};
  if (plugin == wire::AccountVerifier::Plugin::kNative) {
    return {wire::to_text(wire::native_verifier(password.reveal())), ""};
  }
  const std::string text =
      wire::to_text(wire::full_verifier(password.reveal(), wire::make_salt(salt)));
  // In hex: the salt may hold bytes that no text file keeps.
  return {"0x" + hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}),
          hex(wire::fast_verifier(password.reveal()))};
}

std::array<std::uint8_t, 20> random_salt() {
  std::array<std::uint8_t, 20> salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
    throw std::runtime_error("the system gives no random bytes");
  }
  return salt;
}

}  // namespace sluice::proxy
