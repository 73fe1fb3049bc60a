#include "admin/store/migrate.h"
#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kSealCheck = "sluice";

constexpr std::string_view kUser = " id, name, email, role, active, created_at ";

User read_user(const Row& row, std::size_t at = 0) {
  User user;
  user.id = integer(row.at(at));
  user.name = text(row.at(at + 1));
  user.email = text(row.at(at + 2));
  // The table's CHECK allows no other word.
  user.role = policy::parse_workspace_role(text(row.at(at + 3))).value();
  user.active = integer(row.at(at + 4)) != 0;
  user.created_at = to_time(row.at(at + 5));
  return user;
}

std::string lower(std::string_view email) {
  std::string lowered(email);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

Result<User> insert_user(Database& database, const NewUser& user, Time now) {
  auto row = run_one(database,
                     "INSERT INTO users (name, email, password_hash, role, created_at) VALUES ($1, "
                     "$2, $3, $4, $5) RETURNING" +
                         std::string(kUser),
                     {user.name, lower(user.email), user.password_hash,
                      std::string(policy::name(user.role)), to_cell(now)});
  if (!row) return row.error();
  return read_user(*row);
}

Credential read_credential(const Row& row, std::size_t at = 0) {
  return {integer(row.at(at)),
          integer(row.at(at + 1)),
          text(row.at(at + 2)) == "token" ? CredentialKind::kToken : CredentialKind::kSession,
          text(row.at(at + 3)),
          to_time(row.at(at + 4)),
          to_time(row.at(at + 5))};
}

// Serialises writers of one table where the dialect's transactions do not do so by themselves.
Result<void> lock_table(Database& database, const std::string& table) {
  if (database.dialect() == Dialect::kSqlite) return {};
  return database.script("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
}

}  // namespace

Store::Store(std::unique_ptr<Database> database, std::unique_ptr<Sealer> sealer)
    : sealer_(std::move(sealer)) {
  shared_.database = metered(std::move(database), shared_.meter);
}

Result<std::unique_ptr<Store>> Store::open(std::unique_ptr<Database> database,
                                           std::unique_ptr<Sealer> sealer) {
  if (auto migrated = migrate(*database); !migrated) return migrated.error();
  std::unique_ptr<Store> store(new Store(std::move(database), std::move(sealer)));
  if (auto checked = store->check_key(); !checked) return checked.error();
  return store;
}

Result<void> Store::check_key() {
  // The first program seals a known word; every other must be able to open it.
  if (auto put = run(*database_,
                     "INSERT INTO meta (name, value) VALUES ('seal_check', $1) ON CONFLICT DO "
                     "NOTHING",
                     {sealer_->seal(kSealCheck)});
      !put) {
    return put.error();
  }
  const auto row = run_one(*database_, "SELECT value FROM meta WHERE name = 'seal_check'");
  if (!row) return row.error();
  const auto opened = sealer_->open(text(row->at(0)));
  if (!opened || *opened != kSealCheck) {
    return Fault{Failure::kWrongKey, "the key file is not the one that this store was made with"};
  }
  return {};
}

Result<User> Store::create_first_user(NewUser user, Time now) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto locked = lock_table(*database_, "users"); !locked) return locked.error();
  const auto count = run_one(*database_, "SELECT COUNT(*) FROM users WHERE id > 0");
  if (!count) return count.error();
  if (integer(count->at(0)) != 0) {
    return Fault{Failure::kConflict, "the workspace has its owner already"};
  }
  user.role = policy::WorkspaceRole::kOwner;
  auto made = insert_user(*database_, user, now);
  if (!made) return made;
  if (auto done = transaction.commit(); !done) return done.error();
  return made;
}

Result<User> Store::create_user(NewUser user, Time now) {
  const std::lock_guard lock(mutex_);
  return insert_user(*database_, user, now);
}

Result<User> Store::update_user(Id id, const UserPatch& patch) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun().error();
  if (auto locked = lock_table(*database_, "users"); !locked) return locked.error();
  const Cell none;
  auto row = run_one(
      *database_,
      "UPDATE users SET name = COALESCE($2, name), password_hash = COALESCE($3, password_hash), "
      "role = COALESCE($4, role), active = COALESCE($5, active) WHERE id = $1 RETURNING" +
          std::string(kUser),
      {id, patch.name ? Cell(*patch.name) : none,
       patch.password_hash ? Cell(*patch.password_hash) : none,
       patch.role ? Cell(std::string(policy::name(*patch.role))) : none,
       patch.active ? Cell(std::int64_t{*patch.active ? 1 : 0}) : none});
  if (!row) return row.error();
  const auto owners =
      run_one(*database_, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND active = 1");
  if (!owners) return owners.error();
  if (integer(owners->at(0)) == 0) {
    return Fault{Failure::kRefused, "the workspace needs an active owner"};
  }
  if (auto done = transaction.commit(); !done) return done.error();
  return read_user(*row);
}

Result<User> Store::user(Id id) {
  const std::lock_guard lock(mutex_);
  auto row = run_one(*database_, "SELECT" + std::string(kUser) + "FROM users WHERE id = $1", {id});
  if (!row) return row.error();
  return read_user(*row);
}

Result<std::pair<User, std::string>> Store::user_for_sign_in(std::string_view email) {
  const std::lock_guard lock(mutex_);
  auto row = run_one(
      *database_,
      "SELECT" + std::string(kUser) + ", password_hash FROM users WHERE email = $1 AND active = 1",
      {lower(email)});
  if (!row) return row.error();
  return std::pair(read_user(*row), text(row->at(6)));
}

Result<std::vector<User>> Store::users(Id after, std::int64_t limit) {
  const std::lock_guard lock(mutex_);
  return read_all<User>(
      run(*database_,
          "SELECT" + std::string(kUser) + "FROM users WHERE id > $1 ORDER BY id LIMIT $2",
          {after, limit}),
      [](const Row& row) { return read_user(row); });
}

Result<bool> Store::has_users() {
  const std::lock_guard lock(mutex_);
  const auto count = run_one(*database_, "SELECT COUNT(*) FROM users WHERE id > 0");
  if (!count) return count.error();
  return integer(count->at(0)) != 0;
}

Result<Id> Store::add_credential(const Credential& credential, std::string_view hash) {
  const std::lock_guard lock(mutex_);
  // Those that have expired go when a new one comes, so that the table does not grow for ever.
  const auto purged = run(*database_, "DELETE FROM credentials WHERE expires_at <= $1",
                          {to_cell(credential.created_at)});
  if (!purged) return purged.error();
  const bool token = credential.kind == CredentialKind::kToken;
  auto row =
      run_one(*database_,
              "INSERT INTO credentials (user_id, kind, name, token_hash, created_at, "
              "expires_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
              {credential.user, std::string(token ? "token" : "session"), credential.name,
               std::string(hash), to_cell(credential.created_at), to_cell(credential.expires_at)});
  if (!row) return row.error();
  return integer(row->at(0));
}

Result<std::pair<User, Credential>> Store::find_credential(std::string_view hash, Time now) {
  const std::lock_guard lock(mutex_);
  auto row = run_one(
      *database_,
      "SELECT u.id, u.name, u.email, u.role, u.active, u.created_at, c.id, c.user_id, c.kind, "
      "c.name, c.created_at, c.expires_at FROM credentials c JOIN users u ON u.id = c.user_id "
      "WHERE c.token_hash = $1 AND c.expires_at > $2 AND u.active = 1",
      {std::string(hash), to_cell(now)});
  if (!row) return row.error();
  return std::pair(read_user(*row), read_credential(*row, 6));
}

Result<std::vector<Credential>> Store::tokens(Id user) {
  const std::lock_guard lock(mutex_);
  return read_all<Credential>(
      run(*database_,
          "SELECT id, user_id, kind, name, created_at, expires_at FROM credentials WHERE user_id = "
          "$1 AND kind = 'token' ORDER BY id",
          {user}),
      [](const Row& row) { return read_credential(row); });
}

Result<void> Store::delete_credential(Id id, Id user) {
  const std::lock_guard lock(mutex_);
  const auto row =
      run_one(*database_, "DELETE FROM credentials WHERE id = $1 AND user_id = $2 RETURNING id",
              {id, user});
  if (!row) return row.error();
  return {};
}

Result<void> Store::end_sessions(Id user, Id except) {
  const std::lock_guard lock(mutex_);
  const auto rows = run(
      *database_, "DELETE FROM credentials WHERE user_id = $1 AND kind = 'session' AND id <> $2",
      {user, except});
  if (!rows) return rows.error();
  return {};
}

}  // namespace sluice::store
