// What the judge is told of a session is what the real server makes of texts: after every way to
// change it, and after every way to switch off what tells of it.
#include <gtest/gtest.h>

#include "tests/support/live_proxy.h"

namespace sluice::session {
namespace {

using test::Engine;
using test::LiveClient;
using test::LiveProxy;

constexpr wire::Capabilities kPlain{};
constexpr wire::Capabilities kTracked = wire::cap::kSessionTrack;
constexpr wire::Capabilities kModern =
    wire::cap::kSessionTrack | wire::cap::kDeprecateEof | wire::cap::kQueryAttributes;

class FactsLive : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    live_ = std::make_unique<LiveProxy>(GetParam());
    LiveClient root(*live_, kPlain);
    for (const char* sql :
         {"DROP DATABASE IF EXISTS facts_live", "CREATE DATABASE facts_live",
          "CREATE TABLE facts_live.t (a INT PRIMARY KEY)",
          "CREATE PROCEDURE facts_live.off() SET session_track_system_variables = ''",
          "CREATE PROCEDURE facts_live.all_off() SET session_track_system_variables = '', "
          "session_track_schema = OFF",
          "CREATE PROCEDURE facts_live.transient() BEGIN SET NAMES gbk; "
          "SET sql_mode = 'ANSI_QUOTES'; SELECT 1; END",
          "CREATE PROCEDURE facts_live.quiet() BEGIN SET NAMES gbk; SET sql_mode = 'ANSI_QUOTES'; "
          "END",
          "CREATE FUNCTION facts_live.f() RETURNS INT DETERMINISTIC BEGIN SET NAMES sjis; "
          "SET session_track_system_variables = ''; RETURN 1; END"}) {
      ASSERT_EQ(root.query(sql).error, 0) << sql;
    }
  }
  void TearDown() override {
    if (!live_) return;
    LiveClient root(*live_, kPlain);
    root.query("DROP DATABASE IF EXISTS facts_live");
  }

  // The server's own word beside what the judge was told of the text that asked.
  void expect_true_facts(LiveClient& client, const std::string& after) {
    const auto answer =
        client.query("SELECT @@sql_mode, @@character_set_client, DATABASE(), 'probe'");
    const test::Heard heard = live_->policies.last();
    ASSERT_EQ(answer.rows.size(), 1U) << after;
    const auto& row = answer.rows[0];
    EXPECT_EQ(heard.sql_mode, parser::sql_mode_bits(row[0])) << after;
    EXPECT_EQ(parser::charset_name(heard.charset), row[1] == "utf8" ? "utf8mb3" : row[1]) << after;
    EXPECT_EQ(heard.schema, row[2] == "NULL" ? "" : row[2]) << after;
    EXPECT_TRUE(heard.certain) << after;
  }
  [[nodiscard]] bool mariadb() const { return GetParam() == Engine::kMariadb; }

  std::unique_ptr<LiveProxy> live_;
};

TEST_P(FactsLive, follow_the_server_whatever_a_client_does) {
  std::vector<std::string> steps{
      "USE facts_live", "SET NAMES latin1", "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
      "USE mysql; USE facts_live; SET sql_mode = 'PIPES_AS_CONCAT'", "CALL transient()",
      "CALL quiet()", "SELECT facts_live.f()", "SET CHARACTER SET sjis",
      "PREPARE s FROM 'SET NAMES gbk'", "EXECUTE s", "SET NAMES nonsense",
      // The trackers go, silently; then what they would have told.
      "CALL off()", "SET sql_mode = 'IGNORE_SPACE'", "CALL all_off()", "USE mysql",
      "CALL facts_live.all_off()", "SET @@session.character_set_client = latin2",
      "SET session_track_system_variables = ''", "SET sql_mode = 'ANSI'",
      "SET session_track_schema = OFF", "USE facts_live", "SELECT facts_live.f()",
      "/*!50000SET*/ sql_mode = 'TRADITIONAL'", "EXECUTE s",
      "PREPARE t FROM 'SET session_track_system_variables = \\'\\''", "EXECUTE t",
      "SET NAMES utf8mb4", "SET session_track_system_variables = '*'", "SET NAMES ascii",
      // Within a transaction GTIDs cannot be set.
      "BEGIN", "SET session_track_system_variables = ''", "SET sql_mode = ''", "ROLLBACK",
      "CREATE DATABASE facts_live_gone", "USE facts_live_gone", "DROP DATABASE facts_live_gone",
      "USE facts_live", "CALL all_off()", "CREATE DATABASE facts_live_gone", "USE facts_live_gone",
      "CALL facts_live.all_off()", "DROP DATABASE facts_live_gone"};
  if (mariadb()) {
    for (const char* sql :
         {"SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR SELECT 1",
          "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR DO 1",
          "BEGIN NOT ATOMIC SET sql_mode = 'ANSI_QUOTES'; END", "SET sql_mode = 'ORACLE'",
          "SET sql_mode = ''", "EXECUTE IMMEDIATE 'SET NAMES sjis'"}) {
      steps.emplace_back(sql);
    }
  }
  for (const auto more : {kPlain, kTracked, kModern}) {
    LiveClient client(*live_, more);
    expect_true_facts(client, "the login");
    for (const std::string& step : steps) {
      client.query(step);
      expect_true_facts(client, step);
    }
    // Two in a row without a look in between.
    client.query("CALL facts_live.all_off()");
    client.query("SET sql_mode = 'ANSI_QUOTES'");
    expect_true_facts(client, "two in a row");
    client.command(wire::Command::kInitDb, "\x02mysql");
    expect_true_facts(client, "COM_INIT_DB");
    client.command(wire::Command::kInitDb, "\x02nowhere");
    expect_true_facts(client, "COM_INIT_DB of a schema that is not there");
    client.command(wire::Command::kResetConnection, "\x1f");
    expect_true_facts(client, "COM_RESET_CONNECTION");
    client.execute(client.prepare("SET sql_mode = 'NO_BACKSLASH_ESCAPES'"));
    expect_true_facts(client, "COM_STMT_EXECUTE");
  }
}

TEST_P(FactsLive, what_was_prepared_is_judged_by_the_facts_of_its_time) {
  LiveClient client(*live_, kPlain, "facts_live");
  client.query("SET sql_mode = 'ANSI_QUOTES'");
  const std::uint32_t statement = client.prepare("SELECT 'a\"b'");
  client.query("SET sql_mode = ''; USE mysql");
  EXPECT_EQ(client.execute(statement).error, 0);
  const test::Heard heard = live_->policies.last();
  EXPECT_EQ(heard.text, "SELECT 'a\"b'");
  EXPECT_EQ(heard.sql_mode, parser::kAnsiQuotes);
  EXPECT_EQ(heard.schema, "facts_live");
}

TEST_P(FactsLive, a_schema_does_not_reach_the_next_session) {
  // One server connection, so that the second session gets the first one's.
  LiveProxy single(GetParam(),
                   [](ProxyConfig& config) { config.instances[0].limits.max_connections = 1; });
  {
    LiveClient first(single, kPlain);
    EXPECT_EQ(first.query("USE facts_live; SET sql_mode = 'ANSI_QUOTES'; SET NAMES latin2").error,
              0);
  }
  LiveClient second(single, kPlain);
  const auto answer = second.query("SELECT DATABASE(), @@sql_mode");
  const test::Heard heard = single.policies.last();
  ASSERT_EQ(answer.rows.size(), 1U) << single.events.text();
  EXPECT_EQ(answer.rows[0][0], "NULL");
  EXPECT_EQ(heard.schema, "");
  EXPECT_EQ(heard.sql_mode, parser::sql_mode_bits(answer.rows[0][1]));
}

TEST_P(FactsLive, a_client_finds_its_own_trackers) {
  const std::string standard = [&] {
    LiveClient client(*live_, kTracked);
    return client.query("SELECT @@global.session_track_system_variables").rows.at(0).at(0);
  }();
  LiveClient client(*live_, kTracked, "facts_live");
  const auto value = [&](const char* name) {
    return client.query(std::string("SELECT @@") + name).rows.at(0).at(0);
  };
  EXPECT_EQ(value("session_track_system_variables"), standard);
  EXPECT_EQ(client
                .query("SET session_track_system_variables = CONCAT("
                       "@@session_track_system_variables, ',sql_mode')")
                .error,
            0);
  EXPECT_NE(client.query("SET sql_mode = ''").states.find("0:sql_mode="), std::string::npos);
  client.query("SET session_track_system_variables = 'time_zone'");
  EXPECT_EQ(value("session_track_system_variables"), "time_zone");
  EXPECT_EQ(client.query("SET sql_mode = 'ANSI_QUOTES'").states, "");
  EXPECT_EQ(client.query("SET NAMES latin1").states, "");
  EXPECT_EQ(client.query("SET time_zone = '+01:00'").states, "0:time_zone=+01:00 ");
  EXPECT_EQ(client.query("USE mysql").states, "1:=mysql ");
  client.query("SET session_track_schema = OFF");
  EXPECT_EQ(value("session_track_schema"), "0");
  EXPECT_EQ(client.query("USE facts_live").states, "");
  EXPECT_EQ(client.query("INSERT INTO t VALUES (1)").states, "") << "no GTID was asked for";
  if (mariadb()) return;
  EXPECT_EQ(value("session_track_gtids"), "OFF");
  client.query("SET session_track_gtids = OWN_GTID");
  EXPECT_EQ(value("session_track_gtids"), "OWN_GTID");
  EXPECT_EQ(client.query("INSERT INTO t VALUES (2)").states.substr(0, 3), "3:=");
  client.query("SET session_track_gtids = OFF");
  EXPECT_EQ(client.query("INSERT INTO t VALUES (3)").states, "");
}

TEST_P(FactsLive, diagnostics_are_those_of_the_clients_statement) {
  LiveClient client(*live_, kPlain, "facts_live");
  client.query("PREPARE s FROM 'INSERT IGNORE INTO t VALUES (9), (9)'");
  EXPECT_EQ(client.query("EXECUTE s").error, 0);
  EXPECT_EQ(client.query("SHOW WARNINGS").rows.size(), 1U);
  client.query("EXECUTE s");
  EXPECT_EQ(client.query("SELECT ROW_COUNT()").rows.at(0).at(0), "0");
  client.query("EXECUTE s");
  EXPECT_EQ(client.query("SELECT @@warning_count").rows.at(0).at(0), "2");
  expect_true_facts(client, "diagnostics");
}

TEST_P(FactsLive, gtids_reach_the_judge_with_what_committed_them) {
  LiveClient client(*live_, kPlain, "facts_live");
  const auto gtids = [&](const std::string& sql) {
    EXPECT_EQ(client.query(sql).error, 0) << sql;
    return live_->policies.last_ended().gtids;
  };
  const std::string first = gtids("INSERT INTO t VALUES (1)");
  const std::string second = gtids("DELETE FROM t");
  EXPECT_FALSE(first.empty());
  EXPECT_FALSE(second.empty());
  EXPECT_NE(first, second);
  EXPECT_EQ(gtids("SELECT 1"), "");
  EXPECT_EQ(gtids("BEGIN"), "");
  EXPECT_EQ(gtids("INSERT INTO t VALUES (2)"), "");
  EXPECT_FALSE(gtids("COMMIT").empty());
  EXPECT_FALSE(gtids("INSERT INTO t VALUES (3); SELECT 1; INSERT INTO t VALUES (4)").empty());
  client.command(wire::Command::kResetConnection, "\x1f");
  EXPECT_EQ(gtids("SELECT 1"), "");
  EXPECT_FALSE(gtids("CREATE TABLE facts_live.later (a INT)").empty()) << "after a reset";
}

TEST_P(FactsLive, connection_id_agrees_with_the_greeting_and_columns_keep_their_names) {
  for (const auto more : {kPlain, kModern}) {
    LiveClient client(*live_, more, "facts_live");
    const std::string id = std::to_string(client.id);
    auto answer = client.query("SELECT 1, Connection_ID() + 0");
    EXPECT_EQ(answer.rows.at(0).at(1), id);
    EXPECT_EQ(answer.column, "Connection_ID() + 0");
    EXPECT_EQ(client.query("SET @id = CONNECTION_ID()").error, 0);
    EXPECT_EQ(client.query("SELECT @id").rows.at(0).at(0), id);
    EXPECT_EQ(client.execute(client.prepare("SELECT 'x', connection_id()")).column,
              "connection_id()");
    answer = client.query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE id = CONNECTION_ID()");
    EXPECT_EQ(answer.rows.at(0).at(0), "1") << "the server's own id where it is looked up";
    answer = client.query("SELECT GET_LOCK('l', 60), IS_USED_LOCK('l') = CONNECTION_ID()");
    EXPECT_EQ(answer.rows.at(0).at(1), "1");
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, FactsLive, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::session
