#include "policy/ruling.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "policy/decide.h"

namespace sluice::policy {
namespace {

class RulingTest : public testing::Test {
 protected:
  RulingTest() {
    account_.name = "ana";
    context_.account = &account_;
    context_.instance = "main";
    context_.session.schema = "shop";
    policies_.transparent = false;
    InstancePolicy& policy = policies_.instances["main"];
    policy.name = "main";
    policy.environment = "Prod";
    policy.gate = default_gate(false);
  }

  Ruling ruled(std::string_view text) {
    parser::Dialect dialect;
    dialect.multi_statements = true;
    return rule(policies_, context_, judge_text(text, dialect));
  }
  std::string verdict(std::string_view text) {
    const Ruling ruling = ruled(text);
    return std::string(name(ruling.verdict)) + " " + std::string(ruling.rule);
  }
  InstancePolicy& main() { return policies_.instances["main"]; }

  Account account_;
  Context context_;
  PolicySet policies_;
};

TEST_F(RulingTest, the_most_restricted_verdict_of_all_groups_counts) {
  account_.kind = AccountKind::kHuman;
  EXPECT_EQ(verdict("SELECT * FROM t"), "pass gate.read");
  EXPECT_EQ(verdict("DELETE FROM t WHERE a = 1"), "review gate.dml");
  EXPECT_EQ(verdict("SELECT 1; DROP TABLE t"), "review gate.ddl");
  EXPECT_EQ(verdict("DROP TABLE t; FLUSH TABLES"), "deny gate.server");
  EXPECT_EQ(verdict("this is no SQL"), "review gate.opaque");
  account_.kind = AccountKind::kService;
  EXPECT_EQ(verdict("DELETE FROM t WHERE a = 1"), "pass gate.dml");
  EXPECT_EQ(verdict("DELETE FROM t WHERE a = f()"), "review gate.opaque");
  // In Test an unknown text passes and DDL is recorded: DDL beside something unknown is recorded.
  main().gate = default_gate(true);
  EXPECT_EQ(verdict("CREATE TABLE u SELECT f() AS a"), "record gate.ddl");
}

TEST_F(RulingTest, an_account_stays_in_its_databases_whatever_the_environment_says) {
  account_.databases = {"shop", "archive"};
  EXPECT_EQ(verdict("SELECT * FROM t"), "pass gate.read");
  EXPECT_EQ(verdict("SELECT * FROM secret.t"), "deny account.databases");
  EXPECT_EQ(verdict("this is no SQL"), "deny account.databases");
  main().gate.shadow = true;
  const Judged judged = judge_text("SELECT * FROM secret.t", {});
  const Ruling ruling = rule(policies_, context_, judged);
  EXPECT_EQ(denial(ruling, context_),
            "Sluice refused the statement (rule account.databases): it uses the database secret, "
            "and the account 'ana' may use only shop, archive.");
  const auto decision = decide(ruling, context_, {}, std::make_shared<const Judged>(judged));
  EXPECT_TRUE(std::holds_alternative<Refusal>(decision));
  policies_.transparent = true;
  EXPECT_EQ(verdict("SELECT * FROM t"), "pass transparent");
  EXPECT_EQ(verdict("SELECT * FROM secret.t"), "deny account.databases");
}

TEST_F(RulingTest, without_a_policy_everything_is_denied) {
  context_.instance = "other";
  EXPECT_EQ(verdict("SELECT 1"), "deny no-instance-policy");
  context_.account = nullptr;
  EXPECT_EQ(verdict("SELECT 1"), "deny no-policy");
}

TEST_F(RulingTest, a_session_that_is_not_known_for_sure_makes_texts_opaque) {
  account_.kind = AccountKind::kHuman;
  context_.session.certain = false;
  EXPECT_EQ(verdict("SELECT 1"), "review uncertain-session");
}

TEST_F(RulingTest, a_commit_of_what_nobody_saw_prepared_is_a_change_of_data) {
  account_.kind = AccountKind::kHuman;
  EXPECT_EQ(verdict("XA COMMIT 'x'"), "pass gate.transaction");
  context_.session.unknown_xa = true;
  EXPECT_EQ(verdict("XA COMMIT 'x'"), "review gate.dml");
  account_.kind = AccountKind::kService;
  EXPECT_EQ(verdict("XA COMMIT 'x'"), "pass gate.dml");
}

TEST_F(RulingTest, a_freeze_denies_changes_of_its_database_alone) {
  main().databases["shop"] = {.project = 1, .frozen = true, .freeze_reason = "year's end"};
  EXPECT_EQ(verdict("UPDATE t SET a = 1 WHERE b = 2"), "deny freeze");
  EXPECT_EQ(verdict("DROP DATABASE shop"), "deny freeze");
  EXPECT_EQ(verdict("CALL p()"), "deny freeze");
  EXPECT_EQ(verdict("SELECT * FROM t"), "pass gate.read");
  EXPECT_EQ(verdict("UPDATE other.t SET a = 1 WHERE b = 2"), "pass gate.dml");
  EXPECT_EQ(denial(ruled("TRUNCATE t"), context_),
            "Sluice refused the statement (rule freeze): changes are frozen in database shop: "
            "year's end. Reads are allowed.");
}

TEST_F(RulingTest, a_denial_names_the_rule_and_what_would_be_allowed) {
  EXPECT_EQ(
      denial(ruled("SET GLOBAL max_connections = 5"), context_),
      "Sluice refused the statement (rule gate.server): a statement of group 'server' is not "
      "for a service account in Prod. Allowed: read, session, transaction, dml, ddl (review), "
      "account (review), opaque (review).");
}

}  // namespace
}  // namespace sluice::policy
