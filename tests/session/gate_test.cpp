// The gate's verdicts before a scripted server: what is sent to it, byte for byte, and what becomes
// of a change when the server, the client or the change sink fails.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/proxy_fixture.h"
#include "tests/support/scripted_sink.h"

namespace sluice::session {
namespace {

using policy::Verdict;
using test::Fixture;
using test::Peer;
using test::ScriptedSink;

policy::PolicySet policies(Verdict verdict, std::uint64_t rows = 0) {
  policy::PolicySet set;
  set.transparent = false;
  auto& main = set.instances["main"];
  main.environment = "Prod";
  main.gate.service.fill(verdict);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(parser::ActionGroup::Transaction); ++i) {
    main.gate.service[i] = Verdict::kPass;
  }
  main.gate.max_affected_rows = rows;
  main.gate.hold_limit = std::chrono::seconds(20);
  return set;
}

wire::Buffer ok(std::uint16_t status, std::uint64_t rows = 0) {
  wire::Buffer out;
  wire::OkPacket packet;
  packet.affected_rows = rows;
  packet.status = status;
  encode(packet, test::kPeerCapabilities, out);
  return out;
}
wire::Buffer err(std::uint16_t code) {
  wire::Buffer out;
  encode(wire::ErrPacket{code, "40001", "scripted"}, out);
  return out;
}

// A server with a transaction: BEGIN opens it, COMMIT and an error 1213 end it.
bool server(Peer& peer, const wire::Buffer& command, bool& open) {
  constexpr std::uint16_t kOpen = wire::status::kAutocommit | wire::status::kInTransaction;
  const std::string text(command.begin() + 1, command.end());
  if (text.find("CRASH") != std::string::npos) return false;
  if (text.find("DEADLOCK") != std::string::npos) {
    open = false;
    return peer.write_packet(1, err(1213));
  }
  if (text == "BEGIN" || text == "COMMIT" || text == "ROLLBACK") open = text == "BEGIN";
  return peer.write_packet(1, ok(open ? kOpen : wire::status::kAutocommit, 5));
}

class Gate : public testing::Test {
 protected:
  void start(Verdict verdict, std::uint64_t rows = 0) {
    fixture_ = std::make_unique<Fixture>(
        [](ProxyConfig& config) { config.threads = 1; },
        [this](Peer& peer, const wire::Buffer& command) { return server(peer, command, open_); },
        net::system_calls(), &sink_);
    fixture_->policies.replace(policies(verdict, rows));
  }
  // The error of the answer; 0: it was OK.
  static std::uint16_t ask(Peer& client, std::string_view sql) {
    EXPECT_TRUE(test::send_query(client, sql));
    return test::error_code(client.read_packet());
  }
  // The texts that the server got, without the session's own commands.
  std::vector<std::string> sent() {
    std::vector<std::string> texts;
    for (const std::string& command : fixture_->server.commands()) {
      if (command.starts_with('\x03')) texts.push_back(command.substr(1));
    }
    return texts;
  }
  using Texts = std::vector<std::string>;

  bool open_ = false;
  ScriptedSink sink_;
  std::unique_ptr<Fixture> fixture_;
};

TEST_F(Gate, the_tag_stands_before_the_text_that_was_judged) {
  start(Verdict::kRecord);
  Peer client = fixture_->logged_in();
  EXPECT_EQ(ask(client, "DROP TABLE t"), 0);
  EXPECT_EQ(ask(client, "SELECT 1"), 0);
  EXPECT_EQ(sent(), (Texts{"/* sluice:1 */DROP TABLE t", "SELECT 1"}));
  EXPECT_EQ(sink_.told(), "begin 1 DROP TABLE t\nend 1 ok 5\n");
}

TEST_F(Gate, what_is_refused_reviewed_or_not_written_down_does_not_reach_the_server) {
  start(Verdict::kReview);
  Peer client = fixture_->logged_in();
  EXPECT_EQ(ask(client, "DROP TABLE t"), 1105);
  fixture_->policies.replace(policies(Verdict::kRecord));
  sink_.on_begin = [](const auto&) { return ScriptedSink::refusal("the store is away"); };
  EXPECT_EQ(ask(client, "DROP TABLE t"), 1105);
  EXPECT_EQ(ask(client, "SELECT 1"), 0) << "reads go on";
  fixture_->policies.replace(policies(Verdict::kDeny));
  EXPECT_EQ(ask(client, "DROP TABLE t"), 1105);
  EXPECT_EQ(sent(), Texts{"SELECT 1"});
}

TEST_F(Gate, a_server_that_is_lost_leaves_the_change_lost) {
  start(Verdict::kRecord);
  Peer client = fixture_->logged_in();
  EXPECT_EQ(ask(client, "DROP TABLE crash_CRASH"), 2013);
  EXPECT_TRUE(sink_.hears("end 1"));
  EXPECT_NE(sink_.told().find("end 1 lost"), std::string::npos);
}

TEST_F(Gate, a_transaction_that_an_error_ended_is_not_recorded) {
  start(Verdict::kRecord);
  Peer client = fixture_->logged_in();
  EXPECT_EQ(ask(client, "BEGIN"), 0);
  EXPECT_EQ(ask(client, "DELETE FROM t"), 0);
  EXPECT_EQ(ask(client, "DELETE FROM DEADLOCK"), 1213);
  EXPECT_EQ(ask(client, "COMMIT"), 0);
  EXPECT_EQ(sink_.told(), "check DELETE FROM t\ncheck DELETE FROM DEADLOCK\n");
  // And what comes after it is on its own again.
  EXPECT_EQ(ask(client, "BEGIN"), 0);
  EXPECT_EQ(ask(client, "DELETE FROM DEADLOCK"), 1213);
  EXPECT_EQ(ask(client, "DELETE FROM t"), 0);
  EXPECT_EQ(sink_.told(), "check DELETE FROM DEADLOCK\nbegin 1 DELETE FROM t\nend 1 ok 5\n");
}

TEST_F(Gate, a_guarded_statement_has_a_transaction_of_its_own) {
  start(Verdict::kPass, 4);
  Peer client = fixture_->logged_in();
  EXPECT_EQ(ask(client, "DELETE FROM t"), 1105);
  fixture_->policies.replace(policies(Verdict::kPass, 5));
  EXPECT_EQ(ask(client, "DELETE FROM u"), 0);
  EXPECT_EQ(sent(), (Texts{"SET autocommit=0", "DELETE FROM t", "ROLLBACK", "SET autocommit=1",
                           "SET autocommit=0", "DELETE FROM u", "COMMIT", "SET autocommit=1"}));
}

TEST_F(Gate, a_shutdown_withdraws_what_is_held) {
  start(Verdict::kHold);
  sink_.on_state = [](int) {
    policy::ChangeReview waiting;
    waiting.issue = 42;
    return waiting;
  };
  Peer client = fixture_->logged_in();
  EXPECT_TRUE(test::send_query(client, "DROP TABLE t"));
  EXPECT_TRUE(sink_.hears("hold DROP TABLE t"));
  fixture_->proxy->stop_waiting();
  EXPECT_FALSE(fixture_->proxy->drain(std::chrono::seconds(20))) << "it had to be cut";
  EXPECT_TRUE(sink_.hears("withdraw 42"));
  EXPECT_EQ(sent(), Texts{});
}

TEST_F(Gate, many_sessions_are_recorded_at_once) {
  start(Verdict::kRecord);
  constexpr int kSessions = 40;
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < kSessions; ++i) {
    threads.emplace_back([&] {
      Peer client = fixture_->logged_in();
      if (ask(client, "DROP TABLE t") == 0) ++done;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, kSessions);
  const std::string told = sink_.told();
  for (int i = 1; i <= kSessions; ++i) {
    EXPECT_NE(told.find("end " + std::to_string(i) + " ok"), std::string::npos) << i;
  }
}

}  // namespace
}  // namespace sluice::session
