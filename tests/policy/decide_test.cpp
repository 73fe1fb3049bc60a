#include "policy/decide.h"

#include <gtest/gtest.h>

#include "policy/account_directory.h"
#include "policy/policy_source.h"

namespace sluice::policy {
namespace {

const std::vector<std::uint8_t> kFrames{9, 0, 0, 0, 3, 'S', 'E', 'L', 'E', 'C', 'T', ' ', '1'};

Account named(std::string name) {
  Account account;
  account.name = std::move(name);
  return account;
}

Submission query() {
  return {Submission::Kind::kQuery, "SELECT 1", kFrames};
}

TEST(Decide, a_permit_holds_the_judged_bytes) {
  const Account account = named("app");
  Context context;
  context.account = &account;
  const Decision decision = decide(PolicySet{}, context, query(), Ruling{});
  ASSERT_TRUE(std::holds_alternative<Permit>(decision));
  EXPECT_EQ(std::get<Permit>(decision).frames().data(), kFrames.data());
  EXPECT_EQ(std::get<Permit>(decision).frames().size(), kFrames.size());
}

TEST(Decide, without_an_account_or_a_policy_everything_is_refused) {
  const Account account = named("app");
  Context context;
  EXPECT_TRUE(std::holds_alternative<Refusal>(decide(PolicySet{}, context, query(), Ruling{})));
  context.account = &account;
  PolicySet closed;
  closed.transparent = false;
  const Decision decision = decide(closed, context, query(), Ruling{});
  ASSERT_TRUE(std::holds_alternative<Refusal>(decision));
  EXPECT_EQ(std::get<Refusal>(decision).rule, "no-policy");
}

TEST(Permit, the_proxys_own_commands_are_whole_packets) {
  for (const auto command : {Control::kPing, Control::kQuit, Control::kResetConnection}) {
    const Permit permit = Permit::control(command);
    ASSERT_EQ(permit.frames().size(), 5U);
    EXPECT_EQ(permit.frames()[0], 1);
  }
  std::vector<std::uint8_t> frames;
  const Permit permit = Permit::kill(4294967295U, true, frames);
  const std::string text(permit.frames().begin() + 5, permit.frames().end());
  EXPECT_EQ(text, "KILL QUERY 4294967295");
  EXPECT_EQ(permit.frames()[0], text.size() + 1);
}

TEST(Permit, variables_are_asked_for_by_their_quoted_names) {
  std::vector<std::uint8_t> frames;
  const std::vector<std::string> names{"a", "x`y"};
  const Permit permit = Permit::ask_variables(names, "latin1", frames);
  const std::string text(permit.frames().begin() + 5, permit.frames().end());
  EXPECT_EQ(text,
            "SELECT CAST(CONCAT_WS(',',IF(@`a` IS NULL,'N',HEX(CAST(CONVERT(@`a` USING latin1) AS "
            "BINARY))),IF(@`x``y` IS NULL,'N',HEX(CAST(CONVERT(@`x``y` USING latin1) AS "
            "BINARY)))) AS BINARY)");
}

TEST(Permit, a_text_is_asked_about_as_a_literal_that_nothing_ends) {
  std::vector<std::uint8_t> frames;
  const auto permit = Permit::ask_syntax("selec 'it''s' \"x\"", frames);
  ASSERT_TRUE(permit);
  EXPECT_EQ(std::string(permit->frames().begin() + 5, permit->frames().end()),
            "PREPARE `sluice syntax` FROM 'selec ''it''''s'' \"x\"'");
  for (const std::string& text : {std::string("a\\'"), std::string("a\0b", 3), std::string("\xbf'"),
                                  std::string(100000, 'a')}) {
    EXPECT_FALSE(Permit::ask_syntax(text, frames)) << text.substr(0, 9);
  }
}

TEST(FixedPolicySource, a_new_set_holds_from_the_next_statement_on) {
  const Account account = named("app");
  Context context;
  context.account = &account;
  FixedPolicySource source(PolicySet{});
  const auto judge = source.make_judge();
  EXPECT_TRUE(std::holds_alternative<Permit>(judge->judge(context, query())));
  PolicySet closed;
  closed.transparent = false;
  source.replace(closed);
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge->judge(context, query())));
}

TEST(AccountTable, replace_swaps_all_and_keeps_what_was_handed_out) {
  AccountTable table({named("a"), named("b")});
  const auto a = table.find("a");
  ASSERT_TRUE(a);
  table.replace({named("c")});
  EXPECT_FALSE(table.find("a"));
  EXPECT_FALSE(table.find("A"));
  EXPECT_TRUE(table.find("c"));
  EXPECT_EQ(a->name, "a");
}

}  // namespace
}  // namespace sluice::policy
