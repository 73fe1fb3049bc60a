// Secrets at rest and passwords of people, over libsodium.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "admin/store/database.h"

namespace sluice::store {

// Seals secrets with the key of a file that is not in the database. The key is wiped at its end.
class Sealer {
 public:
  static constexpr std::size_t kKeySize = 32;
  explicit Sealer(const std::array<std::uint8_t, kKeySize>& key);
  ~Sealer();
  Sealer(const Sealer&) = delete;
  Sealer& operator=(const Sealer&) = delete;

  // Base64 of a random nonce and the secretbox (XSalsa20-Poly1305).
  [[nodiscard]] std::string seal(std::string_view secret) const;
  // kWrongKey when it was sealed with another key, or changed.
  [[nodiscard]] Result<std::string> open(std::string_view sealed) const;
  // A hash (BLAKE2b, hex) that only who has the key can compute: of texts that may hold a password,
  // which a plain hash would give away to whoever tries likely ones.
  [[nodiscard]] std::string keyed_hash(std::string_view bytes) const;

 private:
  std::array<std::uint8_t, kKeySize> key_;
};

// Reads the key file (64 hex digits), or makes it with mode 0600 when it does not exist. Refused
// when others than its owner may read it.
[[nodiscard]] Result<std::unique_ptr<Sealer>> open_key_file(const std::string& path);

inline constexpr std::size_t kMinPassword = 8;           // bytes
inline constexpr std::size_t kMaxPassword = 1024;        // bytes; more is no password
inline constexpr std::size_t kMaxAccountPassword = 256;  // bytes, as the MySQL protocol has it

// argon2id with libsodium's interactive limits: 64 MiB and some 100 ms, by design.
[[nodiscard]] std::string hash_password(std::string_view password);
[[nodiscard]] bool check_password(std::string_view password, const std::string& hash);

// 256 random bits, for sessions and API tokens; and what is kept of one: its SHA-256 in hex
// (enough, as nobody guesses 256 bits).
[[nodiscard]] std::string make_token();
[[nodiscard]] std::string token_hash(std::string_view token);
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace sluice::store
