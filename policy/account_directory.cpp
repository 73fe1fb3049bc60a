#include "policy/account_directory.h"

#include <utility>

namespace sluice::policy {
namespace {

auto index(std::vector<Account> accounts) {
  auto map = std::make_shared<std::map<std::string, std::shared_ptr<const Account>, std::less<>>>();
  for (Account& account : accounts) {
    std::string name = account.name;
    (*map)[std::move(name)] = std::make_shared<const Account>(std::move(account));
  }
  return map;
}

}  // namespace

AccountTable::AccountTable(std::vector<Account> accounts) {
  replace(std::move(accounts));
}

void AccountTable::replace(std::vector<Account> accounts) {
  accounts_.store(index(std::move(accounts)));
}

std::shared_ptr<const Account> AccountTable::find(std::string_view name) const {
  const auto map = accounts_.load();
  const auto found = map->find(name);
  return found == map->end() ? nullptr : found->second;
}

}  // namespace sluice::policy
