// Where the admin port listens and what it grants a client.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sluice::http {

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;            // 0: any free one
  std::string public_url;               // of the console, as people reach it; empty: host and port
  std::string certificate_file;         // PEM, with its chain; empty: plain HTTP
  std::string key_file;                 // PEM
  std::uint32_t max_connections = 256;  // one more is answered 503 and closed
  std::uint32_t max_header = 16 * 1024;
  std::uint32_t max_body = 80U << 20;           // a statement of 64 MB, escaped as JSON
  std::chrono::seconds request_timeout{30};     // from a request's first byte to its last
  std::chrono::seconds keep_alive_timeout{75};  // between two requests of a connection
  std::chrono::seconds write_timeout{30};       // a client that does not read
  std::chrono::seconds session_life{0};         // of a sign-in; 0: as the workspace has it set
};

}  // namespace sluice::http
