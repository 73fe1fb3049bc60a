// Where the data path looks accounts up. Called on the threads of the data path, so it answers from
// memory; an implementation over a store keeps a snapshot.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/account.h"
#include "policy/shared_value.h"

namespace sluice::policy {

class AccountDirectory {
 public:
  virtual ~AccountDirectory() = default;
  // The account of that exact name, or nothing. Any thread. Never blocks on I/O.
  [[nodiscard]] virtual std::shared_ptr<const Account> find(std::string_view name) const = 0;
};

// A directory that holds the accounts it was given; replace() swaps all of them at once, and
// sessions that are logged in keep the value they were admitted with. Any thread.
class AccountTable final : public AccountDirectory {
 public:
  explicit AccountTable(std::vector<Account> accounts);
  void replace(std::vector<Account> accounts);
  [[nodiscard]] std::shared_ptr<const Account> find(std::string_view name) const override;

 private:
  using Map = std::map<std::string, std::shared_ptr<const Account>, std::less<>>;
  SharedValue<Map> accounts_;
};

}  // namespace sluice::policy
