// The writer moves: what the old one says or does not say any more, and who answers next. The name
// of the writer is resolved by this program's own getaddrinfo, so that it can move.
#include <atomic>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include "tests/support/proxy_fixture.h"

namespace {

std::atomic<const char*> writer_address{"127.0.0.1"};
std::atomic<int> resolved{0};

}  // namespace

// Takes the place of the C library's within this program.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints,
                           addrinfo** list) {
  static const auto original =
      reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const bool writer = host != nullptr && std::string_view(host) == "writer.test";
  if (!writer) return original(host, service, hints, list);
  // As a name: a look-up that only takes addresses finds none.
  if (hints != nullptr && (hints->ai_flags & AI_NUMERICHOST) != 0) return EAI_NONAME;
  ++resolved;
  return original(writer_address, service, hints, list);
}

namespace sluice::session {
namespace {

using test::Fixture;
using test::kPeerCapabilities;
using test::Peer;
using test::ScriptedServer;

constexpr in_addr_t kSecondAddress = 0x7f000002;  // 127.0.0.2

ScriptedServer::Script answers(std::uint64_t rows, std::uint16_t error) {
  return [=](Peer& peer, const wire::Buffer& command) {
    const std::string text(command.begin() + 1, command.end());
    if (text == "CLOSE") return false;
    wire::Buffer out;
    if (error != 0 && text.starts_with("INSERT")) {
      encode(wire::ErrPacket{error, "HY000", "read only"}, out);
      return peer.write_packet(1, out);
    }
    return peer.write_packet(1, test::ok_payload(kPeerCapabilities, rows));
  };
}

std::uint64_t affected(Peer& client, std::string_view sql) {
  test::send_query(client, sql);
  const auto packet = client.read_packet();
  if (!packet) return 0;
  const auto ok = wire::decode_ok(packet->payload, kPeerCapabilities);
  return ok ? ok->affected_rows : 0;
}

class Failover : public testing::TestWithParam<std::uint16_t> {};

// 1290 and 1836 are a writer's that became a reader; 0 is one that is gone.
TEST_P(Failover, whoever_comes_next_resolves_the_name_again) {
  writer_address = "127.0.0.1";
  ScriptedServer old_writer(answers(1, GetParam()));
  ScriptedServer new_writer(answers(2, 0), kSecondAddress, old_writer.port());
  Fixture f([&](ProxyConfig& config) {
    config.instances[0].host = "writer.test";
    config.instances[0].port = old_writer.port();
    config.threads = 1;
  });
  ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  Peer other = f.logged_in();
  EXPECT_EQ(affected(other, "SELECT 1"), 1U);
  Peer first = f.logged_in();
  EXPECT_EQ(affected(first, "SELECT 1"), 1U);
  other.write_text(0, "\x01");
  EXPECT_FALSE(other.read_packet());
  ASSERT_TRUE(f.becomes([&] { return f.proxy->instances()[0].idle == 1; }));

  writer_address = "127.0.0.2";
  const int before = resolved;
  if (GetParam() != 0) {
    test::send_query(first, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(test::error_code(first.read_packet()), GetParam()) << "the error is the client's";
    EXPECT_EQ(affected(first, "SELECT 1"), 1U) << "its session goes on where it is";
  } else {
    test::send_query(first, "CLOSE");
    EXPECT_EQ(test::error_code(first.read_packet()), 2013);
  }
  Peer next = f.logged_in();
  EXPECT_EQ(affected(next, "INSERT INTO t VALUES (1)"), 2U) << "not the connection kept idle";
  EXPECT_GT(resolved, before);
}

INSTANTIATE_TEST_SUITE_P(Reasons, Failover, testing::Values(1290, 1836, 0));

}  // namespace
}  // namespace sluice::session
