#include "proxy/workspace.h"

#include <algorithm>

#include "proxy/backend/instance.h"
#include "proxy/verifier.h"

namespace sluice::proxy {
namespace {

backend::TlsMode tls_mode(std::string_view word) {
  if (word == "disabled") return backend::TlsMode::kDisabled;
  if (word == "required") return backend::TlsMode::kRequired;
  if (word == "verify_ca") return backend::TlsMode::kVerifyCa;
  if (word == "verify_identity") return backend::TlsMode::kVerifyIdentity;
  return backend::TlsMode::kPreferred;
}

backend::InstanceConfig to_config(const store::Instance& instance,
                                  const store::InstanceSecrets& secrets) {
  backend::InstanceConfig config;
  config.name = instance.name;
  config.host = instance.host;
  config.port = static_cast<std::uint16_t>(instance.port);  // the API's and the table's range
  config.user = instance.username;
  config.password = wire::Secret(secrets.password);
  config.tls = tls_mode(instance.tls_mode);
  config.ca_pem = instance.tls_ca;
  config.certificate_pem = instance.tls_cert;
  config.key_pem = secrets.tls_key;
  return config;
}

template <class Values, class Member>
bool has_name(const Values& values, std::string_view name, Member member) {
  return std::ranges::find(values, name, member) != values.end();
}

}  // namespace

Workspace::Workspace(const Config& config, store::Store& store, change::SchemaCache& schemas,
                     policy::AccountTable& accounts, policy::FixedPolicySource& policies, Log& log)
    : store_(store),
      table_(accounts),
      policies_(policies),
      log_(log),
      file_proxy_(config.proxy),
      file_accounts_(config.accounts),
      gate_(store, schemas) {}

Workspace::~Workspace() {
  stop();
}

session::ProxyConfig Workspace::merged() const {
  session::ProxyConfig config = file_proxy_;
  config.instances.insert(config.instances.end(), store_instances_.begin(), store_instances_.end());
  return config;
}

session::ProxyConfig Workspace::initial() {
  const std::lock_guard lock(mutex_);
  if (const auto trouble = apply()) {
    log_.write(LogLevel::kError, "workspace", {{"detail", *trouble}});
  }
  return merged();
}

void Workspace::start(session::Proxy& proxy) {
  {
    const std::lock_guard lock(mutex_);
    proxy_ = &proxy;
  }
  watcher_ = std::thread([this] { watch(); });
}

void Workspace::stop() {
  {
    const std::lock_guard lock(mutex_);
    proxy_ = nullptr;
    stopping_ = true;
  }
  changed_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

void Workspace::watch() {
  bool reachable = true;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kWatchInterval, [this] { return stopping_; })) {
    const auto revision = store_.accounts().data_path_revision();
    const auto policy_revision = store_.gate().policy_revision();
    if (revision.has_value() != reachable) {
      reachable = revision.has_value();
      log_.write(reachable ? LogLevel::kInfo : LogLevel::kError,
                 reachable ? "store_back" : "store_unavailable",
                 {{"detail", reachable ? std::string() : revision.error().detail}});
    }
    const bool same = revision && *revision == revision_;
    const bool same_policies = policy_revision && *policy_revision == policy_revision_;
    if (!revision || !policy_revision || (same && same_policies)) continue;
    if (const auto trouble = same ? apply_policies() : apply()) {
      log_.write(LogLevel::kError, "workspace", {{"detail", *trouble}});
    }
  }
}

store::Result<std::vector<backend::InstanceConfig>> Workspace::read_instances() {
  const auto all = store_.instances();
  if (!all) return all.error();
  std::vector<backend::InstanceConfig> configs;
  for (const auto& instance : *all) {
    if (instance.engine != "mysql" || is_fixed_instance(instance.name)) continue;
    const auto secrets = store_.instance_secrets(instance.id);
    if (!secrets) return secrets.error();
    if (const auto trouble = check_instance(instance, *secrets)) {
      // Its neighbours must not go with it.
      log_.write(LogLevel::kError, "instance_unusable",
                 {{"instance", instance.name}, {"detail", *trouble}});
      continue;
    }
    configs.push_back(to_config(instance, *secrets));
  }
  return configs;
}

store::Result<std::vector<policy::Account>> Workspace::read_accounts() {
  const auto logins = store_.accounts().logins();
  if (!logins) return logins.error();
  const auto instances = store_.instances();
  if (!instances) return instances.error();
  std::map<store::Id, std::string> names;
  for (const auto& instance : *instances) names[instance.id] = instance.name;
  std::vector<policy::Account> accounts;
  for (const auto& [kept, verifier, user_active] : *logins) {
    if (is_fixed_account(kept.name)) {
      log_.write(LogLevel::kWarning, "account_hidden",
                 {{"account", kept.name}, {"detail", "the configuration file has it too"}});
      continue;
    }
    policy::Account account;
    account.name = kept.name;
    account.kind = kept.kind;
    account.verifier = verifier;
    for (const store::Id id : kept.instances) {
      if (const auto found = names.find(id); found != names.end()) {
        account.instances.push_back(found->second);
      }
    }
    account.databases = kept.databases;
    account.require_tls = kept.require_tls;
    account.may_replicate = kept.may_replicate;
    // An empty list would mean every instance.
    const bool nowhere = !kept.all_instances && account.instances.empty();
    account.disabled = kept.disabled || !user_active || nowhere;
    accounts.push_back(std::move(account));
  }
  return accounts;
}

// Of accounts that could log in until now and cannot any more.
void Workspace::end_sessions(const std::vector<policy::Account>& fresh) {
  if (proxy_ == nullptr) return;
  std::vector<std::string> ended;
  for (const auto& before : store_accounts_) {
    const auto now = std::ranges::find(fresh, before.name, &policy::Account::name);
    if (now == fresh.end() || now->disabled) ended.push_back(before.name);
  }
  if (ended.empty()) return;
  for (const auto& session : proxy_->registry().list()) {
    if (std::ranges::find(ended, session.account) == ended.end()) continue;
    proxy_->registry().kill(session.id, session::KillScope::kConnection);
  }
}

void Workspace::put_policies(policy::PolicySet set) {
  set.transparent = false;
  for (const auto& instance : file_proxy_.instances) {
    policy::InstancePolicy& policy = set.instances[instance.name];
    policy = {};
    policy.name = instance.name;
    policy.transparent = true;
  }
  policies_.replace(std::move(set));
}

std::optional<std::string> Workspace::apply_policies() {
  // Before the reading: what changes meanwhile is seen by the next look.
  const auto revision = store_.gate().policy_revision();
  if (!revision) return "store: " + revision.error().detail;
  auto set = gate_.read();
  if (!set) return "store: " + set.error().detail;
  put_policies(std::move(*set));
  policy_revision_ = *revision;
  return std::nullopt;
}

std::optional<std::string> Workspace::apply() {
  // First of all: an instance that sessions can reach has its gate.
  if (auto trouble = apply_policies()) {
    if (policy_revision_ < 0) put_policies({});
    return trouble;
  }
  const auto revision = store_.accounts().data_path_revision();
  if (!revision) return "store: " + revision.error().detail;
  auto instances = read_instances();
  if (!instances) return "store: " + instances.error().detail;
  auto accounts = read_accounts();
  if (!accounts) return "store: " + accounts.error().detail;
  // Accounts first: whoever loses a right loses it also when an instance makes trouble.
  std::vector<policy::Account> all = file_accounts_;
  all.insert(all.end(), accounts->begin(), accounts->end());
  table_.replace(std::move(all));
  end_sessions(*accounts);
  store_accounts_ = std::move(*accounts);
  revision_ = *revision;
  if (*instances == store_instances_) return std::nullopt;
  const auto before = std::exchange(store_instances_, std::move(*instances));
  if (proxy_ == nullptr) return std::nullopt;
  const auto trouble = proxy_->reload(merged());
  if (!trouble) return std::nullopt;
  store_instances_ = before;
  return trouble->what;
}

std::optional<std::string> Workspace::refresh() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return "the program is ending";
  auto trouble = apply();
  if (trouble) log_.write(LogLevel::kError, "workspace", {{"detail", *trouble}});
  return trouble;
}

std::optional<std::string> Workspace::refresh_policies() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return "the program is ending";
  auto trouble = apply_policies();
  if (trouble) log_.write(LogLevel::kError, "workspace", {{"detail", *trouble}});
  return trouble;
}

std::optional<std::string> Workspace::reload(const Config& fresh) {
  const std::lock_guard lock(mutex_);
  if (proxy_ == nullptr) return "the program is ending";
  file_proxy_ = fresh.proxy;
  file_accounts_ = fresh.accounts;
  auto trouble = apply();
  // The file's part, also when the store's is as before.
  if (const auto refused = proxy_->reload(merged())) trouble = refused->what;
  return trouble;
}

bool Workspace::is_fixed_account(std::string_view name) const {
  return has_name(file_accounts_, name, &policy::Account::name);
}

bool Workspace::is_fixed_instance(std::string_view name) const {
  return has_name(file_proxy_.instances, name, &backend::InstanceConfig::name);
}

bool Workspace::has_fixed_account(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return is_fixed_account(name);
}

bool Workspace::has_fixed_instance(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return is_fixed_instance(name);
}

policy::Verifier Workspace::make_verifier(std::string_view password, bool native) const {
  using Plugin = wire::AccountVerifier::Plugin;
  return proxy::make_verifier(wire::Secret(password),
                              native ? Plugin::kNative : Plugin::kCachingSha2, random_salt());
}

std::optional<std::string> Workspace::check_instance(const store::Instance& instance,
                                                     const store::InstanceSecrets& secrets) const {
  const auto made = backend::Instance::make(to_config(instance, secrets));
  if (made.instance) return std::nullopt;
  return made.error;
}

std::optional<http::DataPath::InstanceState> Workspace::instance_state(
    std::string_view name) const {
  const std::lock_guard lock(mutex_);
  if (proxy_ == nullptr) return std::nullopt;
  const auto all = proxy_->instances();
  const auto found = std::ranges::find(all, name, &session::Proxy::InstanceState::name);
  if (found == all.end()) return std::nullopt;
  return InstanceState{found->up, found->version};
}

}  // namespace sluice::proxy
