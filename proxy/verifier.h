// Passwords of proxy accounts to the verifiers that are kept instead.
#pragma once

#include <array>
#include <cstdint>

#include "policy/account.h"
#include "proxy/wire/secret.h"
#include "proxy/wire/server_handshake.h"

namespace sluice::proxy {

// `salt` is 20 random bytes (not used by the native plugin). The empty password has the empty
// verifier. REQUIRES: at most wire::kMaxPasswordSize bytes.
[[nodiscard]] policy::Verifier make_verifier(const wire::Secret& password,
                                             wire::AccountVerifier::Plugin plugin,
                                             const std::array<std::uint8_t, 20>& salt);
// From the system's generator.
[[nodiscard]] std::array<std::uint8_t, 20> random_salt();

}  // namespace sluice::proxy
