// Contexts of TLS from configuration, and the RSA key of caching_sha2_password logins over plain
// connections. Contexts are immutable once made and shared: a reload makes a new one, and
// connections that exist keep theirs. Everything here may block (files, key generation): start and
// reload only, except RsaKey::decrypt (about a millisecond).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy/net/config.h"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct evp_pkey_st EVP_PKEY;

namespace sluice::net {

// What OpenSSL's error queue of this thread says, and clears it.
[[nodiscard]] std::string openssl_error();

// A context, or why there is none (naming the file).
struct TlsContext {
  std::shared_ptr<SSL_CTX> context;
  std::string error;
};
[[nodiscard]] TlsContext make_server_context(const ServerTlsConfig& config);

struct ClientTlsFiles {
  bool verify = false;
  std::string ca_file;  // empty and verify: the system's
  std::string certificate_file;
  std::string key_file;
  // The same as PEM texts, for what is kept in a store; each is used instead of its file.
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
};
[[nodiscard]] TlsContext make_client_context(const ClientTlsFiles& files);

// Any thread.
class RsaKey {
 public:
  [[nodiscard]] static std::shared_ptr<const RsaKey> generate();  // throws when OpenSSL cannot
  [[nodiscard]] const std::string& public_pem() const noexcept { return public_pem_; }
  // OAEP with SHA-1, as the protocol wants it. Nothing for a ciphertext that is none of ours.
  [[nodiscard]] std::optional<std::vector<std::uint8_t>> decrypt(
      std::span<const std::uint8_t> ciphertext) const;

 private:
  RsaKey() = default;
  std::shared_ptr<EVP_PKEY> key_;
  std::string public_pem_;
};

}  // namespace sluice::net
