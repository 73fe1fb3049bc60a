// caching_sha2_password and sha256_password arithmetic.
//
// Fast:  the server keeps SHA256(SHA256(password)); the client answers
//        SHA256(password) XOR SHA256(SHA256(SHA256(password)), nonce).
// Full:  the password itself, over TLS or a Unix socket; or XORed with the nonce and encrypted with
//        the server's RSA key (OAEP, SHA-1). The server compares with "$A$005$" salt digest, the
//        SHA-256 crypt (Drepper) with a 20-byte salt and 1000 x 0x005 rounds.
// MySQL Reference Manual, "Caching SHA-2 Pluggable Authentication"; Internals, the same title.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "proxy/wire/bytes.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/secret.h"

namespace sluice::wire {

inline constexpr std::size_t kSha256Size = 32;
using FastVerifier = std::array<std::uint8_t, kSha256Size>;

inline constexpr std::uint8_t kRequestPublicKey = 0x02;  // the client's byte, caching_sha2_password
inline constexpr std::uint8_t kRequestPublicKeySha256 = 0x01;  // and in sha256_password
inline constexpr std::uint8_t kFastAuthOk = 0x03;              // behind AuthMoreData's header
inline constexpr std::uint8_t kFullAuthNeeded = 0x04;

// SHA256(SHA256(password)): enough for the fast path, useless for logging in elsewhere by full
// path.
[[nodiscard]] FastVerifier fast_verifier(std::string_view password);
[[nodiscard]] Buffer fast_response(std::string_view password, const Nonce& nonce);  // empty for ""
[[nodiscard]] bool check_fast(Bytes response, const Nonce& nonce, const FastVerifier& verifier);

// The authentication_string of mysql.user.
struct FullVerifier {
  std::uint32_t rounds = 5000;
  std::array<std::uint8_t, 20> salt{};
  std::array<char, 43> digest{};

  friend bool operator==(const FullVerifier&, const FullVerifier&) = default;
};
// Bounds on what a stored text may ask for; MySQL's own are the same.
inline constexpr std::uint32_t kMinRounds = 5000;
inline constexpr std::uint32_t kMaxRounds = 4095000;
[[nodiscard]] Result<FullVerifier> parse_full_verifier(std::string_view text);
[[nodiscard]] std::string to_text(const FullVerifier& verifier);
// Costs milliseconds, by design. REQUIRES: salt bytes are 1..127 without '$' (make_salt's are).
[[nodiscard]] FullVerifier full_verifier(std::string_view password,
                                         const std::array<std::uint8_t, 20>& salt,
                                         std::uint32_t rounds = 5000);
// Turns 20 random bytes into salt characters.
[[nodiscard]] std::array<std::uint8_t, 20> make_salt(const std::array<std::uint8_t, 20>& random);
[[nodiscard]] bool check_full(std::string_view password, const FullVerifier& verifier);

// Passwords longer than this are refused, as the server does (MAX_PLAINTEXT_LENGTH).
inline constexpr std::size_t kMaxPasswordSize = 256;

// password and its zero byte, XORed with the nonce over and over: the same operation both ways.
void xor_with_nonce(std::span<std::uint8_t> password, const Nonce& nonce) noexcept;
// What a client sends over a plain connection. Errors: kCrypto for a key that is not an RSA public
// key in PEM, or too small for the password.
[[nodiscard]] Result<Buffer> encrypt_password(std::string_view password, const Nonce& nonce,
                                              std::string_view public_key_pem);

}  // namespace sluice::wire
