#include "policy/judge.h"

#include <algorithm>
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
  EXPECT_EQ(std::get<Change>(decision).text(), "CREATE TABLE t (a int)");
  const auto before = frames_;
  frames_.clear();  // it owns what it releases
  std::vector<std::uint8_t> out;
  const Permit permit = std::move(std::get<Change>(decision)).release(7, {}, out);
  EXPECT_TRUE(std::ranges::equal(permit.frames(), before));
}

TEST_F(TextJudgeTest, a_tag_is_put_before_the_text_and_must_be_a_plain_comment) {
  const std::string text = "CREATE TABLE t (a int)";
  // COM_QUERY with two bytes of attributes before the text.
  const std::string payload = std::string("\x03\x00\x01", 3) + text;
  std::vector<std::uint8_t> packet{static_cast<std::uint8_t>(payload.size()), 0, 0, 0};
  packet.insert(packet.end(), payload.begin(), payload.end());
  const std::string_view inside(reinterpret_cast<const char*>(packet.data()) + 7, text.size());
  const auto released = [&](Submission::Kind kind, std::string_view tag) {
    auto decision = judge_.judge(policies_, context_, {kind, inside, packet});
    std::vector<std::uint8_t> out;
    const Permit permit = std::move(std::get<Change>(decision)).release(7, tag, out);
    return std::string(permit.frames().begin(), permit.frames().end());
  };
  const std::string plain(packet.begin(), packet.end());
  const std::string tagged = released(Submission::Kind::kQuery, "/* sluice:7 */");
  EXPECT_EQ(tagged.substr(4), std::string("\x03\x00\x01", 3) + "/* sluice:7 */" + text);
  EXPECT_EQ(static_cast<std::size_t>(tagged[0]), payload.size() + 14);
  for (const char* tag : {"", "DROP TABLE t;", "/*! DROP TABLE t */", "/*+ x */", "/* a */ */",
                          "/* a */ DROP TABLE t; /* b */", "/*M! x */", "/* ' */", "/* a"}) {
    EXPECT_EQ(released(Submission::Kind::kQuery, tag), plain) << tag;
  }
  EXPECT_EQ(released(Submission::Kind::kExecute, "/* sluice:7 */"), plain) << "it has no text";
}

TEST_F(TextJudgeTest, a_prepare_alone_passes_unless_what_it_prepares_is_denied) {
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("PREPARE s FROM 'DROP TABLE t'")));
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("PREPARE s FROM 'SHUTDOWN'")));
  context_.session.multi_statements = true;
  EXPECT_TRUE(std::holds_alternative<Change>(judge("PREPARE s FROM 'DROP TABLE t'; SELECT 1")));
}

TEST_F(TextJudgeTest, broken_glass_records_what_would_wait_and_lets_nothing_pass_unrecorded) {
  context_.session.break_glass = true;
  main().databases["shop"] = {1, true, "sale"};
  main().gate.human[static_cast<std::size_t>(parser::ActionGroup::Dml)] = Verdict::kPass;
  for (const char* text : {"DROP TABLE t", "DELETE FROM t", "CREATE USER u", "CALL p()"}) {
    const auto decision = judge(text);
    ASSERT_TRUE(std::holds_alternative<Change>(decision)) << text;
    EXPECT_EQ(std::get<Change>(decision).verdict(), Verdict::kRecord) << text;
    EXPECT_EQ(std::get<Change>(decision).rule(), "break-glass") << text;
  }
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("SELECT 1")));
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("SHUTDOWN")));
  account_.databases = {"other"};
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("DROP TABLE t")));
}

TEST_F(TextJudgeTest, an_instance_without_a_gate_passes_and_is_still_read) {
  main().transparent = true;
  EXPECT_TRUE(std::holds_alternative<Permit>(judge("DROP TABLE t")));
  ASSERT_TRUE(judge_.last_text());
  EXPECT_EQ(judge_.last_ruling().rule, "transparent");
  account_.databases = {"other"};
  EXPECT_TRUE(std::holds_alternative<Refusal>(judge("DROP TABLE t")));
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
