// What the workspace keeps, by use; values in and out. The same SQL serves SQLite and PostgreSQL
// (database.h), so both stand behind this one class.
//
// Any thread: a mutex lets one call at the time use the connection. Calls block on I/O: handler
// threads only, never the data path's. Times are arguments; nothing here reads a clock.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/store/database.h"
#include "admin/store/seal.h"
#include "admin/store/store_accounts.h"
#include "admin/store/store_anomalies.h"
#include "admin/store/store_databases.h"
#include "admin/store/store_gate.h"
#include "admin/store/store_history.h"
#include "admin/store/store_issues.h"
#include "admin/store/store_outside.h"
#include "admin/store/store_rollbacks.h"
#include "admin/store/store_runs.h"
#include "policy/access.h"
#include "policy/change/approval.h"

namespace sluice::store {

struct User {
  Id id = 0;
  std::string name;
  std::string email;  // in small letters: an address is one person's, however it is typed
  policy::WorkspaceRole role = policy::WorkspaceRole::kDeveloper;
  bool active = true;
  Time created_at{};
};
struct NewUser {
  std::string name;
  std::string email;
  std::string password_hash;  // of hash_password()
  policy::WorkspaceRole role = policy::WorkspaceRole::kDeveloper;
};
struct UserPatch {
  std::optional<std::string> name;
  std::optional<std::string> password_hash;
  std::optional<policy::WorkspaceRole> role;
  std::optional<bool> active;
};

inline constexpr std::int64_t kSessionHours = 12;  // where nothing else is set
inline constexpr std::int64_t kMaxSessionHours = 365 * 24;

// What its owners set for all of it, beside what the configuration file gives each program.
struct WorkspaceSettings {
  std::string name;        // empty: it has none
  std::string public_url;  // of the console, without a '/' at its end; empty: not set here
  std::int64_t min_password_length = kMinPassword;  // bytes, of a person's new password
  std::int64_t session_hours = kSessionHours;       // from sign-in until one must sign in again
  friend bool operator==(const WorkspaceSettings&, const WorkspaceSettings&) = default;
};

enum class CredentialKind : std::uint8_t { kSession, kToken };
struct Credential {
  Id id = 0;
  Id user = 0;
  CredentialKind kind = CredentialKind::kSession;
  std::string name;
  Time created_at{};
  Time expires_at{};
};

struct Environment {
  Id id = 0;
  std::string name;
  std::int64_t position = 0;  // the order of stages
  policy::ApprovalRules rules;
  std::string gate = "{}";  // JSON
  std::int64_t drift_interval_seconds = 600;
  std::string review{};  // JSON of policy/rules/rule_set.h; empty: the catalogue's own policy
  std::string rollback = "{}";  // JSON of admin/change/rollback_limits.h
  std::string drift = "{}";     // JSON of admin/change/drift_settings.h
};

struct Project {
  Id id = 0;
  std::string name;
  std::string key;
  bool tenant = false;
};
struct Member {
  Id user = 0;
  policy::ProjectRole role = policy::ProjectRole::kViewer;
};

struct Instance {
  Id id = 0;
  std::string name;
  std::string engine;  // "mysql", "postgres"
  Id environment = 0;
  std::string host;
  std::int64_t port = 3306;
  std::string username;
  std::string tls_mode = "preferred";
  std::string tls_ca;
  std::string tls_cert;
};
// Kept apart from Instance, so that what lists instances cannot print them.
struct InstanceSecrets {
  std::string password;
  std::string tls_key;
};

struct AuditEntry {
  Id id = 0;
  Time time{};
  std::string actor;   // an email, "system", or empty: nobody signed in
  std::string action;  // policy::name(Action) or a word of its own
  std::string target;
  std::string outcome;  // "done", "denied", "failed"
  std::string detail;
  std::string previous_hash;
  std::string hash;
};
struct AuditFilter {
  std::string actor;   // empty: any
  std::string action;  // empty: any
  std::optional<Time> since;
  Id before = 0;  // 0: from the newest
  std::int64_t limit = 50;
};
// By state, and of open anomalies by kind.
struct Totals {
  std::map<std::string, std::int64_t> issues;
  std::map<std::string, std::int64_t> tasks;
  std::map<std::string, std::int64_t> anomalies;
};

struct AuditVerdict {
  std::int64_t entries = 0;
  Id first_bad = 0;         // 0: the chain is whole
  std::string newest_hash;  // of the last entry that was found whole; empty: there is none
  bool anchor_found = false;
};

class Store {
 public:
  // Migrates, and checks that the key file is this store's.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(std::unique_ptr<Database> database,
                                                           std::unique_ptr<Sealer> sealer);

  // The parts that have headers of their own; each refers to this store.
  [[nodiscard]] Accounts accounts() { return {shared_, *sealer_}; }
  [[nodiscard]] Anomalies anomalies() { return Anomalies(shared_); }
  [[nodiscard]] Databases databases() { return Databases(shared_); }
  [[nodiscard]] Issues issues() { return {shared_, *sealer_}; }
  [[nodiscard]] Outside outside() { return Outside(shared_); }
  [[nodiscard]] Runs runs() { return Runs(shared_); }
  [[nodiscard]] History history() { return History(shared_); }
  [[nodiscard]] Gate gate() { return {shared_, *sealer_}; }
  [[nodiscard]] Rollbacks rollbacks() { return {shared_, *sealer_}; }

  // The workspace's first person, as its owner; kConflict ever after, also for two at once.
  [[nodiscard]] Result<User> create_first_user(NewUser user, Time now);
  [[nodiscard]] Result<User> create_user(NewUser user, Time now);
  // The last active owner cannot be made less: kRefused.
  [[nodiscard]] Result<User> update_user(Id id, const UserPatch& patch);
  [[nodiscard]] Result<User> user(Id id);
  // With the hash; kNotFound for an unknown address.
  [[nodiscard]] Result<std::pair<User, std::string>> user_for_sign_in(std::string_view email);
  [[nodiscard]] Result<std::vector<User>> users(Id after, std::int64_t limit);
  [[nodiscard]] Result<bool> has_users();

  // Each that was never set has its default.
  [[nodiscard]] Result<WorkspaceSettings> settings();
  // All of them, or none.
  [[nodiscard]] Result<void> set_settings(const WorkspaceSettings& settings);

  [[nodiscard]] Result<Id> add_credential(const Credential& credential, std::string_view hash);
  // The active user behind an unexpired token; kNotFound otherwise.
  [[nodiscard]] Result<std::pair<User, Credential>> find_credential(std::string_view hash,
                                                                    Time now);
  [[nodiscard]] Result<std::vector<Credential>> tokens(Id user);
  // kNotFound when it is not this user's.
  [[nodiscard]] Result<void> delete_credential(Id id, Id user);
  // Ends the user's sessions but that one (0: all), as a changed password does. Tokens stay.
  [[nodiscard]] Result<void> end_sessions(Id user, Id except);

  [[nodiscard]] Result<std::vector<Environment>> environments();
  [[nodiscard]] Result<Environment> environment(Id id);
  [[nodiscard]] Result<Environment> create_environment(const Environment& environment);
  [[nodiscard]] Result<Environment> update_environment(const Environment& environment);

  [[nodiscard]] Result<std::vector<Project>> projects();
  [[nodiscard]] Result<Project> project(Id id);
  [[nodiscard]] Result<Project> create_project(const Project& project);
  [[nodiscard]] Result<Project> update_project(const Project& project);
  [[nodiscard]] Result<void> delete_project(Id id);
  [[nodiscard]] Result<std::vector<Member>> members(Id project);
  [[nodiscard]] Result<policy::ProjectRole> member_role(Id project, Id user);
  // Projects that the user is a member of, with the role in each, by project.
  [[nodiscard]] Result<std::vector<std::pair<Id, policy::ProjectRole>>> memberships(Id user);
  [[nodiscard]] Result<void> set_member(Id project, const Member& member);
  [[nodiscard]] Result<void> remove_member(Id project, Id user);

  [[nodiscard]] Result<std::vector<Instance>> instances();
  [[nodiscard]] Result<Instance> instance(Id id);
  [[nodiscard]] Result<Instance> create_instance(const Instance& instance,
                                                 const InstanceSecrets& secrets);
  // Secrets that are absent stay.
  [[nodiscard]] Result<Instance> update_instance(const Instance& instance,
                                                 const std::optional<InstanceSecrets>& secrets);
  [[nodiscard]] Result<InstanceSecrets> instance_secrets(Id id);
  // With its databases; issues and the history keep their names. kRefused: a task runs on it.
  [[nodiscard]] Result<void> delete_instance(Id id);

  // Appends with the chain's hash; gives the entry as it is kept.
  [[nodiscard]] Result<AuditEntry> append_audit(AuditEntry entry);
  // All of them in this order, or none.
  [[nodiscard]] Result<void> append_audit(std::vector<AuditEntry>& entries);
  [[nodiscard]] Result<std::vector<AuditEntry>> audit(const AuditFilter& filter);
  // Walks the whole chain: finds an entry that was changed, removed from the middle or put in. An
  // entry removed from the end leaves no trace in the chain itself: keep the newest hash elsewhere.
  [[nodiscard]] Result<AuditVerdict> verify_audit();

  [[nodiscard]] Result<Totals> totals();
  // Of what may hold a password, for looking the same text up again: Sealer::keyed_hash().
  [[nodiscard]] std::string keyed_hash(std::string_view bytes) const {
    return sealer_->keyed_hash(bytes);
  }
  // Counts of this program's own statements.
  [[nodiscard]] const Meter& meter() const noexcept { return shared_.meter; }

 private:
  Store(std::unique_ptr<Database> database, std::unique_ptr<Sealer> sealer);
  [[nodiscard]] Result<void> check_key();

  Shared shared_;
  Turn& mutex_ = shared_.mutex;
  std::unique_ptr<Database>& database_ = shared_.database;
  std::unique_ptr<Sealer> sealer_;
};

// The same walk over a database that no Store is open on: it needs no key and changes nothing.
// `anchor` is a hash that was kept elsewhere: an entry removed from the end is missed by it.
[[nodiscard]] Result<AuditVerdict> verify_audit(Database& database, std::string_view anchor);

// The hash of an entry: SHA-256 over its fields, each with its length before it. Pure.
[[nodiscard]] std::string audit_hash(const AuditEntry& entry);

}  // namespace sluice::store
