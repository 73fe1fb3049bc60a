// Every way to hide a change (tests/parser/cases/bypass.txt), sent by a person's account in Prod to
// a live proxy before the real server, as text and prepared: nothing but what is harmless reaches
// the server, by the server's own general log.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/escaped.h"
#include "tests/support/live_proxy.h"
#include "tests/support/scripted_sink.h"

namespace sluice::session {
namespace {

using test::Engine;
using test::LiveClient;
using test::LiveProxy;

struct Case {
  std::string text;
  std::map<std::string, std::string> context;
  bool harmless = false;  // it may come through
};

bool is_harmless(const std::string& expected) {
  std::stringstream alternatives(expected);
  for (std::string one; std::getline(alternatives, one, '|');) {
    if (one == "read" || one == "session" || one == "transaction") return true;
  }
  return false;
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/bypass.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("##")) continue;
    std::string expected;
    std::getline(file, expected);
    Case made;
    std::string_view text = line;
    if (text.front() == '{') {
      const std::size_t close = text.find('}');
      std::stringstream words{std::string(text.substr(1, close - 1))};
      for (std::string word; std::getline(words, word, ',');) {
        while (!word.empty() && word.front() == ' ') word.erase(0, 1);
        const std::size_t equal = word.find('=');
        made.context[word.substr(0, equal)] =
            equal == std::string::npos ? std::string() : word.substr(equal + 1);
      }
      text.remove_prefix(close + 2);
    }
    made.text = test::unescape(text);
    made.harmless = is_harmless(expected.substr(5));
    // What is only prepared does not run; its EXECUTE is a case of its own.
    if (made.text.starts_with("PREPARE s FROM")) made.harmless = true;
    cases.push_back(std::move(made));
  }
  return cases;
}

class BypassLive : public testing::TestWithParam<Engine> {};

TEST_P(BypassLive, nothing_but_the_harmless_reaches_the_server) {
  SLUICE_NEED_SERVER(GetParam());
  LiveProxy aside(GetParam());
  LiveClient root(aside, {});
  ASSERT_EQ(root.run({"DROP DATABASE IF EXISTS bypass_live", "CREATE DATABASE bypass_live",
                      "CREATE TABLE bypass_live.t (a INT)", "SET GLOBAL log_output = 'TABLE'",
                      "SET GLOBAL general_log = ON"})
                .error,
            0);
  test::ScriptedSink sink;
  LiveProxy live(
      GetParam(), [](ProxyConfig&) {}, &sink);
  policy::PolicySet set;
  set.transparent = false;
  set.instances["main"].environment = "Prod";
  set.instances["main"].gate = policy::default_gate(false);
  set.instances["main"].gate.service = set.instances["main"].gate.human;
  live.policies.replace(set);
  std::set<std::string> harmless;
  std::set<std::string> threads;
  int sent = 0;
  for (const Case& each : read_cases()) {
    const bool mariadb = each.context.contains("engine");
    // Of another version than the server's: its comments say other things here.
    if (mariadb != (GetParam() == Engine::kMariadb) || each.context.contains("version")) continue;
    LiveClient client(live, {}, "bypass_live",
                      each.context.contains("multi")
                          ? wire::Capabilities{}
                          : wire::Capabilities{wire::cap::kMultiStatements});
    for (const auto& [key, value] : each.context) {
      if (key == "charset") {
        EXPECT_EQ(client.query("SET NAMES " + value).error, 0) << value;
      }
      if (key == "sql_mode") {
        EXPECT_EQ(client.query("SET sql_mode = '" + value + "'").error, 0) << value;
      }
    }
    if (each.harmless) {
      harmless.insert(each.text);
      // The log has a comment that the server left out without its mark.
      std::string logged = each.text;
      for (std::size_t at = 0; (at = logged.find("/*!", at)) != std::string::npos;) {
        logged[at + 2] = ' ';
      }
      harmless.insert(logged);
    }
    const auto answer = client.query(each.text);
    if (!each.harmless) {
      EXPECT_NE(answer.error, 0) << each.text;
    }
    const auto prepared = client.command(wire::Command::kStmtPrepare, "\x16" + each.text);
    if (prepared.error == 0 && !each.harmless) {
      EXPECT_NE(client.execute(prepared.statement).error, 0) << each.text;
    }
    for (const auto& session : live.proxy->registry().list()) {
      threads.insert(std::to_string(session.backend_id));
    }
    ++sent;
  }
  EXPECT_GT(sent, GetParam() == Engine::kMariadb ? 20 : 150);
  std::string list;
  for (const std::string& thread : threads) list += (list.empty() ? "" : ",") + thread;
  const auto log = root.query(
      "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND "
      "thread_id IN (" +
      list + ")");
  root.run(
      {"SET GLOBAL general_log = OFF", "TRUNCATE mysql.general_log", "DROP DATABASE bypass_live"});
  EXPECT_GT(log.rows.size(), 10U);
  for (const auto& row : log.rows) {
    const std::string& text = row.at(0);
    const bool ours = text.starts_with("SELECT CAST(CONCAT_WS(") ||
                      text.starts_with("SET session_track_") || text.starts_with("SET NAMES ") ||
                      text.starts_with("SET sql_mode = '") || text.starts_with("PREPARE ");
    EXPECT_TRUE(ours || harmless.contains(text)) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, BypassLive, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::session
