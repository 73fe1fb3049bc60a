// Values of parameters that are sent ahead pass through as they come.
#include <gtest/gtest.h>

#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::Fixture;
using test::kPeerCapabilities;
using test::Peer;
using test::RawServer;
using std::string_literals::operator""s;

const std::string kHead = "\x18\x01\0\0\0\0\0"s;  // of statement 1, parameter 0

wire::Buffer prepared_payload() {
  wire::Buffer out;
  encode(wire::PrepareOk{.statement_id = 1, .columns = 0, .parameters = 1}, kPeerCapabilities, out);
  return out;
}

bool prepares(Peer& peer, const wire::Buffer& command) {
  const auto byte = static_cast<wire::Command>(command.front());
  if (byte == wire::Command::kStmtSendLongData) return true;
  if (byte != wire::Command::kStmtPrepare) {
    return peer.write_packet(1, test::ok_payload(kPeerCapabilities));
  }
  wire::Buffer out;
  std::uint8_t sequence = wire::append_packet(out, 1, prepared_payload());
  sequence = wire::append_packet_with(out, sequence, [](wire::Buffer& to) {
    encode(wire::ColumnDefinition{}, kPeerCapabilities, to);
  });
  wire::append_packet_with(out, sequence, [](wire::Buffer& to) {
    encode(wire::EofPacket{0, 2}, to);
  });
  return peer.write(out);
}

void prepare(Peer& client) {
  client.write_text(0, "\x16INSERT INTO t VALUES (?)");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.read_packet());
}

TEST(LongData, the_server_has_its_beginning_before_the_client_has_sent_its_end) {
  std::atomic<bool> begun{false};
  std::string got;
  RawServer server([&](Peer& peer, std::uint32_t number) {
    if (!test::let_in(peer, number)) return;
    while (true) {
      const wire::Buffer head = peer.read(wire::kFrameHeaderSize);
      if (head.size() != wire::kFrameHeaderSize) return;
      const std::size_t size = wire::load_frame_header(head.data()).length;
      if (size < 1'000'000) {
        const wire::Buffer command = peer.read(size);
        if (test::answer_question(peer, command)) continue;
        if (command.empty() || command.front() == 1 || !prepares(peer, command)) return;
        continue;
      }
      wire::Buffer value = peer.read(500'000);
      begun = true;
      const wire::Buffer rest = peer.read(size - value.size());
      got.assign(value.begin(), value.end());
      got.append(rest.begin(), rest.end());
    }
  });
  Fixture f([&](ProxyConfig& config) { config.instances[0].port = server.port(); });
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  {
    Peer client = f.logged_in();
    prepare(client);
    const std::string command = kHead + std::string(3'000'000, 'v');
    wire::Buffer frames;
    wire::append_packet(frames, 0, wire::as_bytes(command));
    ASSERT_TRUE(client.write(wire::Bytes(frames).first(600'000)));
    EXPECT_TRUE(f.becomes([&] { return begun.load(); }));
    ASSERT_TRUE(client.write(wire::Bytes(frames).subspan(600'000)));
    ASSERT_TRUE(test::send_query(client, "UPDATE t SET a = 1")) << "and what follows it";
    ASSERT_TRUE(client.read_packet());
    EXPECT_EQ(got, command);
    client.write_text(0, "\x01");
  }
  f.proxy->drain(std::chrono::seconds(10));
}

TEST(LongData, more_than_a_frame_arrives_whole_and_what_is_pipelined_behind_it_is_served) {
  Fixture f({}, prepares);
  Peer client = f.logged_in();
  prepare(client);
  const std::string command = kHead + std::string(17'000'000, 'v');
  wire::Buffer frames;
  wire::append_packet(frames, 0, wire::as_bytes(command));
  wire::append_packet(frames, 0, wire::as_bytes("\x03UPDATE t SET a = 1"));
  ASSERT_TRUE(client.write(frames));
  ASSERT_TRUE(client.read_packet()) << f.events.text();
  const auto commands = f.server.commands();
  ASSERT_GE(commands.size(), 2U);
  EXPECT_EQ(commands[commands.size() - 2], command);
}

TEST(LongData, of_a_statement_that_is_not_known_is_read_and_forgotten) {
  Fixture f({}, prepares);
  Peer client = f.logged_in();
  client.write_text(0, kHead + std::string(2'000'000, 'v'));
  ASSERT_TRUE(test::send_query(client, "UPDATE t SET a = 1"));
  ASSERT_TRUE(client.read_packet()) << f.events.text();
  for (const std::string& command : f.server.commands()) {
    EXPECT_NE(command.front(), kHead.front()) << "the server would not know the statement";
  }
}

TEST(LongData, beyond_the_limit_is_refused) {
  Fixture f([](ProxyConfig& config) { config.limits.max_allowed_packet = 20'000'000; }, prepares);
  Peer client = f.logged_in();
  prepare(client);
  wire::Buffer frames;
  wire::append_packet(frames, 0, wire::as_bytes(kHead + std::string(30'000'000, 'v')));
  std::thread writer([&] { client.write(frames); });
  EXPECT_EQ(test::error_code(client.read_packet()), 1153);
  EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kPacketTooLarge) == 1; }));
  client.shut_down();
  writer.join();
}

}  // namespace
}  // namespace sluice::session
