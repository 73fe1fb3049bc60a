// One instance as all threads share it: its configuration, what its server last said of itself, and
// how many connections are open. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "policy/shared_value.h"
#include "proxy/backend/config.h"
#include "proxy/backend/session_report.h"
#include "proxy/net/tls.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/client_handshake.h"

namespace sluice::backend {

// What the greeting said.
struct ServerInfo {
  std::string version;
  wire::Capabilities offered;
  std::uint8_t collation = 0;
  std::string auth_plugin;
};

class Instance {
 public:
  // A made instance, or why its TLS files are no good. Blocks on files.
  struct Made {
    std::shared_ptr<Instance> instance;
    std::string error;
  };
  [[nodiscard]] static Made make(InstanceConfig config);

  [[nodiscard]] const InstanceConfig& config() const noexcept { return config_; }
  // What its server is, once it has answered; until then what the configuration says.
  [[nodiscard]] policy::Engine engine() const;
  [[nodiscard]] const std::shared_ptr<SSL_CTX>& tls() const noexcept { return tls_; }
  // Nothing until a login succeeded.
  [[nodiscard]] std::shared_ptr<const ServerInfo> info() const { return info_.load(); }
  void set_info(const wire::ClientHandshake::Server& server);
  void copy_info(const Instance& other) { info_.store(other.info()); }

  // What the last new session on this server was. share_report() gives one value for equal ones, so
  // that connections hold it once.
  [[nodiscard]] std::shared_ptr<const SessionReport> usual_report() const { return usual_.load(); }
  [[nodiscard]] std::shared_ptr<const SessionReport> share_report(
      std::shared_ptr<const SessionReport> report);

  // The password to log in with now. Blocks on the token command when its token is old: call it on
  // the blocking pool when needs_command() says so. An error text instead of a password: why not.
  [[nodiscard]] bool needs_command() const;
  struct Password {
    wire::Secret password;
    std::string error;
  };
  [[nodiscard]] Password password();

  // Connections opened before this moment are not handed out any more (a failover).
  void mark_stale() noexcept { generation_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t generation() const noexcept {
    return generation_.load(std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t> open{0};  // counted from the attempt to connect on
  std::atomic<std::uint32_t> idle{0};
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<bool> up{false};

 private:
  explicit Instance(InstanceConfig config) : config_(std::move(config)) {}
  InstanceConfig config_;
  std::shared_ptr<SSL_CTX> tls_;
  policy::SharedValue<ServerInfo> info_;
  policy::SharedValue<SessionReport> usual_;
  std::atomic<std::uint32_t> generation_{0};
  std::mutex command_mutex_;  // held while the token command runs; taken before mutex_
  mutable std::mutex mutex_;
  wire::Secret token_;                               // guarded by mutex_
  std::chrono::steady_clock::time_point token_end_;  // guarded by mutex_
};

}  // namespace sluice::backend
