// A server connection between two sessions: reset, and where the server does not know how, logged
// in anew.
#include <atomic>

#include <gtest/gtest.h>

#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::Fixture;
using test::kPeerCapabilities;
using test::Peer;
using test::RawServer;

// Servers before 5.7.3: COM_RESET_CONNECTION is an unknown command.
TEST(Reuse, a_server_without_reset_is_logged_in_to_anew) {
  std::atomic<int> connections{0};
  std::atomic<int> resets{0};
  std::atomic<int> logins{0};
  RawServer server([&](Peer& peer, std::uint32_t number) {
    ++connections;
    if (!test::let_in(peer, number)) return;
    while (const auto command = peer.read_packet()) {
      if (command->payload.empty() || command->payload.front() == 0x01) return;
      if (test::answer_question(peer, command->payload)) continue;
      switch (static_cast<wire::Command>(command->payload.front())) {
        case wire::Command::kResetConnection: {
          ++resets;
          wire::Buffer unknown;
          encode(wire::ErrPacket{1047, "08S01", "Unknown command"}, unknown);
          peer.write_packet(1, unknown);
          break;
        }
        case wire::Command::kChangeUser: ++logins; [[fallthrough]];
        default: peer.write_packet(1, test::ok_payload(kPeerCapabilities));
      }
    }
  });
  Fixture f([&](ProxyConfig& config) {
    config.threads = 1;
    config.instances[0].port = server.port();
  });
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  const auto ask = [&] {
    Peer client = f.logged_in();
    test::send_query(client, "UPDATE t");
    const auto answer = client.read_packet();
    EXPECT_TRUE(answer && !answer->payload.empty() && answer->payload[0] == wire::kOkHeader)
        << f.events.text();
  };
  ask();
  ASSERT_TRUE(f.becomes([&] { return logins.load() >= 1 && resets.load() >= 1; }))
      << f.events.text();
  const int before = connections.load();
  ASSERT_TRUE(f.becomes([&] { return f.proxy->instances()[0].idle >= 1; })) << f.events.text();
  ask();
  EXPECT_EQ(connections.load(), before) << "the connection was not used again";
}

}  // namespace
}  // namespace sluice::session
