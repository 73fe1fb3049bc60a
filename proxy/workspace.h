// Where the configuration file and the store meet: accounts, instances and policies of both, as the
// data path takes them. The file's names come first; the store may not have them too. Instances of
// the store have the gate of their environment; those of the file are in no environment, and
// everything passes there.
//
// What is in its constructor must outlive it. refresh() and reload(): any thread, one at a time by
// its own mutex, which also keeps session::Proxy's functions to one thread at a time; none of them
// touches the proxy once stop() has returned.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "admin/change/gate_policies.h"
#include "admin/http/services.h"
#include "policy/account_directory.h"
#include "policy/policy_source.h"
#include "proxy/config.h"
#include "proxy/log.h"
#include "proxy/session/proxy.h"

namespace sluice::proxy {

class Workspace final : public http::DataPath {
 public:
  // How soon another proxy on the same store follows a change that was made here.
  static constexpr std::chrono::seconds kWatchInterval{1};

  Workspace(const Config& config, store::Store& store, change::SchemaCache& schemas,
            policy::AccountTable& accounts, policy::FixedPolicySource& policies, Log& log);
  ~Workspace() override;
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // The proxy's configuration with the store's instances: what to start it with. What the store
  // does not give now is said in the log and left out.
  [[nodiscard]] session::ProxyConfig initial();
  // From now on changes go to the proxy, and those of other programs are watched for.
  void start(session::Proxy& proxy);
  // The configuration file was read again. A sentence: what could not be applied.
  std::optional<std::string> reload(const Config& fresh);
  void stop();

  bool has_fixed_account(std::string_view name) const override;
  bool has_fixed_instance(std::string_view name) const override;
  policy::Verifier make_verifier(std::string_view password, bool native) const override;
  std::optional<std::string> check_instance(const store::Instance& instance,
                                            const store::InstanceSecrets& secrets) const override;
  std::optional<std::string> refresh() override;
  // Verdicts are from what the store says now, when it returns; with a store that does not answer
  // they stay as they are.
  std::optional<std::string> refresh_policies() override;
  std::optional<InstanceState> instance_state(std::string_view name) const override;

 private:
  // All REQUIRE the mutex.
  [[nodiscard]] std::optional<std::string> apply();
  [[nodiscard]] std::optional<std::string> apply_policies();
  void put_policies(policy::PolicySet set);
  [[nodiscard]] store::Result<std::vector<backend::InstanceConfig>> read_instances();
  [[nodiscard]] store::Result<std::vector<policy::Account>> read_accounts();
  void end_sessions(const std::vector<policy::Account>& fresh);
  [[nodiscard]] session::ProxyConfig merged() const;
  [[nodiscard]] bool is_fixed_account(std::string_view name) const;
  [[nodiscard]] bool is_fixed_instance(std::string_view name) const;

  void watch();

  store::Store& store_;
  policy::AccountTable& table_;
  policy::FixedPolicySource& policies_;
  Log& log_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  session::Proxy* proxy_ = nullptr;  // between start() and stop()
  bool stopping_ = false;
  session::ProxyConfig file_proxy_;
  std::vector<policy::Account> file_accounts_;
  std::vector<backend::InstanceConfig> store_instances_;
  std::vector<policy::Account> store_accounts_;
  std::int64_t revision_ = -1;
  change::GatePolicies gate_;
  std::int64_t policy_revision_ = -1;
  std::thread watcher_;
};

}  // namespace sluice::proxy
