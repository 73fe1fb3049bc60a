#include "policy/judge.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

class TextJudgeTest : public testing::Test {
 protected:
  TextJudgeTest() {
    account_.name = "ana";
    account_.kind = AccountKind::kHuman;
    context_.account = &account_;
    context_.instance = "main";
    context_.server_version = 90704;
    context_.session.schema = "shop";
    policies_.transparent = false;
    policies_.instances["main"].environment = "Prod";
    policies_.instances["main"].gate = default_gate(false);
  }

  Decision judge(std::string_view text, Submission::Kind kind = Submission::Kind::kQuery) {
    frames_.assign(text.begin(), text.end());
    return judge_.judge(policies_, context_, {kind, text, frames_});
  }
  InstancePolicy& main() { return policies_.instances["main"]; }

  Account account_;
  Context context_;
  PolicySet policies_;
  TextJudge judge_;
  std::vector<std::uint8_t> frames_;
};

TEST_F(TextJudgeTest, each_verdict_has_its_decision) {
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SELECT 1")));
  EXPECT_TRUE(std::holds_alternative<Change>(judge("DROP TABLE t")));
  EXPECT_EQ(std::get<Change>(judge("DROP TABLE t")).verdict(), Verdict::kReview);
  EXPECT_EQ(std::get<Change>(judge("DROP TABLE t")).rule(), "gate.ddl");
  const auto refused = judge("SET GLOBAL max_connections = 5");
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_EQ(std::get<Refusal>(refused).sqlstate, "45000");
  EXPECT_TRUE(std::holds_alternative<SluiceCall>(judge("CALL sluice.status()")));
  const auto prepares = judge("PREPARE s FROM @v");
  ASSERT_TRUE(std::holds_alternative<NeedsValue>(prepares));
  EXPECT_EQ(std::get<NeedsValue>(prepares).variable, "v");
  EXPECT_EQ(std::get<NeedsValue>(prepares).statement, "s");
}

TEST_F(TextJudgeTest, a_change_keeps_its_permit_until_it_is_released) {
  main().gate.human[static_cast<std::size_t>(parser::ActionGroup::Ddl)] = Verdict::kRecord;
  auto decision = judge("CREATE TABLE t (a int)");
  ASSERT_TRUE(std::holds_alternative<Change>(decision));
  ASSERT_EQ(std::get<Change>(decision).judged()->statements.size(), 1U);
  const Permit permit = std::move(std::get<Change>(decision)).release(7);
  EXPECT_EQ(permit.frames().data(), frames_.data());
}

TEST_F(TextJudgeTest, who_can_only_send_or_refuse_refuses_all_but_permits) {
  EXPECT_FALSE(refusal_of(judge("SELECT 1")));
  const auto denied = refusal_of(judge("SHUTDOWN"));
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->rule, "gate.server");
  for (const char* text : {"DROP TABLE t", "PREPARE s FROM @v", "CALL sluice.status()"}) {
    const auto refusal = refusal_of(judge(text));
    ASSERT_TRUE(refusal) << text;
    EXPECT_EQ(refusal->rule, "no-change-keeper");
  }
  EXPECT_NE(refusal_of(judge("DROP TABLE t"))->message.find("'review' by rule gate.ddl"),
            std::string::npos);
}

TEST_F(TextJudgeTest, preparing_passes_and_running_is_judged) {
  EXPECT_TRUE(std::holds_alternative<Permit>(
      judge("DELETE FROM t WHERE a = ?", Submission::Kind::kPrepare)));
  EXPECT_TRUE(std::holds_alternative<Change>(
      judge("DELETE FROM t WHERE a = ?", Submission::Kind::kExecute)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("SHUTDOWN", Submission::Kind::kPrepare)));
}

TEST_F(TextJudgeTest, a_cached_text_follows_the_policies_the_schema_and_the_programs) {
  EXPECT_TRUE(std::holds_alternative<Change>(judge("SELECT f()")));
  EXPECT_TRUE(std::holds_alternative<Change>(judge("SELECT f()")));
  auto programs = std::make_shared<Programs>();
  programs->add_routine("shop", "f", parser::ActionGroup::Read);
  main().programs = programs;
  ++policies_.version;
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SELECT f()")));
  context_.session.schema = "other";
  EXPECT_TRUE(std::holds_alternative<Change>(judge("SELECT f()")));
  context_.session.schema = "shop";
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SELECT f()")));
  main().gate.human.fill(Verdict::kDeny);
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("SELECT f()")));
}

TEST_F(TextJudgeTest, the_sessions_dialect_is_the_texts) {
  // As a string it hides a statement, as an identifier it does not; the other way round for MySQL's
  // comment of another server.
  context_.engine = Engine::kMariadb;
  context_.server_version = 101119;
  EXPECT_TRUE(std::holds_alternative<Change>(judge("/*M! DROP TABLE t */")));
  context_.engine = Engine::kMysql;
  context_.server_version = 90704;
  EXPECT_FALSE(std::holds_alternative<Permit>(judge("/*M! DROP TABLE t */ DROP TABLE t")));
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SELECT \"a' FROM t; DROP TABLE t -- \"")));
  context_.session.sql_mode = parser::kNoBackslashEscapes;
  EXPECT_FALSE(std::holds_alternative<Permit>(judge("SELECT '\\'; DROP TABLE t -- '")));
}

TEST_F(TextJudgeTest, shadow_mode_passes_and_says_what_would_have_been) {
  main().gate.shadow = true;
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SHUTDOWN")));
  EXPECT_EQ(judge_.last_ruling().verdict, Verdict::kDeny);
  EXPECT_EQ(judge_.last_ruling().rule, "gate.server");
  ASSERT_TRUE(judge_.last_text());
  EXPECT_EQ(judge_.last_text()->statements.front().class_name, "shutdown");
}

TEST_F(TextJudgeTest, a_command_without_sql_passes_on_a_known_instance_alone) {
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("COM_STATISTICS", Submission::Kind::kCommand)));
  EXPECT_FALSE(judge_.last_text());
  context_.instance = "unknown";
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("COM_STATISTICS", Submission::Kind::kCommand)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("SELECT 1")));
}

}  // namespace
}  // namespace sluice::policy
