// What a control connection does when the peer is no honest server.
#include <atomic>

#include <gtest/gtest.h>

#include "admin/mysql/connection.h"
#include "tests/support/mysql_peer.h"

namespace sluice::mysql {
namespace {

Options to(const test::ScriptedServer& server) {
  Options options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.username = "root";
  options.password = Password("secret");
  return options;
}

TEST(HostileServerTest, OneWithoutTlsIsRefusedWhereTlsIsAskedFor) {
  test::ScriptedServer server([](test::Peer& peer, const wire::Buffer&) {
    return peer.write_packet(1, test::ok_payload(test::kPeerCapabilities));
  });
  auto options = to(server);
  EXPECT_TRUE(Connection::open(options));  // preferred
  for (const auto mode : {TlsMode::kRequired, TlsMode::kVerifyCa, TlsMode::kVerifyIdentity}) {
    options.tls.mode = mode;
    const auto connection = Connection::open(options);
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().kind, Failure::kTls) << connection.error().message;
  }
}

// It asks for a file of ours in answer to a statement (LOAD DATA LOCAL's request).
TEST(HostileServerTest, NoFileIsSentToIt) {
  std::string got;
  test::ScriptedServer server([&got](test::Peer& peer, const wire::Buffer& command) {
    const std::string_view sql(reinterpret_cast<const char*>(command.data()) + 1,
                               command.size() - 1);
    if (sql.starts_with("SET NAMES"))
      return peer.write_packet(1, test::ok_payload(test::kPeerCapabilities));
    peer.write_text(1, "\xfb/etc/passwd");
    if (const auto file = peer.read_packet())
      got.assign(file->payload.begin(), file->payload.end());
    return peer.write_packet(3, test::ok_payload(test::kPeerCapabilities));
  });
  const auto connection = Connection::open(to(server));
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_FALSE((*connection)->query("SELECT 1"));
  EXPECT_EQ(got, "");
}

// The statement was on its way when the first one came: it ends nothing.
TEST(HostileServerTest, AKillIsRepeatedUntilTheStatementEnds) {
  std::atomic<int> kills = 0;
  test::ScriptedServer server([&kills](test::Peer& peer, const wire::Buffer& command) {
    const std::string_view sql(reinterpret_cast<const char*>(command.data()) + 1,
                               command.size() - 1);
    if (sql.starts_with("KILL QUERY ")) ++kills;
    if (sql != "SELECT SLEEP(1000)")
      return peer.write_packet(1, test::ok_payload(test::kPeerCapabilities));
    for (int i = 0; i < 6000 && kills < 2; ++i) ::usleep(10'000);
    wire::Buffer interrupted;
    encode(wire::ErrPacket{1317, "70100", "Query execution was interrupted"}, interrupted);
    return peer.write_packet(1, interrupted);
  });
  const auto connection = Connection::open(to(server));
  ASSERT_TRUE(connection) << connection.error().message;
  Limits limits;
  limits.deadline = std::chrono::steady_clock::now();
  const auto ended = (*connection)->query("SELECT SLEEP(1000)", limits);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, Failure::kDeadline) << ended.error().message;
  EXPECT_FALSE((*connection)->lost());
  EXPECT_GE(kills, 2);
}

// It says that it knows the password only in clear text.
TEST(HostileServerTest, NoPasswordIsSentInClearText) {
  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listening, 1), 0);
  ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size);
  std::string got;
  std::thread server([&] {
    test::Peer peer(::accept(listening, nullptr, nullptr));
    wire::Buffer greeting;
    encode(wire::Greeting{.server_version = "8.4.0",
                          .connection_id = 1,
                          .nonce = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20},
                          .capabilities = test::kPeerCapabilities,
                          .collation = 45,
                          .status = wire::status::kAutocommit,
                          .auth_plugin = "mysql_clear_password"},
           greeting);
    peer.write_packet(0, greeting);
    const auto login = peer.read_packet();
    if (login) got.assign(login->payload.begin(), login->payload.end());
    peer.write_text(2, std::string("\xfe") + "mysql_clear_password" + std::string(1, '\0'));
    if (const auto answer = peer.read_packet())
      got.append(answer->payload.begin(), answer->payload.end());
  });
  Options options;
  options.host = "127.0.0.1";
  options.port = ntohs(address.sin_port);
  options.username = "root";
  options.password = Password("secret");
  const auto connection = Connection::open(options);
  server.join();
  ::close(listening);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, Failure::kRefused) << connection.error().message;
  EXPECT_EQ(got.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace sluice::mysql
