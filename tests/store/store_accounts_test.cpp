#include <gmock/gmock.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using policy::AccountKind;
using testing::ElementsAre;
using testing::IsEmpty;

class StoreAccounts : public contract::Contract {
 protected:
  Id instance(const std::string& name) {
    Instance value;
    value.name = name;
    value.engine = "mysql";
    value.environment = 1;
    value.host = "db";
    value.username = "root";
    const auto made = store_->create_instance(value, {"pw", ""});
    EXPECT_TRUE(made.has_value());
    return made->id;
  }
  static AccountEntry service(std::string name) {
    AccountEntry account;
    account.name = std::move(name);
    account.all_instances = true;
    return account;
  }
};

TEST_P(StoreAccounts, AnAccountGoesRound) {
  const Id first = instance("a");
  const Id second = instance("b");
  AccountEntry account = service("shop");
  account.all_instances = false;
  account.instances = {second, first};
  account.databases = {"shop", "it's \"odd\""};
  account.require_tls = true;
  const auto made = store_->accounts().create(account, {"*ABC", "00ff"}, kNow);
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_THAT(made->instances, ElementsAre(second, first));
  EXPECT_EQ(made->databases, account.databases);
  EXPECT_TRUE(made->require_tls);
  EXPECT_EQ(made->created_at, kNow);
  const auto logins = store_->accounts().logins();
  ASSERT_EQ(logins->size(), 1U);
  EXPECT_EQ(logins->front().verifier.text, "*ABC");
  EXPECT_EQ(logins->front().verifier.fast, "00ff");
  EXPECT_THAT(logins->front().account.instances, ElementsAre(second, first));

  AccountEntry changed = *made;
  changed.instances = {first};
  changed.disabled = true;
  ASSERT_TRUE(store_->accounts().update(changed, std::nullopt).has_value());
  const auto again = store_->accounts().get(made->id);
  EXPECT_THAT(again->instances, ElementsAre(first));
  EXPECT_TRUE(again->disabled);
  EXPECT_EQ(store_->accounts().logins()->front().verifier.text, "*ABC");
  ASSERT_TRUE(store_->accounts().update(changed, policy::Verifier{"*DEF", ""}).has_value());
  EXPECT_EQ(store_->accounts().logins()->front().verifier.text, "*DEF");
}

TEST_P(StoreAccounts, AVerifierIsNotReadableInTheDatabase) {
  ASSERT_TRUE(store_->accounts().create(service("shop"), {"*SECRET", "feedfeed"}, kNow));
  const auto raw = connect();
  const auto rows = raw->run("SELECT sealed_verifier, sealed_fast_verifier FROM accounts", {});
  for (const Cell& cell : rows->rows.at(0)) {
    EXPECT_EQ(text(cell).find("SECRET"), std::string::npos);
    EXPECT_EQ(text(cell).find("feed"), std::string::npos);
  }
}

TEST_P(StoreAccounts, WithoutItsInstancesAnAccountReachesNone) {
  const Id only = instance("only");
  AccountEntry account = service("shop");
  account.all_instances = false;
  account.instances = {only};
  const auto made = store_->accounts().create(account, {"*A", ""}, kNow);
  ASSERT_TRUE(store_->delete_instance(only).has_value());
  const auto left = store_->accounts().get(made->id);
  EXPECT_THAT(left->instances, IsEmpty());
  EXPECT_FALSE(left->all_instances);
}

TEST_P(StoreAccounts, NamesAreUniqueAndReferencesMustExist) {
  ASSERT_TRUE(store_->accounts().create(service("shop"), {"*A", ""}, kNow));
  EXPECT_EQ(store_->accounts().create(service("shop"), {"*A", ""}, kNow).error().kind,
            Failure::kConflict);
  AccountEntry stray = service("stray");
  stray.instances = {999};
  EXPECT_EQ(store_->accounts().create(stray, {"*A", ""}, kNow).error().kind, Failure::kReference);
  AccountEntry human = service("ada");
  human.kind = AccountKind::kHuman;
  EXPECT_EQ(store_->accounts().create(human, {"*A", ""}, kNow).error().kind, Failure::kRefused);
  human.user = owner().id;
  EXPECT_TRUE(store_->accounts().create(human, {"*A", ""}, kNow).has_value());
  // Nothing of what was refused is left.
  EXPECT_EQ(store_->accounts().list(0, 10)->size(), 2U);
}

TEST_P(StoreAccounts, AHumansAccountKnowsWhetherThePersonIsActive) {
  owner();
  const auto eve = store_->create_user({"Eve", "eve@x", "h", policy::WorkspaceRole::kDba}, kNow);
  AccountEntry human = service("eve");
  human.kind = AccountKind::kHuman;
  human.user = eve->id;
  ASSERT_TRUE(store_->accounts().create(human, {"*A", ""}, kNow).has_value());
  EXPECT_TRUE(store_->accounts().logins()->front().user_active);
  UserPatch patch;
  patch.active = false;
  ASSERT_TRUE(store_->update_user(eve->id, patch).has_value());
  EXPECT_FALSE(store_->accounts().logins()->front().user_active);
}

TEST_P(StoreAccounts, TheRevisionGrowsWithWhatTheDataPathTakes) {
  auto last = *store_->accounts().data_path_revision();
  const auto grew = [&] {
    const auto now = *store_->accounts().data_path_revision();
    const bool more = now > last;
    last = now;
    return more;
  };
  EXPECT_FALSE(grew());
  const Id id = instance("a");
  EXPECT_TRUE(grew());
  const auto made = store_->accounts().create(service("shop"), {"*A", ""}, kNow);
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->accounts().update(*made, std::nullopt).has_value());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->delete_instance(id).has_value());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->accounts().remove(made->id).has_value());
  EXPECT_TRUE(grew());
  const auto user = owner();
  EXPECT_FALSE(grew());
  UserPatch patch;
  patch.active = true;
  ASSERT_TRUE(store_->update_user(user.id, patch).has_value());
  EXPECT_TRUE(grew());
}

TEST_P(StoreAccounts, PagesGoByNumber) {
  for (const auto* name : {"a", "b", "c"}) {
    ASSERT_TRUE(store_->accounts().create(service(name), {"*A", ""}, kNow).has_value());
  }
  const auto page = store_->accounts().list(1, 1);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ(page->front().name, "b");
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreAccounts,
                         testing::Values(Dialect::kSqlite, Dialect::kPostgres),
                         [](const auto& kind) {
                           return kind.param == Dialect::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace sluice::store
