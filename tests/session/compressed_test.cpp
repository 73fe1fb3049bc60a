// Clients inside the compressed protocol: what they number as they like, and what they may not.
#include <gtest/gtest.h>

#include "proxy/wire/compression.h"
#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::kPeerCapabilities;
using test::Peer;

// A logged-in client that speaks the compressed protocol from here on.
struct CompressedClient {
  explicit CompressedClient(test::Fixture& f) : peer(f.connect()) {
    const auto greeting_packet = peer.read_packet();
    const auto greeting = wire::decode_greeting(greeting_packet->payload);
    const auto response = wire::native_response("secret", greeting->nonce);
    wire::LoginRequest login;
    login.capabilities =
        kPeerCapabilities.without(wire::cap::kConnectWithDb) | wire::cap::kCompress;
    login.collation = 45;
    login.user = "app";
    login.auth_response = response;
    login.auth_plugin = wire::plugin::kNative;
    wire::Buffer payload;
    encode(login, payload);
    peer.write_packet(1, payload);
    EXPECT_EQ(peer.read_packet()->payload.front(), wire::kOkHeader);
  }
  bool send(wire::Bytes frames, std::uint8_t sequence = 0) {
    wire::Compressor compressor(wire::Compression::kZlib, 6);
    compressor.set_sequence(sequence);
    wire::Buffer packed;
    return compressor.compress(frames, packed) && peer.write(packed);
  }
  // One compressed packet of the proxy's; empty at the end of the stream.
  wire::Buffer read(std::uint8_t sequence) {
    wire::Buffer packed = peer.read(wire::kCompressedHeaderSize);
    if (packed.size() != wire::kCompressedHeaderSize) return {};
    EXPECT_EQ(packed[3], sequence);
    const wire::Buffer body = peer.read(wire::Decompressor::packet_size(packed) - packed.size());
    packed.insert(packed.end(), body.begin(), body.end());
    wire::Decompressor decompressor(wire::Compression::kZlib);
    decompressor.set_sequence(sequence);
    wire::Buffer frames;
    EXPECT_TRUE(decompressor.decompress(packed, frames));
    return frames;
  }

  Peer peer;
};

std::uint16_t error_in(const wire::Buffer& frames) {
  if (frames.size() < wire::kFrameHeaderSize) return 0;
  const auto error = wire::decode_err(wire::Bytes(frames).subspan(wire::kFrameHeaderSize));
  return error ? error->code : std::uint16_t{0};
}

// libmysqlclient and libmariadb number inner frames on from the compressed packets' own count, so
// the second frame of a long command has an id that nobody can foresee; servers ignore it.
TEST(Compressed, a_command_over_16_mib_is_served_whatever_its_inner_frames_are_numbered) {
  test::Fixture f;
  CompressedClient client(f);
  wire::Buffer frames;
  const std::string command = "\x03" + std::string(17'000'000, 'x');
  wire::append_packet(frames, 0, wire::as_bytes(command));
  frames[wire::kFrameHeaderSize + wire::kMaxFramePayload + 3] = 7;
  ASSERT_TRUE(client.send(frames));
  const auto answer = client.read(2);  // it came in two compressed packets
  ASSERT_FALSE(answer.empty()) << f.events.text();
  EXPECT_EQ(answer[wire::kFrameHeaderSize], wire::kOkHeader);
  EXPECT_EQ(f.server.commands().back().size(), command.size());
}

TEST(Compressed, a_second_command_begins_at_0_again) {
  test::Fixture f;
  CompressedClient client(f);
  wire::Buffer frames;
  wire::append_packet(frames, 0, wire::as_bytes("\x03ROWS 100"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(frames));
    EXPECT_FALSE(client.read(1).empty()) << f.events.text();
  }
}

TEST(Compressed, a_packet_out_of_order_gets_1156_and_damaged_bytes_get_1157) {
  for (const bool order : {true, false}) {
    test::Fixture f;
    CompressedClient client(f);
    wire::Buffer frames;
    wire::append_packet(frames, 0, wire::as_bytes("\x03UPDATE t SET a = 1"));
    if (order) {
      ASSERT_TRUE(client.send(frames, 5));
      EXPECT_EQ(error_in(client.read(0)), 1156);
    } else {
      const std::uint8_t damaged[] = {4, 0, 0, 0, 200, 0, 0, 'n', 'o', 'n', 'o'};
      ASSERT_TRUE(client.peer.write(damaged));
      EXPECT_EQ(error_in(client.read(1)), 1157);
    }
    EXPECT_TRUE(client.peer.read(1).empty());
    EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kProtocol) == 1; }));
  }
}

}  // namespace
}  // namespace sluice::session
