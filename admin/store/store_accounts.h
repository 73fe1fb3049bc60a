// Logins that MySQL clients use at the proxy. What a password is checked against is sealed, and
// kept apart from what lists accounts.
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/store/seal.h"
#include "admin/store/types.h"
#include "policy/account.h"

namespace sluice::store {

struct AccountEntry {
  Id id = 0;
  std::string name;
  policy::AccountKind kind = policy::AccountKind::kService;
  Id user = 0;                 // whose it is; 0: a service's
  bool all_instances = false;  // otherwise those of `instances`, also when there are none left
  std::vector<Id> instances;   // the first is the default
  std::vector<std::string> databases;  // by name; empty: all
  bool require_tls = false;
  bool may_replicate = false;
  bool disabled = false;
  bool may_break_glass = false;  // CALL sluice.break_glass(): run at once, reviewed afterwards
  Time created_at{};
};

// As the data path needs it.
struct AccountLogin {
  AccountEntry account;
  policy::Verifier verifier;
  bool user_active = true;  // of a human's account: whether the person may still do anything
};

class Accounts {
 public:
  Accounts(Shared& shared, const Sealer& sealer) : shared_(shared), sealer_(sealer) {}

  [[nodiscard]] Result<std::vector<AccountEntry>> list(Id after, std::int64_t limit);
  [[nodiscard]] Result<AccountEntry> get(Id id);
  [[nodiscard]] Result<AccountEntry> find(const std::string& name);
  // kConflict: the name is taken. kReference: no such user or instance.
  [[nodiscard]] Result<AccountEntry> create(const AccountEntry& account,
                                            const policy::Verifier& verifier, Time now);
  // A verifier that is absent stays.
  [[nodiscard]] Result<AccountEntry> update(const AccountEntry& account,
                                            const std::optional<policy::Verifier>& verifier);
  [[nodiscard]] Result<void> remove(Id id);

  [[nodiscard]] Result<std::vector<AccountLogin>> logins();
  // Grows whenever an account, an instance or whether a person is active changes.
  [[nodiscard]] Result<std::int64_t> data_path_revision();

 private:
  [[nodiscard]] Result<AccountEntry> read(Id id);
  [[nodiscard]] Result<void> put_instances(const AccountEntry& account);

  Shared& shared_;
  const Sealer& sealer_;
};

}  // namespace sluice::store
