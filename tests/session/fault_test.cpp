// Every step of a session with bytes that come one at a time, and with each call that moves bytes
// failing in turn: on the side of the client, of the server, of a KILL, of a reset.
#include <atomic>
#include <cerrno>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::Fixture;
using test::kPeerCapabilities;
using test::ok_payload;
using test::open_descriptors;
using test::Peer;
using test::send_query;

ssize_t recv_one(int descriptor, void* into, std::size_t) {
  return ::recv(descriptor, into, 1, 0);
}
ssize_t send_one(int descriptor, const void* from, std::size_t) {
  return ::send(descriptor, from, 1, MSG_NOSIGNAL);
}
const net::IoCalls kOneByte{&recv_one, &send_one, false};

// How many calls go well before one fails; far away: none does.
constexpr long kFarAway = 1L << 60;
std::atomic<long> calls_left{kFarAway};

ssize_t counted_recv(int descriptor, void* into, std::size_t size) {
  if (calls_left.fetch_sub(1) != 0) return ::recv(descriptor, into, size, 0);
  errno = ECONNRESET;
  return -1;
}
ssize_t counted_send(int descriptor, const void* from, std::size_t size) {
  if (calls_left.fetch_sub(1) != 0) return ::send(descriptor, from, size, MSG_NOSIGNAL);
  errno = EPIPE;
  return -1;
}
const net::IoCalls kCounted{&counted_recv, &counted_send, true};

// A server that knows what the script below asks.
bool knows_the_script(Peer& peer, const wire::Buffer& command) {
  const auto byte = static_cast<wire::Command>(command.front());
  const std::string text(command.begin() + 1, command.end());
  if (byte == wire::Command::kStmtSendLongData || byte == wire::Command::kStmtClose) return true;
  if (byte == wire::Command::kStmtPrepare) {
    wire::Buffer out;
    encode(wire::PrepareOk{.statement_id = 1, .columns = 0, .parameters = 0}, kPeerCapabilities,
           out);
    return peer.write_packet(1, out);
  }
  if (text.starts_with("LOAD")) {
    if (!peer.write_text(1, "\xfb/tmp/x")) return false;
    while (const auto piece = peer.read_packet()) {
      if (!piece->payload.empty()) continue;
      return peer.write_packet(static_cast<std::uint8_t>(piece->sequence + 1),
                               ok_payload(kPeerCapabilities));
    }
    return false;
  }
  return test::answers_everything(peer, command);
}

// Reads packets until one is an OK, an ERR or the second EOF; false when the connection ended.
bool read_answer(Peer& client) {
  for (int eofs = 0;;) {
    const auto packet = client.read_packet();
    if (!packet || packet->payload.empty()) return false;
    const std::uint8_t first = packet->payload.front();
    if (first == wire::kOkHeader || first == wire::kErrHeader || first == 0xfb) return true;
    if (first == wire::kEofHeader && ++eofs == 2) return true;
  }
}

// What a session can do, from the connect to the QUIT. False as soon as something failed.
bool whole_session(Fixture& f) {
  Peer client = f.connect();
  const auto answer = test::log_in(client, "app", "secret", "shop");
  if (!answer || answer->payload.empty() || answer->payload.front() != wire::kOkHeader) {
    return false;
  }
  using std::string_literals::operator""s;
  const std::string big = "\x03UPDATE " + std::string(100'000, 'u');
  for (const std::string& command :
       {"\x0e"s, "\x03UPDATE t"s, "\x03ROWS 3"s, "\x16SELECT 1"s, "\x18\x01\0\0\0\0\0long"s,
        "\x17\x01\0\0\0\0\x01\0\0\0"s, "\x19\x01\0\0\0"s, big, "\x1f"s, "\x02shop"s}) {
    if (!client.write_text(0, command)) return false;
    if (command[0] == '\x18' || command[0] == '\x19') continue;
    if (!read_answer(client)) return false;
  }
  if (!send_query(client, "LOAD DATA LOCAL INFILE '/tmp/x' INTO TABLE t") || !read_answer(client) ||
      !client.write_text(2, "some lines") || !client.write_text(3, "") || !read_answer(client)) {
    return false;
  }
  return client.write_text(0, "\x01") && !client.read_packet();
}

TEST(Faults, a_whole_session_one_byte_at_a_time_on_both_sides) {
  Fixture f({}, knows_the_script, kOneByte);
  EXPECT_TRUE(whole_session(f)) << f.events.text();
  EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kQuit) == 1; })) << f.events.text();
  EXPECT_TRUE(whole_session(f)) << "on a connection that was reset: " << f.events.text();
}

TEST(Faults, each_call_that_moves_bytes_fails_in_turn) {
  calls_left = kFarAway;
  Fixture f(
      [](ProxyConfig& config) {
        config.threads = 1;
        config.limits.max_connect_errors = 0;
        config.limits.vanish_grace = std::chrono::seconds(0);
      },
      knows_the_script, kCounted);
  ASSERT_TRUE(whole_session(f)) << f.events.text();
  const auto at_rest = [&] {
    const auto state = f.proxy->instances()[0];
    return f.proxy->registry().list().empty() && state.open == state.idle;
  };
  ASSERT_TRUE(f.becomes(at_rest));
  // What belongs to neither a client nor a connection to the server, of which the process has both
  // ends.
  const auto others = [&] { return open_descriptors() - 2 * f.proxy->instances()[0].open; };
  // The test's server may be a moment late with its end of a connection: never fewer than before.
  const std::size_t before = others();
  int failed = 0;
  for (long n = 0;; ++n) {
    ASSERT_LT(n, 2000) << "the script never comes to its end";
    calls_left = n;
    const bool whole = whole_session(f);
    ASSERT_TRUE(f.becomes(at_rest)) << "call " << n << '\n' << f.events.text();
    const bool reached = calls_left.exchange(kFarAway) < 0;
    if (!reached && whole) break;
    failed += whole ? 0 : 1;
    ASSERT_TRUE(f.becomes([&] { return at_rest() && others() <= before; }))
        << "call " << n << " left " << others() << " descriptors, not " << before;
    ASSERT_TRUE(whole_session(f)) << "after call " << n << " failed: " << f.events.text();
  }
  EXPECT_GT(failed, 20) << "too few calls were reached: the test tests nothing";
}

}  // namespace
}  // namespace sluice::session
