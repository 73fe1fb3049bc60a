// Query attributes of a client whose server knows none: it was not known when the client logged in,
// another server has taken its place since, or the client chose an instance of the other engine.
#include "proxy/wire/query_attributes.h"

#include <atomic>

#include <gtest/gtest.h>

#include "tests/support/live_proxy.h"

namespace sluice::session {
namespace {

using test::Engine;
using test::Fixture;
using test::kPeerCapabilities;
using test::LiveClient;
using test::LiveProxy;
using test::Peer;
using test::RawServer;

constexpr wire::Capabilities kAttributes = wire::cap::kQueryAttributes;

wire::Parameter attribute(std::string_view name, std::string_view value) {
  wire::Parameter parameter;
  parameter.type = static_cast<std::uint16_t>(wire::ColumnType::kVarString);
  parameter.name = name;
  parameter.value = value;
  return parameter;
}

wire::Buffer query_with(std::string_view sql, wire::Capabilities form) {
  wire::Buffer payload;
  wire::encode_query(sql, {attribute("trace", "abc")}, form, payload);
  return payload;
}

// One parameter of text, and an attribute behind it.
wire::Buffer execution_with(std::uint32_t statement, std::string_view value) {
  wire::Buffer rest;
  wire::Writer to(rest);
  to.lenenc(2);
  to.u8(0);
  to.u8(1);
  to.u16(static_cast<std::uint16_t>(wire::ColumnType::kVarString));
  to.text_lenenc("");
  to.u16(static_cast<std::uint16_t>(wire::ColumnType::kVarString));
  to.text_lenenc("trace");
  to.text_lenenc(value);
  to.text_lenenc("abc");
  wire::StmtExecute command;
  command.statement_id = statement;
  command.flags = wire::StmtExecute::kParameterCountAvailable;
  command.rest = rest;
  wire::Buffer payload;
  encode(command, payload);
  return payload;
}

// A server that offers `first` until it is told to change to another, and keeps what it is sent.
class ChangingServer {
 public:
  explicit ChangingServer(wire::Capabilities first)
      : first_(first), raw_([this](Peer& peer, std::uint32_t number) { serve(peer, number); }) {}
  [[nodiscard]] std::uint16_t port() const { return raw_.port(); }
  std::atomic<bool> changed = false;
  [[nodiscard]] std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  void serve(Peer& peer, std::uint32_t number) {
    if (!test::let_in(peer, number, changed ? wire::Capabilities{} : first_)) return;
    while (const auto command = peer.read_packet()) {
      if (command->payload.empty() || command->payload.front() == 0x01) return;
      if (test::answer_question(peer, command->payload)) continue;
      {
        const std::lock_guard lock(mutex_);
        commands_.emplace_back(command->payload.begin(), command->payload.end());
      }
      wire::Buffer out = test::ok_payload(kPeerCapabilities);
      if (static_cast<wire::Command>(command->payload.front()) == wire::Command::kStmtPrepare) {
        // Statement 1: no columns, one parameter; its definition and an EOF follow.
        wire::Buffer frames;
        const char prepared[] = "\0\1\0\0\0\0\0\1\0\0\0\0";
        auto sequence =
            wire::append_packet(frames, 1, wire::as_bytes({prepared, sizeof prepared - 1}));
        sequence = wire::append_packet_with(frames, sequence, [](wire::Buffer& to) {
          encode(wire::ColumnDefinition{}, kPeerCapabilities, to);
        });
        wire::append_packet_with(frames, sequence, [](wire::Buffer& to) {
          encode(wire::EofPacket{0, 2}, to);
        });
        peer.write(frames);
        continue;
      }
      peer.write_packet(static_cast<std::uint8_t>(1 + command->payload.size() / 0xffffff), out);
    }
  }

  wire::Capabilities first_;
  std::mutex mutex_;
  std::vector<std::string> commands_;
  RawServer raw_;  // last: its threads use the others
};

Fixture before(const ChangingServer& server) {
  return Fixture([&](ProxyConfig& config) {
    config.threads = 1;
    config.instances[0].port = server.port();
    config.instances[0].limits.max_idle = 0;
  });
}

bool is_ok(const std::optional<test::PeerPacket>& packet) {
  return packet && !packet->payload.empty() && packet->payload.front() == wire::kOkHeader;
}

TEST(QueryAttributesOfAServer, are_left_out_where_it_knows_none_any_more) {
  ChangingServer server(kAttributes);
  Fixture f = before(server);
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  Peer client = f.connect();
  ASSERT_TRUE(is_ok(test::log_in(client, "app", "secret", {}, nullptr, kAttributes)));
  server.changed = true;

  client.write_packet(0, query_with("UPDATE t SET a = 1", kAttributes));
  EXPECT_TRUE(is_ok(client.read_packet())) << f.events.text();
  client.write_text(0, std::string("\x03\0\1KILL 5", 9));
  EXPECT_TRUE(is_ok(client.read_packet()));
  client.write_text(0, "\x16UPDATE t SET a = ?");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.read_packet());
  client.write_packet(0, execution_with(1, "value"));
  EXPECT_TRUE(is_ok(client.read_packet()));
  client.write_text(0, std::string("\x17\1\0\0\0\x08\1\0\0\0\2\0\0\5value\3abc", 23));
  EXPECT_EQ(test::error_code(client.read_packet()), 1835) << "attributes without their types";

  const auto sent = server.commands();
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0], "\x03UPDATE t SET a = 1");
  EXPECT_EQ(sent[1], "\x03KILL 5");
  EXPECT_EQ(sent[3], std::string("\x17\1\0\0\0\0\1\0\0\0\0\1\xfd\0\5value", 20));
}

// Its last frame gives the answer its number: without its attributes it would be another one.
TEST(QueryAttributesOfAServer, of_a_command_that_would_have_fewer_frames_are_refused) {
  ChangingServer server(kAttributes);
  Fixture f = before(server);
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  Peer client = f.connect();
  ASSERT_TRUE(is_ok(test::log_in(client, "app", "secret", {}, nullptr, kAttributes)));
  server.changed = true;
  const auto of_size = [](std::size_t size) {
    return "UPDATE t SET a = '" + std::string(size - 20, 'x') + "'";
  };
  client.write_packet(0, query_with(of_size(wire::kMaxFramePayload - 5), kAttributes));
  EXPECT_EQ(test::error_code(client.read_packet()), 1235);
  client.write_packet(0, query_with(of_size(wire::kMaxFramePayload + 1000), kAttributes));
  EXPECT_TRUE(is_ok(client.read_packet()));
  ASSERT_EQ(server.commands().size(), 1U);
  EXPECT_TRUE(server.commands().front().starts_with("\x03UPDATE t SET a = 'xxx"));
  EXPECT_EQ(server.commands().front().size(), wire::kMaxFramePayload + 1000U);
}

TEST(QueryAttributesOfAServer, do_not_matter_where_a_form_of_answers_is_gone) {
  ChangingServer server(kAttributes | wire::cap::kOptionalMetadata);
  Fixture f = before(server);
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  Peer client = f.connect();
  ASSERT_TRUE(
      is_ok(test::log_in(client, "app", "secret", {}, nullptr, wire::cap::kOptionalMetadata)));
  server.changed = true;
  test::send_query(client, "UPDATE t");
  EXPECT_EQ(test::error_code(client.read_packet()), 1235) << "nobody converts its answers";
  for (const std::string& command : server.commands()) {
    EXPECT_FALSE(command.starts_with("\x03UPDATE")) << command;
  }
}

// MySQL's greeting, and both engines behind it.
TEST(QueryAttributesOfAFleet, reach_the_engine_that_knows_them_only) {
  SLUICE_NEED_SERVER(Engine::kMysql);
  SLUICE_NEED_SERVER(Engine::kMariadb);
  LiveProxy live(Engine::kMysql, [](ProxyConfig& config) {
    backend::InstanceConfig maria = config.instances[0];
    maria.name = "maria";
    maria.engine = policy::Engine::kMariadb;
    maria.host = test::server_fact(Engine::kMariadb, "HOST");
    maria.port = static_cast<std::uint16_t>(std::stoi(test::server_fact(Engine::kMariadb, "PORT")));
    maria.user = test::server_fact(Engine::kMariadb, "USER");
    maria.password =
        wire::Secret(std::string_view(test::server_fact(Engine::kMariadb, "PASSWORD")));
    config.instances.push_back(maria);
  });
  for (const std::string user : {"app@main", "app@maria", "app@maria"}) {
    LiveClient client(live, kAttributes | wire::cap::kSessionTrack, {}, {}, user);
    ASSERT_TRUE(client.capabilities().has(kAttributes)) << "both servers are known, and it is kept";
    const auto answer = client.command(
        wire::Command::kQuery, wire::as_text(query_with("SELECT VERSION() LIKE '%MariaDB%', 'text'",
                                                        client.capabilities())));
    ASSERT_EQ(answer.rows.size(), 1U) << answer.message;
    EXPECT_EQ(answer.rows[0][0], user == "app@main" ? "0" : "1");
    EXPECT_EQ(answer.rows[0][1], "text");
    ASSERT_EQ(client.query("SET @kept = 'nothing'").error, 0);
    const std::uint32_t statement = client.prepare("SET @kept = ?");
    const wire::Buffer execution = execution_with(statement, "parameter");
    const auto executed = client.command(wire::Command::kStmtExecute, wire::as_text(execution));
    EXPECT_EQ(executed.error, 0) << executed.message;
    EXPECT_EQ(client.query("SELECT @kept").rows.at(0).at(0), "parameter");
  }
}

}  // namespace
}  // namespace sluice::session
