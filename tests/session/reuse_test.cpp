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

// A server whose own collation is another than that of its clients: a reset gives the session the
// server's again.
class OtherCollation {
 public:
  explicit OtherCollation(bool names)
      : raw_([this, names](Peer& peer, std::uint32_t number) { serve(peer, number, names); }) {}
  [[nodiscard]] std::uint16_t port() const { return raw_.port(); }
  std::atomic<int> connections{0};
  std::atomic<int> logins{0};
  std::atomic<int> named{0};

 private:
  void serve(Peer& peer, std::uint32_t number, bool names) {
    constexpr std::string_view kLogin =
        "STRICT_TRANS_TABLES\nutf8mb4\n0\nutf8mb4_general_ci\n0\n0\n0\n0";
    constexpr std::string_view kOwn =
        "STRICT_TRANS_TABLES\nlatin1\n1\nlatin1_swedish_ci\n0\n0\n0\n0";
    ++connections;
    wire::Greeting greeting = test::peer_greeting(number);
    greeting.collation = 8;
    test::send_greeting(peer, greeting);
    const auto login = peer.read_packet();
    if (!login) return;
    peer.write_packet(static_cast<std::uint8_t>(login->sequence + 1),
                      test::ok_payload(kPeerCapabilities));
    std::string_view session = kLogin;
    while (const auto command = peer.read_packet()) {
      if (command->payload.empty() || command->payload.front() == 0x01) return;
      if (test::answer_question(peer, command->payload, session)) continue;
      const auto what = static_cast<wire::Command>(command->payload.front());
      if (what == wire::Command::kResetConnection) session = kOwn;
      if (what == wire::Command::kChangeUser) session = kLogin;
      if (what == wire::Command::kChangeUser) ++logins;
      if (wire::as_text(command->payload) == "\x03SET NAMES utf8mb4 COLLATE utf8mb4_general_ci") {
        ++named;
        if (names) session = kLogin;
        wire::Buffer refused;
        encode(wire::ErrPacket{1115, "42000", "Unknown character set"}, refused);
        peer.write_packet(1, names ? test::ok_payload(kPeerCapabilities) : refused);
        continue;
      }
      peer.write_packet(1, test::ok_payload(kPeerCapabilities));
    }
  }

  RawServer raw_;
};

void two_clients_one_after_the_other(OtherCollation& server) {
  Fixture f([&](ProxyConfig& config) {
    config.threads = 1;
    config.instances[0].port = server.port();
  });
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  const int before = server.connections;
  for (int i = 0; i < 2; ++i) {
    Peer client = f.logged_in();
    test::send_query(client, "UPDATE t");
    const auto answer = client.read_packet();
    ASSERT_TRUE(answer && !answer->payload.empty() && answer->payload[0] == wire::kOkHeader)
        << f.events.text();
    client.close();
    ASSERT_TRUE(f.becomes([&] { return f.proxy->instances()[0].idle == 1; })) << f.events.text();
  }
  EXPECT_LE(server.connections, before + 1) << "the second had a connection of its own";
}

// It is put back together with the reset, so that the next client of that collation waits for
// nothing.
TEST(Reuse, the_collation_of_the_login_outlives_a_reset) {
  OtherCollation server(true);
  two_clients_one_after_the_other(server);
  EXPECT_EQ(server.logins, 0);
  EXPECT_EQ(server.named, 2);
}

TEST(Reuse, a_collation_that_cannot_be_put_back_is_logged_in_with) {
  OtherCollation server(false);
  two_clients_one_after_the_other(server);
  EXPECT_EQ(server.logins, 1);
}

}  // namespace
}  // namespace sluice::session
