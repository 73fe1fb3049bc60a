#include "proxy/backend/instance.h"

#include <utility>

#include "proxy/backend/token_command.h"

namespace sluice::backend {

Instance::Made Instance::make(InstanceConfig config) {
  std::shared_ptr<Instance> made(new Instance(std::move(config)));
  const InstanceConfig& c = made->config_;
  if (c.tls != TlsMode::kDisabled) {
    auto context = net::make_client_context(
        {.verify = c.tls == TlsMode::kVerifyCa || c.tls == TlsMode::kVerifyIdentity,
         .ca_file = c.ca_file,
         .certificate_file = c.certificate_file,
         .key_file = c.key_file,
         .ca_pem = c.ca_pem,
         .certificate_pem = c.certificate_pem,
         .key_pem = c.key_pem});
    if (!context.context) return {nullptr, "instance " + c.name + ": " + context.error};
    made->tls_ = std::move(context.context);
  }
  return {std::move(made), {}};
}

policy::Engine Instance::engine() const {
  const auto info = info_.load();
  if (!info) return config_.engine;
  return info->version.find("MariaDB") == std::string::npos ? policy::Engine::kMysql
                                                            : policy::Engine::kMariadb;
}

void Instance::set_info(const wire::ClientHandshake::Server& server) {
  const auto old = info_.load();
  if (old && old->version == server.version && old->offered == server.offered &&
      old->collation == server.collation && old->auth_plugin == server.auth_plugin) {
    return;
  }
  info_.store(std::make_shared<const ServerInfo>(
      ServerInfo{server.version, server.offered, server.collation, server.auth_plugin}));
}

std::shared_ptr<const SessionReport> Instance::share_report(
    std::shared_ptr<const SessionReport> report) {
  auto usual = usual_.load();
  if (usual && *usual == *report) return usual;
  usual_.store(report);
  return report;
}

bool Instance::needs_command() const {
  if (config_.token_command.empty()) return false;
  const std::lock_guard lock(mutex_);
  return token_.empty() || std::chrono::steady_clock::now() >= token_end_;
}

Instance::Password Instance::password() {
  if (config_.token_command.empty()) return {config_.password, {}};
  // One command at a time; who asks needs_command() meanwhile does not wait for it.
  const std::lock_guard running(command_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && std::chrono::steady_clock::now() < token_end_) return {token_, {}};
  }
  auto ran = run_token_command(config_.token_command, config_.limits.connect_timeout);
  if (!ran.error.empty()) return {{}, std::move(ran.error)};
  wire::Secret token = std::move(ran.token);
  const std::lock_guard lock(mutex_);
  token_ = token;
  token_end_ = std::chrono::steady_clock::now() + config_.token_life;
  return {std::move(token), {}};
}

}  // namespace sluice::backend
