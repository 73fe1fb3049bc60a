// Where to listen, and the TLS that clients are offered.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::net {

struct ListenConfig {
  // An address and a port, or the path of a Unix socket.
  std::string host = "127.0.0.1";  // a numeric address, or a name that is resolved at start
  std::uint16_t port = 6033;       // 0: any free one; bound_port() then tells
  std::string unix_path;           // not empty: a Unix socket, and host and port are not used
  std::uint32_t unix_mode = 0777;  // permissions of the socket file
  bool proxy_protocol = false;     // a PROXY protocol v1 or v2 header must come first
  // The instance whose greeting (version, capabilities, plugin) clients of this listener see, and
  // that accounts without a list of their own reach. Empty: the proxy's default instance.
  std::string instance;
};

struct ServerTlsConfig {
  bool enabled = true;
  // PEM files. All empty: a self-signed certificate is generated and kept for the process's life.
  std::string certificate_file;  // with its chain
  std::string key_file;
  bool allow_tls12 = true;  // besides 1.3
};

}  // namespace sluice::net
