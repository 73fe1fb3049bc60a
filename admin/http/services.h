// What handlers work with, as references: main builds everything by hand and owns it, and it
// outlives the server. Handlers run on several threads at once, so each of these may be used from
// any thread.
//
// To give handlers something new, add a member here and set it in proxy/serve.cpp and in
// tests/http/api_fixture.h.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "admin/change/engine.h"
#include "admin/change/scan.h"
#include "admin/http/audit_trail.h"
#include "admin/http/event_hub.h"
#include "admin/http/passwords.h"
#include "admin/http/sql_answers.h"
#include "admin/http/throttle.h"
#include "admin/store/store.h"
#include "policy/account.h"
#include "proxy/session/digests.h"
#include "proxy/session/registry.h"

namespace sluice::http {

// The data path, as far as people's changes reach it. Any thread.
class DataPath {
 public:
  virtual ~DataPath() = default;
  // Names that the configuration file gives, so that nobody else may.
  [[nodiscard]] virtual bool has_fixed_account(std::string_view name) const = 0;
  [[nodiscard]] virtual bool has_fixed_instance(std::string_view name) const = 0;
  // What is kept of an account's password. REQUIRES: at most store::kMaxAccountPassword bytes.
  [[nodiscard]] virtual policy::Verifier make_verifier(std::string_view password,
                                                       bool native) const = 0;
  // What is wrong with the instance's certificates and keys; nothing: they can be used.
  [[nodiscard]] virtual std::optional<std::string> check_instance(
      const store::Instance& instance, const store::InstanceSecrets& secrets) const = 0;
  // Accounts and instances of the store act from when it returns; sessions of accounts that may not
  // log in any more are ended. A sentence when something of it could not be: it stays in the store,
  // and the log has it.
  virtual std::optional<std::string> refresh() = 0;
  // The gate's verdicts follow the store's environments, databases and schemas when it returns.
  virtual std::optional<std::string> refresh_policies() = 0;
  struct InstanceState {
    bool up = false;      // the last connect succeeded
    std::string version;  // empty: it has not answered yet
  };
  // Nothing: the data path does not know it.
  [[nodiscard]] virtual std::optional<InstanceState> instance_state(
      std::string_view name) const = 0;
};

// What the program says of itself.
struct About {
  struct Part {
    std::string name;
    std::string version;
    std::string licence;  // SPDX
  };
  struct Setting {
    std::string key;
    std::string what;
    std::string takes;                 // its shape, with unit and range
    std::optional<std::string> value;  // nothing: a secret
    std::optional<std::string> standard;
    std::string variable;
    bool reload = false;
  };
  std::string version{};
  std::string public_url{};                    // of the configuration; empty: it has none
  bool postgresql = false;                     // the store
  std::vector<std::string> mysql_addresses{};  // where MySQL clients connect
  std::vector<Part> parts{};
  std::vector<Setting> settings{};
};

struct Services {
  store::Store& store;
  session::Registry& connections;  // live sessions of MySQL clients
  session::DigestReader& digests;  // what statements ran here
  DataPath& data_path;
  EventHub& events;  // publish() what has changed
  change::Engine& engine;
  change::Scans& scans;  // what databases there are, and whether they are as recorded
  Throttle& throttle;
  Passwords& passwords;
  AuditTrail& trail;  // calls that only ask
  SqlAnswers& sql;    // statements that people send by hand

  std::function<store::Time()> now;  // UTC
  std::function<Throttle::Clock::time_point()> steady_now;
  std::function<std::string()> make_token;  // 256 random bits (store::make_token)
  // One event of the log; `detail` may hold what a client sent, never a secret.
  std::function<void(std::string_view event, std::string_view detail)> log_error;

  std::chrono::seconds session_life{0};  // of the configuration; 0: the workspace has it set
  std::function<About()> about{};        // as things are now; empty: nothing is known
};

}  // namespace sluice::http
