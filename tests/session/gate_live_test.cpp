// The gate's verdicts in the data path, before both real servers: what the change sink is told of
// each statement and transaction, and what the client sees of it.
#include <gtest/gtest.h>

#include "tests/support/live_proxy.h"
#include "tests/support/scripted_sink.h"

namespace sluice::session {
namespace {

using policy::Verdict;
using test::Engine;
using test::LiveClient;
using test::LiveProxy;
using test::ScriptedSink;

constexpr wire::Capabilities kPlain{};
constexpr wire::Capabilities kModern =
    wire::cap::kSessionTrack | wire::cap::kDeprecateEof | wire::cap::kQueryAttributes;

policy::PolicySet all_of(Verdict dml, Verdict ddl, std::uint64_t rows = 0) {
  policy::PolicySet set;
  set.transparent = false;
  auto& main = set.instances["main"];
  main.name = "main";
  main.environment = "Test";
  main.gate = policy::default_gate(true);
  main.gate.service.fill(Verdict::kPass);
  const auto at = [&](parser::ActionGroup group) -> Verdict& {
    return main.gate.service[static_cast<std::size_t>(group)];
  };
  at(parser::ActionGroup::Dml) = dml;
  at(parser::ActionGroup::Ddl) = ddl;
  at(parser::ActionGroup::Opaque) = dml;
  main.gate.max_affected_rows = rows;
  main.gate.hold_limit = std::chrono::seconds(20);
  return set;
}

class GateLive : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    live_ = std::make_unique<LiveProxy>(
        GetParam(), [](ProxyConfig&) {}, &sink_);
    LiveClient root(*live_, kPlain);
    ASSERT_EQ(root.run({"DROP DATABASE IF EXISTS gate_live", "CREATE DATABASE gate_live",
                        "CREATE TABLE gate_live.t (a INT PRIMARY KEY, b VARCHAR(50)) "
                        "ENGINE=InnoDB",
                        "CREATE PROCEDURE gate_live.commits() BEGIN INSERT INTO gate_live.t VALUES "
                        "(77, 'p'); COMMIT; END"})
                  .error,
              0);
    live_->policies.replace(all_of(Verdict::kRecord, Verdict::kRecord));
  }
  void TearDown() override {
    if (!live_) return;
    live_->policies.replace(policy::PolicySet{});
    LiveClient root(*live_, kPlain);
    root.query("DROP DATABASE IF EXISTS gate_live");
  }
  std::string rows(LiveClient& client) {
    const auto answer = client.query("SELECT COALESCE(GROUP_CONCAT(a ORDER BY a), '') FROM t");
    return answer.rows.empty() ? "error " + answer.message : answer.rows[0][0];
  }

  ScriptedSink sink_;
  std::unique_ptr<LiveProxy> live_;
};

TEST_P(GateLive, a_statement_is_recorded_before_the_client_sees_its_answer) {
  for (const auto more : {kPlain, kModern}) {
    LiveClient client(*live_, more, "gate_live");
    (void)sink_.told();
    const auto inserted = client.query("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    EXPECT_EQ(inserted.affected, 2U);
    const std::string told = sink_.told();
    EXPECT_TRUE(told.starts_with("begin ")) << told;
    EXPECT_NE(told.find(" INSERT INTO t VALUES (1, 'x'), (2, 'y')\nend "), std::string::npos);
    EXPECT_NE(told.find(" ok 2 gtid\n"), std::string::npos) << told;
    EXPECT_EQ(sink_.last().origin.schema, "gate_live");
    EXPECT_NE(sink_.last().origin.backend_thread, 0U);
    ASSERT_EQ(sink_.last().objects.size(), 1U);
    EXPECT_EQ(client.query("INSERT INTO t VALUES (1, 'x')").error, 1062);
    EXPECT_NE(sink_.told().find(" failed 1062 0\n"), std::string::npos);
    EXPECT_EQ(client.query("ALTER TABLE t ADD c INT").error, 0);
    EXPECT_EQ(client.query("ALTER TABLE t DROP c").error, 0);
    EXPECT_EQ(client.query("SELECT 1").error, 0);
    EXPECT_EQ(client.run({"DELETE FROM t"}).affected, 2U);
    (void)sink_.told();
  }
}

TEST_P(GateLive, what_a_check_finds_is_the_answer_and_nothing_runs) {
  LiveClient client(*live_, kPlain, "gate_live");
  sink_.on_begin = [](const auto&) { return ScriptedSink::refusal("no primary key"); };
  const auto refused = client.query("INSERT INTO t VALUES (1, 'x')");
  EXPECT_EQ(refused.error, 1105);
  EXPECT_EQ(refused.message, "45000 no primary key");
  EXPECT_EQ(rows(client), "");
}

// Like the "select $$" that the mysql program begins with.
TEST_P(GateLive, what_the_server_does_not_understand_is_its_error_and_no_change) {
  for (const auto verdict : {Verdict::kRecord, Verdict::kReview, Verdict::kHold}) {
    live_->policies.replace(all_of(verdict, verdict));
    LiveClient client(*live_, kPlain, "gate_live");
    (void)sink_.told();
    const auto slip = client.query("SELEC 'x' FROM t");
    EXPECT_EQ(slip.error, 1064);
    EXPECT_TRUE(slip.message.starts_with("42000 You have an error in your SQL syntax"))
        << slip.message;
    EXPECT_EQ(client.query("SELECT 'x").error, 1064);
    EXPECT_EQ(sink_.told(), "");
    EXPECT_EQ(rows(client), "");
  }
}

TEST_P(GateLive, prepared_statements_are_recorded_with_their_values) {
  for (const auto more : {kPlain, kModern}) {
    LiveClient client(*live_, more, "gate_live");
    const auto id = client.prepare("INSERT INTO t VALUES (?, ?)");
    EXPECT_EQ(sink_.told(), "");
    EXPECT_EQ(client.execute(id, {"5", "it's"}).affected, 1U);
    EXPECT_NE(sink_.told().find("INSERT INTO t VALUES ('5', 'it''s')\nend "), std::string::npos);
    EXPECT_EQ(client
                  .run({"SET @a = 6, @b = 'y'", "PREPARE s FROM 'INSERT INTO t VALUES (?, ?)'",
                        "EXECUTE s USING @a, @b"})
                  .affected,
              1U);
    EXPECT_NE(sink_.told().find("INSERT INTO t VALUES (6, 'y')\nend "), std::string::npos);
    client.query("DELETE FROM t");
    (void)sink_.told();
  }
}

TEST_P(GateLive, a_transaction_is_one_change_when_it_is_committed) {
  LiveClient client(*live_, kPlain, "gate_live");
  EXPECT_EQ(client
                .run({"BEGIN", "INSERT INTO t VALUES (1, 'a')", "SAVEPOINT one",
                      "INSERT INTO t VALUES (2, 'b')", "ROLLBACK TO SAVEPOINT one",
                      "INSERT INTO t VALUES (3, 'c'), (4, 'd')"})
                .error,
            0);
  EXPECT_EQ(sink_.told(),
            "check INSERT INTO t VALUES (1, 'a')\ncheck INSERT INTO t VALUES (2, 'b')\n"
            "check INSERT INTO t VALUES (3, 'c'), (4, 'd')\n");
  EXPECT_EQ(client.query("COMMIT").error, 0);
  EXPECT_EQ(sink_.told(),
            "begin 1 tx INSERT INTO t VALUES (1, 'a') | INSERT INTO t VALUES (3, 'c'), (4, 'd')\n"
            "end 1 ok 1 2 gtid\n");
  EXPECT_EQ(rows(client), "1,3,4");
  EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t", "ROLLBACK", "COMMIT"}).error, 0);
  EXPECT_EQ(sink_.told(), "check DELETE FROM t\n") << "ROLLBACK leaves none";
  // An error within it does not end it.
  EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t WHERE a = 1"}).error, 0);
  EXPECT_EQ(client.query("INSERT INTO t VALUES (3, 'x')").error, 1062);
  EXPECT_EQ(client.query("COMMIT").error, 0);
  EXPECT_NE(sink_.told().find("begin 2 tx DELETE FROM t WHERE a = 1\nend 2 ok 1 gtid\n"),
            std::string::npos);
}

TEST_P(GateLive, whatever_commits_records) {
  LiveClient client(*live_, kPlain, "gate_live");
  EXPECT_EQ(client.run({"BEGIN", "INSERT INTO t VALUES (1, 'a')", "ALTER TABLE t ADD c INT"}).error,
            0);
  EXPECT_EQ(sink_.told(),
            "check INSERT INTO t VALUES (1, 'a')\nbegin 1 tx INSERT INTO t VALUES (1, 'a')\n"
            "end 1 ok 1 gtid\nbegin 2 ALTER TABLE t ADD c INT\nend 2 ok 0 gtid\n");
  EXPECT_EQ(client
                .run({"ALTER TABLE t DROP c", "SET autocommit = 0", "DELETE FROM t",
                      "SET autocommit = 1"})
                .error,
            0);
  EXPECT_EQ(sink_.told(),
            "begin 3 ALTER TABLE t DROP c\nend 3 ok 0 gtid\ncheck DELETE FROM t\n"
            "begin 4 tx DELETE FROM t\nend 4 ok 1 gtid\n");
  EXPECT_EQ(client.run({"BEGIN", "INSERT INTO t VALUES (1, 'a')", "BEGIN", "ROLLBACK"}).error, 0);
  EXPECT_NE(sink_.told().find("begin 5 tx INSERT INTO t VALUES (1, 'a')\nend 5 ok 1 gtid\n"),
            std::string::npos);
  // Within a transaction SET autocommit = 1 commits nothing where it is on.
  EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t", "SET autocommit = 1", "ROLLBACK"}).error, 0);
  EXPECT_NE(sink_.told().find("end 6 undone"), std::string::npos);
  EXPECT_EQ(rows(client), "1");
  // A routine that commits.
  EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t", "CALL commits()"}).error, 0);
  EXPECT_EQ(rows(client), "77") << "what a routine committed is recorded before the next command";
  EXPECT_NE(sink_.told().find("begin 7 tx DELETE FROM t | CALL commits()\nend 7 ok"),
            std::string::npos);
}

TEST_P(GateLive, texts_of_several_statements_are_one_change) {
  LiveClient client(*live_, kPlain, "gate_live");
  const std::string whole =
      "BEGIN; INSERT INTO t VALUES (1, 'a'); INSERT INTO t VALUES (2, 'b'); COMMIT";
  EXPECT_EQ(client.query(whole).error, 0);
  EXPECT_EQ(sink_.told(), "begin 1 " + whole + "\nend 1 ok 2 gtid\n");
  const std::string opens = "BEGIN; DELETE FROM t WHERE a = 1";
  EXPECT_EQ(client.query(opens).error, 0);
  EXPECT_EQ(sink_.told(), "check " + opens + "\n");
  EXPECT_EQ(client.query("COMMIT; SELECT 1").error, 0);
  EXPECT_EQ(sink_.told(), "begin 2 tx " + opens + "\nend 2 ok 1 gtid\n");
  EXPECT_EQ(client.query("BEGIN; DELETE FROM t; ROLLBACK").error, 0);
  EXPECT_EQ(sink_.told(), "");
  EXPECT_EQ(client.query("DELETE FROM t; SELECT nothing FROM nowhere").error, 1146);
  EXPECT_NE(sink_.told().find("failed 1146 1"), std::string::npos);
}

TEST_P(GateLive, xa_transactions_are_recorded_by_whoever_commits_them) {
  LiveClient client(*live_, kPlain, "gate_live");
  EXPECT_EQ(client
                .run({"XA START 'x'", "INSERT INTO t VALUES (1, 'a')", "XA END 'x'",
                      "XA COMMIT 'x' ONE PHASE"})
                .error,
            0);
  EXPECT_NE(sink_.told().find("begin 1 tx INSERT INTO t VALUES (1, 'a')\nend 1 ok 1"),
            std::string::npos);
  EXPECT_EQ(
      client.run({"XA START 'y'", "INSERT INTO t VALUES (2, 'b')", "XA END 'y'", "XA PREPARE 'y'"})
          .error,
      0);
  EXPECT_EQ(sink_.told(), "check INSERT INTO t VALUES (2, 'b')\n");
  EXPECT_EQ(client.query("XA COMMIT  'y'").error, 0);
  EXPECT_NE(sink_.told().find("begin 2 tx INSERT INTO t VALUES (2, 'b')\nend 2 ok 1"),
            std::string::npos);
  EXPECT_EQ(
      client
          .run({"XA START 'z'", "DELETE FROM t", "XA END 'z'", "XA PREPARE 'z'", "XA ROLLBACK 'z'"})
          .error,
      0);
  EXPECT_EQ(sink_.told(), "check DELETE FROM t\n");
  EXPECT_EQ(rows(client), "1,2");
}

TEST_P(GateLive, an_xa_commit_of_what_nobody_saw_is_a_change_of_data) {
  LiveClient client(*live_, kPlain, "gate_live");
  const auto prepare_unseen = [&](const std::string& name, int row) {
    live_->policies.replace(policy::PolicySet{});  // transparent: as before the gate was there
    return client
        .run({"XA START '" + name + "'", "INSERT INTO t VALUES (" + std::to_string(row) + ", 'x')",
              "XA END '" + name + "'", "XA PREPARE '" + name + "'"})
        .error;
  };
  ASSERT_EQ(prepare_unseen("far", 5), 0);
  live_->policies.replace(all_of(Verdict::kRecord, Verdict::kRecord));
  EXPECT_EQ(client.query("XA COMMIT 'far'").error, 0);
  const std::string told = sink_.told();
  EXPECT_TRUE(told.starts_with("begin 1 XA COMMIT 'far' /* prepared by another program")) << told;
  EXPECT_NE(told.find("\nend 1 ok 0"), std::string::npos) << told;
  EXPECT_EQ(rows(client), "5");

  ASSERT_EQ(prepare_unseen("near", 6), 0);
  live_->policies.replace(all_of(Verdict::kReview, Verdict::kReview));
  EXPECT_EQ(client.query("XA COMMIT 'near'").error, 1105);
  EXPECT_EQ(sink_.told(), "review XA COMMIT 'near'\n");
  EXPECT_EQ(client.query("XA ROLLBACK 'near'").error, 0);

  // What was seen to hold nothing that is recorded is known, whoever commits it.
  live_->policies.replace(all_of(Verdict::kPass, Verdict::kPass));
  ASSERT_EQ(client
                .run({"XA START 'own'", "INSERT INTO t VALUES (7, 'x')", "XA END 'own'",
                      "XA PREPARE 'own'"})
                .error,
            0);
  live_->policies.replace(all_of(Verdict::kReview, Verdict::kReview));
  EXPECT_EQ(client.query("XA COMMIT 'own'").error, 0);
  EXPECT_EQ(sink_.told(), "");
  EXPECT_EQ(rows(client), "5,7");
}

TEST_P(GateLive, a_transaction_that_cannot_be_written_down_is_rolled_back) {
  LiveClient client(*live_, kPlain, "gate_live");
  EXPECT_EQ(client.run({"BEGIN", "INSERT INTO t VALUES (1, 'a')"}).error, 0);
  sink_.on_begin = [](const auto&) { return ScriptedSink::refusal("The store is away."); };
  const auto refused = client.query("COMMIT");
  EXPECT_EQ(refused.error, 1105);
  EXPECT_EQ(refused.message, "45000 The store is away. The transaction was rolled back.");
  EXPECT_EQ(rows(client), "");
  sink_.on_begin = {};
  (void)sink_.told();
  EXPECT_EQ(client.query("COMMIT").error, 0);
  EXPECT_EQ(sink_.told(), "");
}

TEST_P(GateLive, a_reset_session_has_nothing_open) {
  LiveClient client(*live_, kPlain, "gate_live");
  EXPECT_EQ(client.run({"BEGIN", "INSERT INTO t VALUES (1, 'a')"}).error, 0);
  EXPECT_EQ(client.command(wire::Command::kResetConnection, "\x1f").error, 0);
  (void)sink_.told();
  EXPECT_EQ(client.run({"USE gate_live", "COMMIT"}).error, 0);
  EXPECT_EQ(sink_.told(), "");
  EXPECT_EQ(rows(client), "");
}

TEST_P(GateLive, more_rows_than_allowed_are_rolled_back) {
  for (const Verdict verdict : {Verdict::kPass, Verdict::kRecord}) {
    live_->policies.replace(all_of(verdict, Verdict::kPass, 2));
    LiveClient client(*live_, kModern, "gate_live");
    const auto fits = client.query("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    EXPECT_EQ(fits.affected, 2U);
    EXPECT_EQ(fits.status & (wire::status::kAutocommit | wire::status::kInTransaction),
              wire::status::kAutocommit);
    EXPECT_EQ(client.query("INSERT INTO t VALUES (3, 'c')").error, 0);
    (void)sink_.told();
    const auto many = client.query("DELETE FROM t");
    EXPECT_EQ(many.error, 1105);
    EXPECT_NE(many.message.find("changed 3 rows, and in Test one may change at most 2"),
              std::string::npos)
        << many.message;
    if (verdict == Verdict::kRecord) {
      EXPECT_NE(sink_.told().find(" undone 1105 3\n"), std::string::npos);
    }
    EXPECT_EQ(rows(client), "1,2,3");
    EXPECT_EQ(client.query("SELECT @@autocommit").rows.at(0).at(0), "1");
    EXPECT_EQ(client.run({"BEGIN", "DELETE FROM t WHERE a = 1"}).error, 0);
    EXPECT_EQ(client.query("UPDATE t SET b = 'z'; DELETE FROM t").error, 1105);
    EXPECT_EQ(rows(client), "1,2,3") << "the whole transaction";
    EXPECT_EQ(client.query("LOCK TABLES t WRITE").error, 0);
    EXPECT_EQ(client.query("UPDATE t SET b = 'q' WHERE a = 1").affected, 1U);
    EXPECT_EQ(client.query("SELECT * FROM mysql.user").error, 1100) << "the lock still holds";
    EXPECT_EQ(client.query("UNLOCK TABLES").error, 0);
    EXPECT_EQ(client.query("BEGIN; DELETE FROM t; COMMIT").error, 1105);
    if (GetParam() == Engine::kMariadb) {
      EXPECT_EQ(client.query("DELETE FROM t RETURNING a").error, 1105);
      EXPECT_EQ(client.query("DELETE FROM t WHERE a = 3 RETURNING a").rows.size(), 1U);
    }
    live_->policies.replace(policy::PolicySet{});
    client.query("DELETE FROM t");
    (void)sink_.told();
  }
}

TEST_P(GateLive, a_prepared_text_is_judged_when_it_runs_by_the_policy_of_then) {
  live_->policies.replace(all_of(Verdict::kPass, Verdict::kPass));
  LiveClient client(*live_, kPlain, "gate_live");
  const auto id = client.prepare("DROP TABLE t");
  EXPECT_EQ(client
                .run({"SET @v = 'DROP TABLE t'", "PREPARE s FROM @v",
                      "PREPARE other FROM 'SELECT \\'it\\'\\'s\\''"})
                .error,
            0);
  EXPECT_EQ(client.query("EXECUTE other").rows.at(0).at(0), "it's");
  live_->policies.replace(all_of(Verdict::kPass, Verdict::kReview));
  (void)sink_.told();
  EXPECT_EQ(client.execute(id).error, 1105);
  EXPECT_EQ(client.query("EXECUTE S").error, 1105);
  EXPECT_EQ(sink_.told(), "review DROP TABLE t\nreview DROP TABLE t\n");
  EXPECT_EQ(client.query("EXECUTE other").error, 0);
  EXPECT_EQ(rows(client), "") << "it is still there";
  EXPECT_EQ(client.run({"DEALLOCATE PREPARE s", "PREPARE s FROM 'SELECT 5'", "EXECUTE s"})
                .rows.at(0)
                .at(0),
            "5");
  EXPECT_EQ(client.query("PREPARE n FROM @nothing").error, 1064);
}

INSTANTIATE_TEST_SUITE_P(Engines, GateLive, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::session
