// Limits of sessions and the whole configuration of the data path.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/backend/config.h"
#include "proxy/net/config.h"

namespace sluice::session {

struct Limits {
  std::uint32_t max_connections = 10000;         // clients; one more gets error 1040
  std::uint32_t max_allowed_packet = 64U << 20;  // bytes of one command; longer gets error 1153
  std::chrono::seconds handshake_timeout{10};
  std::chrono::seconds idle_timeout{28800};  // between commands, as wait_timeout; error 4031
  std::chrono::seconds write_timeout{60};    // a client that does not read, per buffer
  std::chrono::seconds read_timeout{30};     // within a command that has begun, per byte run
  std::chrono::seconds vanish_grace{2};      // a client gone before its answer began: then KILL
  std::uint32_t max_connect_errors = 100;    // failed handshakes in a row of a host; 0: never
  std::uint32_t max_prepared_statements = 16382;  // a session
  bool compression = true;                        // offered to clients when the back-end has it
};

struct ProxyConfig {
  std::uint32_t threads = 0;  // 0: one a processor
  std::vector<net::ListenConfig> listen;
  net::ServerTlsConfig tls;
  std::vector<backend::InstanceConfig> instances;  // at least one; the first is the default
  std::string default_instance;                    // empty: the first
  Limits limits;
};

}  // namespace sluice::session
