// A named server and how it is reached: address, TLS, credentials, limits.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "policy/context.h"
#include "proxy/wire/compression.h"
#include "proxy/wire/secret.h"

namespace sluice::backend {

// As the MySQL clients name them (--ssl-mode).
enum class TlsMode : std::uint8_t { kDisabled, kPreferred, kRequired, kVerifyCa, kVerifyIdentity };

struct PoolLimits {
  std::uint32_t max_connections = 100;      // to this instance, all threads; 1..100000
  std::uint32_t max_idle = 50;              // kept for reuse, all threads; 0: none is kept
  std::chrono::seconds max_idle_time{300};  // an idle connection is closed after this
  std::chrono::seconds ping_after{30};      // idle for longer: pinged before it is handed out
  std::uint32_t max_waiting = 1000;         // sessions waiting for a connection, all threads
  std::chrono::milliseconds max_wait{5000};
  std::chrono::milliseconds connect_timeout{5000};  // name, TCP, TLS and login together

  friend bool operator==(const PoolLimits&, const PoolLimits&) = default;
};

struct InstanceConfig {
  std::string name;
  policy::Engine engine = policy::Engine::kMysql;
  std::string host = "127.0.0.1";
  std::uint16_t port = 3306;
  std::string unix_path;  // not empty: a Unix socket; host and port are not used
  std::string user;
  wire::Secret password;
  // A command (run by /bin/sh -c) whose first line of output is the password: an IAM token
  // provider. Run anew before `token_life` is over. Used instead of `password`.
  std::string token_command;
  std::chrono::seconds token_life{600};
  TlsMode tls = TlsMode::kPreferred;
  std::string ca_file;           // PEM bundle; needed to verify, the system's otherwise
  std::string certificate_file;  // client certificate
  std::string key_file;
  // The same as PEM texts; each is used instead of its file.
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
  // mysql_clear_password, and then only over verified TLS or a Unix socket. Implied by
  // token_command.
  bool allow_clear_password = false;
  wire::Compression compression = wire::Compression::kNone;
  PoolLimits limits;

  friend bool operator==(const InstanceConfig&, const InstanceConfig&) = default;
};

}  // namespace sluice::backend
