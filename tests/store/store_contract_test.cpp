// One suite, run against SQLite and PostgreSQL alike.
#include <filesystem>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using contract::scratch;
namespace fs = std::filesystem;

class StoreContract : public contract::Contract {};

TEST_P(StoreContract, TheFirstUserIsTheOwnerAndTheOnlyFirst) {
  EXPECT_FALSE(*store_->has_users());
  const User user = owner();
  EXPECT_EQ(user.role, policy::WorkspaceRole::kOwner);
  EXPECT_EQ(user.email, "ada@example.org");
  EXPECT_EQ(user.created_at, kNow);
  const auto second = store_->create_first_user({"Eve", "eve@x", "h", {}}, kNow);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, Failure::kConflict);
}

TEST_P(StoreContract, OfTwoFirstUsersAtOnceOneWins) {
  const auto other = open_store();
  int made = 0;
  std::mutex mutex;
  const auto create = [&](Store& store, const std::string& email) {
    const auto user = store.create_first_user({"n", email, "h", {}}, kNow);
    const std::lock_guard lock(mutex);
    made += user.has_value() ? 1 : 0;
  };
  std::thread one([&] { create(*store_, "a@x"); });
  std::thread two([&] { create(*other, "b@x"); });
  one.join();
  two.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(store_->users(0, 10)->size(), 1U);
}

TEST_P(StoreContract, AnAddressIsOnePersonsAndHostileTextIsText) {
  owner();
  const std::string hostile = "Robert'); DROP TABLE users;-- <script>\r\nX: y $1 \xF0\x9F\x90\xAC";
  const auto user = store_->create_user({hostile, "bob@x", "h", policy::WorkspaceRole::kDba}, kNow);
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ(store_->user(user->id)->name, hostile);
  EXPECT_EQ(store_->create_user({"b", "BOB@x", "h", {}}, kNow).error().kind, Failure::kConflict);
  EXPECT_EQ(store_->users(0, 10)->size(), 2U);
  EXPECT_EQ(store_->users(user->id, 10)->size(), 0U);
}

TEST_P(StoreContract, TheLastOwnerStaysAndPatchesChangeOnlyWhatTheySay) {
  const User user = owner();
  EXPECT_EQ(store_->update_user(user.id, {{}, {}, policy::WorkspaceRole::kDba, {}}).error().kind,
            Failure::kRefused);
  EXPECT_EQ(store_->update_user(user.id, {{}, {}, {}, false}).error().kind, Failure::kRefused);
  EXPECT_EQ(store_->user(user.id)->role, policy::WorkspaceRole::kOwner);
  const auto renamed = store_->update_user(user.id, {"Ada L.", {}, {}, {}});
  ASSERT_TRUE(renamed.has_value());
  EXPECT_EQ(renamed->name, "Ada L.");
  EXPECT_EQ(store_->user_for_sign_in("ADA@example.org")->second, "hash");
  EXPECT_EQ(store_->update_user(4711, {"x", {}, {}, {}}).error().kind, Failure::kNotFound);
}

TEST_P(StoreContract, CredentialsEndWithTimeTheirUserAndTheirRemoval) {
  owner();
  const auto bob = *store_->create_user({"Bob", "bob@x", "h", {}}, kNow);
  const Credential credential{0,    bob.id, CredentialKind::kToken,
                              "ci", kNow,   kNow + std::chrono::hours(1)};
  const auto id = store_->add_credential(credential, token_hash("secret"));
  ASSERT_TRUE(id.has_value());
  const auto found = store_->find_credential(token_hash("secret"), kNow);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->first.id, bob.id);
  EXPECT_EQ(found->second.name, "ci");
  EXPECT_FALSE(store_->find_credential(token_hash("other"), kNow).has_value());
  EXPECT_FALSE(
      store_->find_credential(token_hash("secret"), kNow + std::chrono::hours(1)).has_value());
  EXPECT_TRUE(store_->update_user(bob.id, {{}, {}, {}, false}).has_value());
  EXPECT_FALSE(store_->find_credential(token_hash("secret"), kNow).has_value());
  EXPECT_EQ(store_->tokens(bob.id)->size(), 1U);
  EXPECT_EQ(store_->delete_credential(*id, bob.id + 1).error().kind, Failure::kNotFound);
  EXPECT_TRUE(store_->delete_credential(*id, bob.id).has_value());
  EXPECT_EQ(store_->tokens(bob.id)->size(), 0U);
}

TEST_P(StoreContract, TestAndProdAreThereFromTheStart) {
  auto environments = *store_->environments();
  ASSERT_EQ(environments.size(), 2U);
  EXPECT_EQ(environments[0].name, "Test");
  EXPECT_EQ(environments[0].rules.approval, policy::Approval::kAutomatic);
  EXPECT_EQ(environments[1].name, "Prod");
  EXPECT_EQ(environments[1].rules.approval, policy::Approval::kManual);
  EXPECT_FALSE(environments[1].rules.allow_self_approval);
  environments[1].position = -1;
  environments[1].rules.project_owner_may_approve = true;
  ASSERT_TRUE(store_->update_environment(environments[1]).has_value());
  EXPECT_EQ(store_->environments()->front().name, "Prod");
  EXPECT_TRUE(store_->environments()->front().rules.project_owner_may_approve);
  environments[0].drift_interval_seconds = 1;
  EXPECT_EQ(store_->update_environment(environments[0]).error().kind, Failure::kRefused);
  EXPECT_EQ(store_->create_environment({0, "Test", 3, {}, "{}", 600}).error().kind,
            Failure::kConflict);
}

TEST_P(StoreContract, ProjectsHaveMembersWithOneRoleEach) {
  const User user = owner();
  const auto project = store_->create_project({0, "Tutorial", "TAR", false});
  ASSERT_TRUE(project.has_value());
  EXPECT_EQ(store_->create_project({0, "Other", "TAR", false}).error().kind, Failure::kConflict);
  EXPECT_EQ(*store_->member_role(project->id, user.id), policy::ProjectRole::kNone);
  ASSERT_TRUE(store_->set_member(project->id, {user.id, policy::ProjectRole::kViewer}).has_value());
  ASSERT_TRUE(store_->set_member(project->id, {user.id, policy::ProjectRole::kOwner}).has_value());
  EXPECT_EQ(*store_->member_role(project->id, user.id), policy::ProjectRole::kOwner);
  EXPECT_EQ(store_->members(project->id)->size(), 1U);
  EXPECT_EQ(store_->set_member(project->id, {4711, policy::ProjectRole::kOwner}).error().kind,
            Failure::kReference);
  EXPECT_TRUE(store_->remove_member(project->id, user.id).has_value());
  EXPECT_EQ(store_->remove_member(project->id, user.id).error().kind, Failure::kNotFound);
  EXPECT_TRUE(store_->delete_project(project->id).has_value());
  EXPECT_EQ(store_->delete_project(project->id).error().kind, Failure::kNotFound);
}

TEST_P(StoreContract, InstanceSecretsAreSealedAndStayWhenNotGiven) {
  const Id test = store_->environments()->front().id;
  Instance instance{0, "aurora", "mysql", test, "h", 3306, "u", "required", "ca", ""};
  const auto made = store_->create_instance(instance, {"p4ssw0rd-clear", "k3y-clear"});
  ASSERT_TRUE(made.has_value());
  const auto raw = connect()->run("SELECT sealed_password, sealed_tls_key FROM instances", {});
  ASSERT_TRUE(raw.has_value());
  for (const Cell& cell : raw->rows.at(0)) {
    EXPECT_EQ(text(cell).find("clear"), std::string::npos);
    EXPECT_FALSE(text(cell).empty());
  }
  instance = *made;
  instance.port = 3307;
  ASSERT_TRUE(store_->update_instance(instance, std::nullopt).has_value());
  EXPECT_EQ(store_->instance_secrets(instance.id)->password, "p4ssw0rd-clear");
  ASSERT_TRUE(store_->update_instance(instance, InstanceSecrets{"new", ""}).has_value());
  EXPECT_EQ(store_->instance_secrets(instance.id)->password, "new");
  EXPECT_EQ(store_->instances()->front().port, 3307);
  instance.port = 70000;
  EXPECT_EQ(store_->update_instance(instance, std::nullopt).error().kind, Failure::kRefused);
  instance.port = 1;
  instance.environment = 4711;
  EXPECT_EQ(store_->update_instance(instance, std::nullopt).error().kind, Failure::kReference);
  EXPECT_TRUE(store_->delete_instance(instance.id).has_value());
}

TEST_P(StoreContract, AuditRowsFormAChainAndAreNeverChanged) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(store_
                    ->append_audit({0, kNow + std::chrono::seconds(i), i == 1 ? "bob@x" : "ada@x",
                                    "users.manage", "user:2", "done", "", "", ""})
                    .has_value());
  }
  EXPECT_EQ(store_->verify_audit()->entries, 3);
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
  AuditFilter filter;
  filter.actor = "ada@x";
  filter.since = kNow;
  EXPECT_EQ(store_->audit(filter)->size(), 2U);
  filter.before = 3;
  ASSERT_EQ(store_->audit(filter)->size(), 1U);
  EXPECT_EQ(store_->audit(filter)->front().id, 1);
  const auto raw = connect();
  for (const auto* sql : {"UPDATE audit SET actor = 'eve'", "DELETE FROM audit"}) {
    const auto changed = raw->run(sql, {});
    ASSERT_FALSE(changed.has_value()) << sql;
    EXPECT_EQ(changed.error().kind, Failure::kRefused);
  }
  EXPECT_EQ(store_->verify_audit()->entries, 3);
}

TEST_P(StoreContract, SeveralAuditEntriesAreWrittenTogetherOrNotAtAll) {
  std::vector<AuditEntry> entries(3);
  for (auto& entry : entries) entry.action = "issues.list";
  ASSERT_TRUE(store_->append_audit(entries).has_value());
  EXPECT_EQ(entries[2].id, 3);
  entries[1].actor = std::string("a\0b", 3);
  if (GetParam() == Dialect::kPostgres) {
    EXPECT_FALSE(store_->append_audit(entries).has_value());
    EXPECT_EQ(store_->audit({})->size(), 3U);
  }
  ASSERT_TRUE(store_->append_audit(AuditEntry{}).has_value());
  EXPECT_EQ(store_->verify_audit()->entries, 4);
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
}

TEST_P(StoreContract, WhatRunsIsCountedAndWhatThereIsToo) {
  const auto before = store_->meter().statements.count();
  const auto totals = store_->totals();
  ASSERT_TRUE(totals.has_value()) << totals.error().detail;
  EXPECT_EQ(store_->meter().statements.count(), before + 3);
  EXPECT_TRUE(totals->issues.empty());
  owner();
  EXPECT_EQ(store_->create_first_user({"B", "b@example.org", "h", {}}, kNow).error().kind,
            Failure::kConflict);
  for (const auto& count : store_->meter().failures) EXPECT_EQ(count, 0U);
  // Every call waited for its turn, none for long, and nobody else was at the file.
  EXPECT_GE(store_->meter().turns.count(), 3U);
  EXPECT_EQ(store_->meter().locks.count(), 0U);
}

// Another program holds the file's lock for longer than a statement waits.
TEST(SqliteLocks, AWaitForAnotherProgramIsCountedAndGivenUp) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("sluice_lock_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto file = (folder / "sluice.db").string();
  {
    Meter meter;
    auto opened = open_sqlite(file);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    const auto mine = metered(std::move(*opened), meter);
    ASSERT_TRUE(mine->script("CREATE TABLE t (a INT)").has_value());
    const auto other = open_sqlite(file);
    ASSERT_TRUE(other.has_value());
    {
      const Transaction theirs(**other);
      ASSERT_TRUE(theirs.begun().has_value());
      EXPECT_TRUE(mine->run("SELECT a FROM t", {}).has_value());  // a reader never waits
      EXPECT_EQ(meter.locks.count(), 0U);
      const auto late = mine->run("INSERT INTO t VALUES (1)", {});
      ASSERT_FALSE(late.has_value());
      EXPECT_EQ(late.error().kind, Failure::kBusy);
      EXPECT_EQ(meter.locks.count(), 1U);
      EXPECT_GT(meter.locks.sum(), 1);
      EXPECT_EQ(meter.failures.at(static_cast<std::size_t>(Failure::kBusy)), 1U);
    }
    EXPECT_TRUE(mine->run("INSERT INTO t VALUES (1)", {}).has_value());
    EXPECT_EQ(meter.locks.count(), 1U);
  }
  std::filesystem::remove_all(folder);
}

TEST_P(StoreContract, SettingsOfTheWorkspaceAreKeptForEveryProgram) {
  EXPECT_EQ(*store_->settings(), WorkspaceSettings{});
  const WorkspaceSettings set{"Shop", "https://example.org", 14, 3};
  ASSERT_TRUE(store_->set_settings(set).has_value());
  const auto other = open_store();
  EXPECT_EQ(*other->settings(), set);
  ASSERT_TRUE(other->set_settings({}).has_value());
  EXPECT_EQ(*store_->settings(), WorkspaceSettings{});
  // What was written past the program lets no shorter password in.
  ASSERT_TRUE(store_->set_settings(set).has_value());
  for (const auto* length : {"3", "14 ", "x"}) {
    ASSERT_TRUE(connect()
                    ->run("UPDATE meta SET value = $1 WHERE name = 'settings.min_password_length'",
                          std::vector<Cell>{std::string(length)})
                    .has_value());
    EXPECT_EQ(store_->settings()->min_password_length, 8) << length;
  }
  // Nor makes it sessions that never end.
  for (const auto* hours : {"0", "-1", "8761", "x", ""}) {
    ASSERT_TRUE(connect()
                    ->run("UPDATE meta SET value = $1 WHERE name = 'settings.session_hours'",
                          std::vector<Cell>{std::string(hours)})
                    .has_value());
    EXPECT_EQ(store_->settings()->session_hours, kSessionHours) << hours;
  }
}

TEST_P(StoreContract, AChangeBehindTheTriggersBackIsFound) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(store_->append_audit({0, kNow, "a", "x", "", "done", "", "", ""}).has_value());
  }
  const auto raw = connect();
  ASSERT_TRUE(raw->script(GetParam() == Dialect::kSqlite
                              ? "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete"
                              : "DROP TRIGGER audit_append_only ON audit")
                  .has_value());
  ASSERT_TRUE(raw->run("UPDATE audit SET actor = 'b' WHERE id = 3", {}).has_value());
  EXPECT_EQ(store_->verify_audit()->first_bad, 3);
  ASSERT_TRUE(raw->run("UPDATE audit SET actor = 'a' WHERE id = 3", {}).has_value());
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
  ASSERT_TRUE(raw->run("DELETE FROM audit WHERE id = 2", {}).has_value());
  EXPECT_EQ(store_->verify_audit()->first_bad, 3);
}

TEST_P(StoreContract, TwoProgramsAppendToOneChain) {
  const auto other = open_store();
  const auto append = [](Store& store) {
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(store.append_audit({0, kNow, "a", "x", "", "done", "", "", ""}).has_value());
    }
  };
  std::thread one([&] { append(*store_); });
  std::thread two([&] { append(*other); });
  one.join();
  two.join();
  EXPECT_EQ(store_->verify_audit()->entries, 40);
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
}

TEST_P(StoreContract, AnotherKeyAndANewerStoreAreRefused) {
  const auto wrong = Store::open(connect(), sealer(2));
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().kind, Failure::kWrongKey);
  EXPECT_NE(open_store(), nullptr);
  ASSERT_TRUE(connect()
                  ->run("INSERT INTO migrations (number, name) VALUES (9999, 'later')", {})
                  .has_value());
  const auto newer = Store::open(connect(), sealer());
  ASSERT_FALSE(newer.has_value());
  EXPECT_EQ(newer.error().kind, Failure::kNewer);
}

TEST_P(StoreContract, ATransactionThatIsNotCommittedLeavesNothing) {
  const auto raw = connect();
  {
    Transaction transaction(*raw);
    ASSERT_TRUE(transaction.begun().has_value());
    ASSERT_TRUE(raw->run("INSERT INTO meta (name, value) VALUES ('a', 'b')", {}).has_value());
  }
  EXPECT_EQ(raw->run("SELECT * FROM meta WHERE name = 'a'", {})->rows.size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, testing::Values(Dialect::kPostgres));

TEST(Migrations, PartsAreChosenByDialect) {
  const std::string_view sql = "a {id}\n-- only sqlite\ns\n-- only postgres\np\n-- both\nz\n";
  EXPECT_EQ(for_dialect(sql, Dialect::kSqlite), "a INTEGER PRIMARY KEY AUTOINCREMENT\ns\nz\n");
  EXPECT_EQ(for_dialect(sql, Dialect::kPostgres),
            "a BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY\np\nz\n");
}

TEST(Migrations, OneThatCameLaterThanAHigherNumberRuns) {
  auto database = open_sqlite((scratch() / "late").string());
  ASSERT_TRUE(database.has_value());
  ASSERT_TRUE((*database)
                  ->script("CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT NOT "
                           "NULL); INSERT INTO migrations VALUES (14, '0014_secrets')")
                  .has_value());
  ASSERT_TRUE(migrate(**database).has_value());
  EXPECT_TRUE((*database)->run("SELECT COUNT(*) FROM users", {}).has_value());
  EXPECT_FALSE((*database)->run("SELECT sealed_sheet FROM tasks", {}).has_value());
  EXPECT_TRUE(migrate(**database).has_value());
}

TEST(Seal, OpensWithItsKeyOnlyAndUnchanged) {
  const Sealer one(std::array<std::uint8_t, Sealer::kKeySize>{1});
  const Sealer two(std::array<std::uint8_t, Sealer::kKeySize>{2});
  const auto sealed = one.seal("secret");
  EXPECT_NE(sealed, one.seal("secret"));
  EXPECT_EQ(*one.open(sealed), "secret");
  EXPECT_EQ(*one.open(one.seal("")), "");
  EXPECT_FALSE(two.open(sealed).has_value());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(one.open(changed).has_value()) << i;
    EXPECT_FALSE(one.open(sealed.substr(0, i)).has_value()) << i;
  }
}

TEST(Seal, TheKeyFileIsMadeOnceAndIsItsOwnersAlone) {
  const auto path = (scratch() / "key").string();
  const auto made = open_key_file(path);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto again = open_key_file(path);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*(*again)->open((*made)->seal("x")), "x");
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(open_key_file(path).error().kind, Failure::kRefused);
  const auto damaged = (scratch() / "damaged").string();
  std::ofstream(damaged) << "abc";
  fs::permissions(damaged, fs::perms::owner_read);
  EXPECT_EQ(open_key_file(damaged).error().kind, Failure::kWrongKey);
}

TEST(Passwords, AreCheckedAgainstTheirHash) {
  const auto hash = hash_password("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$"));
  EXPECT_TRUE(check_password("correct horse", hash));
  EXPECT_FALSE(check_password("correct horsf", hash));
  EXPECT_FALSE(check_password("x", "not a hash"));
  EXPECT_NE(make_token(), make_token());
}

}  // namespace
}  // namespace sluice::store
