// What the sessions of all threads share, and what those of one thread share.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "policy/account_directory.h"
#include "policy/change_sink.h"
#include "policy/policy_source.h"
#include "policy/shared_value.h"
#include "proxy/backend/pool.h"
#include "proxy/net/listener.h"
#include "proxy/net/tls.h"
#include "proxy/session/change_state.h"
#include "proxy/session/config.h"
#include "proxy/session/counters.h"
#include "proxy/session/digests.h"
#include "proxy/session/event_sink.h"
#include "proxy/session/registry.h"
#include "proxy/wire/auth_caching_sha2.h"

namespace sluice::session {

class Session;

// Counts failed handshakes in a row of each host; any thread, at logins only. Bounded: when kHosts
// are known, the counting starts anew.
class HostGuard {
 public:
  static constexpr std::size_t kHosts = 65536;
  [[nodiscard]] bool blocked(const std::string& host, std::uint32_t limit) const;
  void failed(const std::string& host);
  void succeeded(const std::string& host);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint32_t> failures_;
};

// Fast verifiers that full logins taught, by account and its stored text (so that a changed
// password forgets them). Any thread; at logins only; bounded.
class LearnedVerifiers {
 public:
  static constexpr std::size_t kAccounts = 65536;
  [[nodiscard]] std::optional<wire::FastVerifier> find(const policy::Account& account) const;
  void learn(const policy::Account& account, const wire::FastVerifier& verifier);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, wire::FastVerifier> known_;
};

// The configuration in force, swapped as a whole by a reload.
struct Settings {
  Limits limits;
  std::map<std::string, std::shared_ptr<backend::Instance>, std::less<>> instances;
  std::shared_ptr<backend::Instance> default_instance;
  std::shared_ptr<SSL_CTX> tls;  // nothing: TLS is not offered

  [[nodiscard]] std::shared_ptr<backend::Instance> find(std::string_view name) const {
    if (name.empty()) return default_instance;
    const auto found = instances.find(name);
    return found == instances.end() ? nullptr : found->second;
  }
};

struct Shared {
  Shared(policy::AccountDirectory& accounts_, policy::PolicySource& policies_, EventSink& events_,
         policy::ChangeSink* changes_)
      : accounts(accounts_), policies(policies_), events(events_), changes(changes_) {}

  policy::AccountDirectory& accounts;
  policy::PolicySource& policies;
  EventSink& events;
  policy::ChangeSink* changes;  // null: nobody keeps changes, and they are refused
  policy::SharedValue<Settings> settings;
  std::shared_ptr<const net::RsaKey> rsa;
  std::array<std::uint8_t, 20> fake_salt{};
  std::unique_ptr<net::BlockingPool> blocking;
  // For the change sink alone: what waits for its servers must not keep logins waiting.
  std::unique_ptr<net::BlockingPool> change_pool;
  PreparedXa prepared_xa;
  Registry registry;
  HostGuard hosts;
  LearnedVerifiers learned;
  std::atomic<std::uint32_t> next_id{0};
  std::atomic<std::uint32_t> sessions{0};
  std::atomic<bool> draining{false};
};

// One thread of the data path.
struct Worker {
  Worker(Shared& shared_, const net::IoCalls& calls);
  ~Worker();

  // Starts a session on a descriptor that was accepted. The loop's thread.
  void start_session(int descriptor, net::Peer peer, const net::ListenConfig& listen);
  void on_pool_event(backend::PoolEvent event);

  Shared& shared;
  net::Loop loop;
  Counters counters;
  DigestTable digests;
  std::unique_ptr<policy::Judge> judge;
  backend::Pool pool;
  std::vector<Session*> sessions;  // those that run
};

}  // namespace sluice::session
