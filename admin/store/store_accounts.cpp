#include "admin/store/store_accounts.h"

#include <map>

#include <boost/json.hpp>

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

namespace json = boost::json;

constexpr std::string_view kAccount =
    " id, name, kind, user_id, all_instances, databases, require_tls, may_replicate, disabled, "
    "created_at, may_break_glass ";

std::string_view word(policy::AccountKind kind) {
  return kind == policy::AccountKind::kHuman ? "human" : "service";
}

// The list as it is kept; nothing of it is anybody's but ours.
std::vector<std::string> read_names(const std::string& text) {
  std::vector<std::string> names;
  const auto value = json::parse(text);
  for (const auto& name : value.as_array()) names.emplace_back(name.as_string());
  return names;
}

std::string print_names(const std::vector<std::string>& names) {
  json::array list;
  for (const auto& name : names) list.emplace_back(name);
  return json::serialize(list);
}

AccountEntry read_account(const Row& row) {
  AccountEntry account;
  account.id = integer(row.at(0));
  account.name = text(row.at(1));
  account.kind =
      text(row.at(2)) == "human" ? policy::AccountKind::kHuman : policy::AccountKind::kService;
  account.user = integer(row.at(3));
  account.all_instances = integer(row.at(4)) != 0;
  account.databases = read_names(text(row.at(5)));
  account.require_tls = integer(row.at(6)) != 0;
  account.may_replicate = integer(row.at(7)) != 0;
  account.disabled = integer(row.at(8)) != 0;
  account.created_at = to_time(row.at(9));
  account.may_break_glass = integer(row.at(10)) != 0;
  return account;
}

// Instances of each of them, in their order.
Result<void> add_instances(Database& database, std::vector<AccountEntry*> accounts, Id from,
                           Id to) {
  std::map<Id, AccountEntry*> by_id;
  for (AccountEntry* account : accounts) by_id[account->id] = account;
  const auto rows = run(database,
                        "SELECT account_id, instance_id FROM account_instances WHERE account_id "
                        "BETWEEN $1 AND $2 ORDER BY account_id, position",
                        {from, to});
  if (!rows) return rows.error();
  for (const Row& row : rows->rows) {
    const auto found = by_id.find(integer(row.at(0)));
    if (found != by_id.end()) found->second->instances.push_back(integer(row.at(1)));
  }
  return {};
}

}  // namespace

Result<std::vector<AccountEntry>> Accounts::list(Id after, std::int64_t limit) {
  const std::lock_guard lock(shared_.mutex);
  Database& database = *shared_.database;
  auto accounts = read_all<AccountEntry>(
      run(database,
          "SELECT" + std::string(kAccount) + "FROM accounts WHERE id > $1 ORDER BY id LIMIT $2",
          {after, limit}),
      read_account);
  if (!accounts || accounts->empty()) return accounts;
  std::vector<AccountEntry*> all;
  for (AccountEntry& account : *accounts) all.push_back(&account);
  const auto added = add_instances(database, all, accounts->front().id, accounts->back().id);
  if (!added) return added.error();
  return accounts;
}

// REQUIRES: the mutex is held.
Result<AccountEntry> Accounts::read(Id id) {
  const auto row = run_one(*shared_.database,
                           "SELECT" + std::string(kAccount) + "FROM accounts WHERE id = $1", {id});
  if (!row) return row.error();
  AccountEntry account = read_account(*row);
  const auto added = add_instances(*shared_.database, {&account}, id, id);
  if (!added) return added.error();
  return account;
}

Result<AccountEntry> Accounts::get(Id id) {
  const std::lock_guard lock(shared_.mutex);
  return read(id);
}

Result<AccountEntry> Accounts::find(const std::string& name) {
  const std::lock_guard lock(shared_.mutex);
  const auto row = run_one(*shared_.database, "SELECT id FROM accounts WHERE name = $1", {name});
  if (!row) return row.error();
  return read(integer(row->at(0)));
}

Result<void> Accounts::put_instances(const AccountEntry& account) {
  std::int64_t position = 0;
  for (const Id instance : account.instances) {
    const auto put = run(*shared_.database,
                         "INSERT INTO account_instances (account_id, instance_id, position) VALUES "
                         "($1, $2, $3)",
                         {account.id, instance, position++});
    if (!put) return put.error();
  }
  return {};
}

Result<AccountEntry> Accounts::create(const AccountEntry& account, const policy::Verifier& verifier,
                                      Time now) {
  const std::lock_guard lock(shared_.mutex);
  Transaction transaction(*shared_.database);
  if (!transaction.begun()) return transaction.begun().error();
  const auto row = run_one(
      *shared_.database,
      "INSERT INTO accounts (name, kind, user_id, all_instances, databases, require_tls, "
      "may_replicate, disabled, created_at, sealed_verifier, sealed_fast_verifier, "
      "may_break_glass) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
      {account.name, std::string(word(account.kind)), reference(account.user),
       flag(account.all_instances), print_names(account.databases), flag(account.require_tls),
       flag(account.may_replicate), flag(account.disabled), to_cell(now),
       sealer_.seal(verifier.text), sealer_.seal(verifier.fast), flag(account.may_break_glass)});
  if (!row) return row.error();
  AccountEntry made = account;
  made.id = integer(row->at(0));
  if (auto put = put_instances(made); !put) return put.error();
  auto kept = read(made.id);
  if (!kept) return kept;
  if (auto done = transaction.commit(); !done) return done.error();
  return kept;
}

Result<AccountEntry> Accounts::update(const AccountEntry& account,
                                      const std::optional<policy::Verifier>& verifier) {
  const std::lock_guard lock(shared_.mutex);
  Transaction transaction(*shared_.database);
  if (!transaction.begun()) return transaction.begun().error();
  const Cell none;
  const auto row = run_one(
      *shared_.database,
      "UPDATE accounts SET name = $2, kind = $3, user_id = $4, all_instances = $5, databases = $6, "
      "require_tls = $7, may_replicate = $8, disabled = $9, sealed_verifier = COALESCE($10, "
      "sealed_verifier), sealed_fast_verifier = COALESCE($11, sealed_fast_verifier), "
      "may_break_glass = $12 "
      "WHERE id = $1 RETURNING id",
      {account.id, account.name, std::string(word(account.kind)), reference(account.user),
       flag(account.all_instances), print_names(account.databases), flag(account.require_tls),
       flag(account.may_replicate), flag(account.disabled),
       verifier ? Cell(sealer_.seal(verifier->text)) : none,
       verifier ? Cell(sealer_.seal(verifier->fast)) : none, flag(account.may_break_glass)});
  if (!row) return row.error();
  const auto cleared =
      run(*shared_.database, "DELETE FROM account_instances WHERE account_id = $1", {account.id});
  if (!cleared) return cleared.error();
  if (auto put = put_instances(account); !put) return put.error();
  auto kept = read(account.id);
  if (!kept) return kept;
  if (auto done = transaction.commit(); !done) return done.error();
  return kept;
}

Result<void> Accounts::remove(Id id) {
  const std::lock_guard lock(shared_.mutex);
  const auto row =
      run_one(*shared_.database, "DELETE FROM accounts WHERE id = $1 RETURNING id", {id});
  if (!row) return row.error();
  return {};
}

Result<std::vector<AccountLogin>> Accounts::logins() {
  const std::lock_guard lock(shared_.mutex);
  const auto rows = run(
      *shared_.database,
      "SELECT a.id, a.name, a.kind, a.user_id, a.all_instances, a.databases, a.require_tls, "
      "a.may_replicate, a.disabled, a.created_at, a.may_break_glass, a.sealed_verifier, "
      "a.sealed_fast_verifier, "
      "COALESCE(u.active, 1) FROM accounts a LEFT JOIN users u ON u.id = a.user_id ORDER BY a.id");
  if (!rows) return rows.error();
  std::vector<AccountLogin> logins;
  for (const Row& row : rows->rows) {
    auto verifier = sealer_.open(text(row.at(11)));
    if (!verifier) return verifier.error();
    auto fast = sealer_.open(text(row.at(12)));
    if (!fast) return fast.error();
    logins.push_back(
        {read_account(row), {std::move(*verifier), std::move(*fast)}, integer(row.at(13)) != 0});
  }
  if (logins.empty()) return logins;
  std::vector<AccountEntry*> all;
  for (AccountLogin& login : logins) all.push_back(&login.account);
  const auto added = add_instances(*shared_.database, all, all.front()->id, all.back()->id);
  if (!added) return added.error();
  return logins;
}

Result<std::int64_t> Accounts::data_path_revision() {
  const std::lock_guard lock(shared_.mutex);
  const auto row =
      run_one(*shared_.database,
              "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'data_path_revision'");
  if (!row) return row.error();
  return integer(row->at(0));
}

}  // namespace sluice::store
