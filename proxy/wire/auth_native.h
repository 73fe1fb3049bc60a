// mysql_native_password arithmetic. The server keeps SHA1(SHA1(password)) and sends a nonce; the
// client answers SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password))); an empty password answers
// nothing. MySQL Internals, "Native Authentication".
#pragma once

#include <array>
#include <optional>

#include "proxy/wire/bytes.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/secret.h"

namespace sluice::wire {

inline constexpr std::size_t kSha1Size = 20;
using NativeVerifier = std::array<std::uint8_t, kSha1Size>;

// SHA1(SHA1(password)).
[[nodiscard]] NativeVerifier native_verifier(std::string_view password);
// From "*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29", as the server's tables show it; nothing for
// another form.
[[nodiscard]] std::optional<NativeVerifier> parse_native_verifier(std::string_view text);
[[nodiscard]] std::string to_text(const NativeVerifier& verifier);

// The client's answer; empty for the empty password.
[[nodiscard]] Buffer native_response(std::string_view password, const Nonce& nonce);
// In constant time for responses of the right size.
[[nodiscard]] bool check_native(Bytes response, const Nonce& nonce, const NativeVerifier& verifier);

}  // namespace sluice::wire
