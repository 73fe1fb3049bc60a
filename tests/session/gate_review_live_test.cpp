// Statements that wait for somebody, and calls of the gate itself, before both real servers.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/live_proxy.h"
#include "tests/support/scripted_sink.h"

namespace sluice::session {
namespace {

using policy::ChangeReview;
using policy::Verdict;
using test::Engine;
using test::LiveClient;
using test::LiveProxy;
using test::ScriptedSink;

constexpr wire::Capabilities kPlain{};
constexpr wire::Capabilities kModern =
    wire::cap::kSessionTrack | wire::cap::kDeprecateEof | wire::cap::kQueryAttributes;

policy::PolicySet every_change(Verdict verdict, bool shadow = false) {
  policy::PolicySet set;
  set.transparent = false;
  auto& main = set.instances["main"];
  main.environment = "Prod";
  main.gate.service.fill(verdict);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(parser::ActionGroup::Transaction); ++i) {
    main.gate.service[i] = Verdict::kPass;
  }
  main.gate.shadow = shadow;
  main.gate.hold_limit = std::chrono::seconds(20);
  return set;
}

class GateReviewLive : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    live_ = std::make_unique<LiveProxy>(
        GetParam(), [](ProxyConfig&) {}, &sink_);
    LiveClient root(*live_, kPlain);
    ASSERT_EQ(root.run({"DROP DATABASE IF EXISTS gate_review", "CREATE DATABASE gate_review",
                        "CREATE TABLE gate_review.t (a INT PRIMARY KEY) ENGINE=InnoDB"})
                  .error,
              0);
    live_->policies.replace(every_change(Verdict::kReview));
  }
  void TearDown() override {
    if (!live_) return;
    live_->policies.replace(policy::PolicySet{});
    LiveClient root(*live_, kPlain);
    root.query("DROP DATABASE IF EXISTS gate_review");
  }
  std::string tables(LiveClient& client) {
    const auto answer = client.query("SHOW TABLES FROM gate_review");
    std::string names;
    for (const auto& row : answer.rows) names += row.at(0) + " ";
    return names;
  }

  ScriptedSink sink_;
  std::unique_ptr<LiveProxy> live_;
};

TEST_P(GateReviewLive, a_reviewed_statement_is_an_issue_and_nothing_runs) {
  LiveClient client(*live_, kPlain, "gate_review");
  const auto refused = client.query("DROP TABLE t");
  EXPECT_EQ(refused.error, 1105);
  EXPECT_EQ(refused.message, "45000 Sluice: change #42 needs review: http://x/issues/42");
  const auto id = client.prepare("DELETE FROM t WHERE a = ?");
  EXPECT_EQ(client.execute(id, {"x"}).error, 1105);
  EXPECT_EQ(client.query("CREATE TABLE u (a INT); DROP TABLE t").error, 1105);
  EXPECT_EQ(sink_.told(),
            "review DROP TABLE t\nreview DELETE FROM t WHERE a = 'x'\n"
            "review CREATE TABLE u (a INT); DROP TABLE t\n");
  EXPECT_EQ(tables(client), "t ");
  sink_.on_review = [](const auto&) {
    return ChangeReview{.state = ChangeReview::State::kDone,
                        .issue = 42,
                        .message = "Sluice: change #42 is done",
                        .affected_rows = 3};
  };
  const auto done = client.query("DELETE FROM t");
  EXPECT_EQ(done.error, 0);
  EXPECT_EQ(done.affected, 3U);
  EXPECT_EQ(done.message, "Sluice: change #42 is done");
  sink_.on_review = [](const auto&) {
    return ChangeReview{.state = ChangeReview::State::kEnded, .issue = 42, .message = "rejected"};
  };
  EXPECT_EQ(client.query("DELETE FROM t").message, "45000 rejected");
}

TEST_P(GateReviewLive, text_is_reviewed_in_utf8_or_not_at_all) {
  LiveClient client(*live_, kPlain, "gate_review");
  EXPECT_EQ(client.query("SET NAMES latin1").error, 0);
  EXPECT_EQ(client.query("INSERT INTO t VALUES ('\xe9')").error, 1105);
  EXPECT_EQ(sink_.told(), "review INSERT INTO t VALUES ('\xc3\xa9')\n");
  EXPECT_EQ(client.query("SET NAMES utf8mb4").error, 0);
  EXPECT_NE(client.query("INSERT INTO t VALUES ('\xe9')")
                .message.find("cannot be written out as the text"),
            std::string::npos);
  EXPECT_EQ(sink_.told(), "");
}

TEST_P(GateReviewLive, a_held_statement_runs_in_its_session_once_it_is_approved) {
  live_->policies.replace(every_change(Verdict::kHold));
  sink_.on_state = [](int asked) {
    return ChangeReview{
        .state = asked < 2 ? ChangeReview::State::kWaiting : ChangeReview::State::kApproved,
        .issue = 42,
        .message = "waits"};
  };
  LiveClient client(*live_, kModern, "gate_review");
  EXPECT_EQ(client.query("SET @x = 5").error, 0);
  const auto answer = client.query("INSERT INTO t VALUES (@x), (@x + 1)");
  EXPECT_EQ(answer.error, 0) << answer.message;
  EXPECT_EQ(answer.affected, 2U);
  EXPECT_EQ(sink_.told(),
            "hold INSERT INTO t VALUES (@x), (@x + 1)\nclaim 42\nend 1042 ok 2 gtid\n");
  const auto id = client.prepare("DELETE FROM t WHERE a = ?");
  EXPECT_EQ(client.execute(id, {"5"}).affected, 1U);
  EXPECT_EQ(sink_.told(), "hold DELETE FROM t WHERE a = '5'\nclaim 42\nend 1042 ok 1 gtid\n");
  EXPECT_EQ(client.query("SELECT a FROM t").rows.size(), 1U);
  EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t"}).error, 1105) << "not within a transaction";
  EXPECT_EQ(sink_.told(), "");
}

TEST_P(GateReviewLive, a_client_that_goes_away_withdraws_and_nothing_runs) {
  live_->policies.replace(every_change(Verdict::kHold));
  sink_.on_state = [](int) { return ChangeReview{.issue = 42, .message = "waits"}; };
  LiveClient client(*live_, kPlain, "gate_review");
  client.send("DROP TABLE t");
  EXPECT_TRUE(sink_.hears("hold DROP TABLE t"));
  client.vanish();
  EXPECT_TRUE(sink_.hears("withdraw 42"));
  LiveClient other(*live_, kPlain, "gate_review");
  EXPECT_EQ(tables(other), "t ");
  (void)sink_.told();
  other.send("DROP TABLE t");
  EXPECT_TRUE(sink_.hears("hold DROP TABLE t"));
  LiveClient killer(*live_, kPlain);
  // It may not wait yet: KILL QUERY is asked again until it does.
  for (int i = 0; i < 3000 && sink_.told().find("withdraw 42") == std::string::npos; ++i) {
    EXPECT_EQ(killer.query("KILL QUERY " + std::to_string(other.id)).error, 0);
    ::usleep(20000);
  }
  EXPECT_EQ(other.read_answer().error, 1317);
  auto short_wait = every_change(Verdict::kHold);
  short_wait.instances["main"].gate.hold_limit = std::chrono::seconds(0);
  live_->policies.replace(short_wait);
  (void)sink_.told();
  const auto tired = other.query("DROP TABLE t");
  EXPECT_EQ(tired.error, 1105);
  EXPECT_NE(tired.message.find("send the statement again to go on waiting"), std::string::npos);
  EXPECT_EQ(sink_.told(), "hold DROP TABLE t\n") << "it stays open";
}

TEST_P(GateReviewLive, statements_between_begin_and_submit_are_one_issue) {
  LiveClient client(*live_, kPlain, "gate_review");
  EXPECT_EQ(client.query("CALL sluice.submit()").error, 1105);
  EXPECT_EQ(client.query("CALL sluice.begin('two tables')").rows.size(), 1U);
  EXPECT_EQ(client.query("CALL sluice.begin('again')").error, 1105);
  const auto first = client.query("CREATE TABLE u (a INT)");
  EXPECT_EQ(first.error, 0);
  EXPECT_EQ(first.message.find("Sluice: collected as statement 1"), 0U) << first.message;
  EXPECT_EQ(client.query("CREATE TABLE v (a INT)").error, 0);
  EXPECT_EQ(sink_.told(), "");
  const auto made = client.query("CALL sluice.submit()");
  ASSERT_EQ(made.rows.size(), 1U);
  EXPECT_EQ(made.rows[0][0], "42");
  EXPECT_EQ(sink_.told(), "review 'two tables' CREATE TABLE u (a INT) | CREATE TABLE v (a INT)\n");
  EXPECT_EQ(client.run({"CALL sluice.begin('x')", "DROP TABLE t", "CALL sluice.discard()"})
                .rows.at(0)
                .at(0),
            "1");
  EXPECT_EQ(client.query("DROP TABLE t").error, 1105);
  EXPECT_EQ(tables(client), "t ");
}

TEST_P(GateReviewLive, the_gate_is_called_by_text_and_prepared) {
  for (const auto more : {kPlain, kModern}) {
    LiveClient client(*live_, more, "gate_review");
    const auto text = client.query("CALL sluice.issue(42)");
    EXPECT_EQ(text.rows, (std::vector<std::vector<std::string>>{{"1", "NULL"}, {"two", "x"}}));
    const auto server = client.prepare("SELECT 1");
    const auto id = client.prepare("CALL sluice.reject(?, 'no')");
    EXPECT_NE(id, server);
    EXPECT_EQ(client.execute(id, {"42"}).error, 0);
    EXPECT_EQ(client.execute(server).error, 0);
    EXPECT_EQ(sink_.told(), "call issue 42\ncall reject 42 no\n");
    EXPECT_EQ(client
                  .command(wire::Command::kStmtReset,
                           std::string("\x1a") +
                               std::string({static_cast<char>(id), 0, 0, static_cast<char>(0x80)}))
                  .error,
              0);
    EXPECT_EQ(client.query("CALL sluice.issue(@a)").error, 1105);
    EXPECT_EQ(client.query("SELECT 1").rows.size(), 1U);
  }
}

TEST_P(GateReviewLive, waiting_for_an_issue_asks_until_it_has_ended) {
  int asked = 0;
  sink_.on_call = [&](const std::string&, const auto&) {
    return policy::SluiceAnswer{{"state"}, {{"x"}}, ++asked < 2};
  };
  LiveClient client(*live_, kPlain, "gate_review");
  EXPECT_EQ(client.query("CALL sluice.wait(42, 20)").rows.size(), 1U);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(client.query("CALL sluice.wait(42, 'soon')").error, 1105);
}

TEST_P(GateReviewLive, broken_glass_records_until_the_session_is_reset) {
  LiveClient client(*live_, kPlain, "gate_review");
  EXPECT_EQ(client.query("CALL sluice.break_glass('')").error, 1105);
  sink_.on_call = [](const std::string&, const auto&) { return ScriptedSink::refusal("no"); };
  EXPECT_EQ(client.query("CALL sluice.break_glass('fire')").error, 1105);
  EXPECT_EQ(client.query("CREATE TABLE u (a INT)").error, 1105);
  sink_.on_call = {};
  EXPECT_EQ(client.query("CALL sluice.break_glass('fire')").error, 0);
  (void)sink_.told();
  EXPECT_EQ(client.query("CREATE TABLE u (a INT)").error, 0);
  EXPECT_EQ(sink_.told(), "begin 1 CREATE TABLE u (a INT)\nend 1 ok 0 gtid\n");
  EXPECT_EQ(sink_.last().origin.break_glass, "fire");
  EXPECT_EQ(sink_.last().rule, "break-glass");
  EXPECT_EQ(client.command(wire::Command::kResetConnection, "\x1f").error, 0);
  EXPECT_EQ(client.query("DROP TABLE gate_review.u").error, 1105);
}

TEST_P(GateReviewLive, shadow_mode_lets_pass_and_counts_what_would_have_been) {
  live_->policies.replace(every_change(Verdict::kDeny, true));
  LiveClient client(*live_, kPlain, "gate_review");
  EXPECT_EQ(client.query("INSERT INTO t VALUES (1)").error, 0);
  EXPECT_EQ(client.query("INSERT INTO t VALUES (2)").error, 0);
  EXPECT_EQ(client.query("INSERT INTO t VALUES (2)").error, 1062);
  EXPECT_EQ(sink_.told(), "");
  const auto counted = live_->proxy->digests();
  const auto found = std::ranges::find(counted, "INSERT INTO `t` VALUES (?)", &DigestRow::text);
  ASSERT_NE(found, counted.end());
  EXPECT_EQ(found->count, 3U);
  EXPECT_EQ(found->errors, 1U);
  EXPECT_EQ(found->affected, 2U);
  EXPECT_EQ(found->account, "app");
  EXPECT_EQ(found->instance, "main");
  EXPECT_EQ(found->shadow[static_cast<std::size_t>(Verdict::kDeny)], 3U);
  EXPECT_EQ(found->verdicts[0], 3U);
  EXPECT_EQ(found->digest.size(), 64U);
  EXPECT_GT(found->latency.quantile(0.5), 0U);
  EXPECT_NE(live_->events.text().find("shadow deny "), std::string::npos);
}

TEST_P(GateReviewLive, com_process_kill_is_judged_as_the_statement) {
  auto set = every_change(Verdict::kPass);
  set.instances["main"].gate.service[static_cast<std::size_t>(parser::ActionGroup::Server)] =
      Verdict::kDeny;
  live_->policies.replace(set);
  LiveClient client(*live_, kPlain, "gate_review");
  const auto refused =
      client.command(wire::Command::kProcessKill, std::string("\x0c\x01\0\0\0", 5));
  EXPECT_EQ(refused.error, 1105) << refused.message;
}

INSTANTIATE_TEST_SUITE_P(Engines, GateReviewLive, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::session
