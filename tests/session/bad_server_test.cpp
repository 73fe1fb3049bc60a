// Servers that close, lie or mumble while a connection to them logs in, and in the middle of an
// answer: the client is told, and the next one is served.
#include <atomic>

#include <gtest/gtest.h>

#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::error_code;
using test::Fixture;
using test::kPeerCapabilities;
using test::let_in;
using test::log_in;
using test::ok_payload;
using test::Peer;
using test::RawServer;
using test::send_query;

// What the server does with the connections after the first one, which only serves to make it
// known.
using Misdeed = std::function<void(Peer&)>;

void serve_plainly(Peer& peer) {
  while (const auto command = peer.read_packet()) {
    if (command->payload.empty() || command->payload.front() == 0x01) return;
    if (!peer.write_packet(1, ok_payload(kPeerCapabilities))) return;
  }
}

// Lets a client log in and send a query to a server that behaves as told; the error it gets.
std::optional<test::PeerPacket> answer_of(const Misdeed& misdeed,
                                          std::function<void(ProxyConfig&)> change = {}) {
  std::atomic<bool> bad{true};
  RawServer server([&](Peer& peer, std::uint32_t number) {
    if (number > 1 && bad) return misdeed(peer);
    if (let_in(peer, number)) serve_plainly(peer);
  });
  Fixture f([&](ProxyConfig& config) {
    config.instances[0].port = server.port();
    config.instances[0].limits.max_idle = 0;
    if (change) change(config);
  });
  EXPECT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
  std::optional<test::PeerPacket> answer;
  {
    Peer client = f.logged_in();
    send_query(client, "UPDATE t");
    answer = client.read_packet();
  }
  bad = false;
  // Again and again: on a busy machine a short connect_timeout may be too short for any login.
  EXPECT_TRUE(f.becomes([&] {
    Peer after = f.logged_in();
    send_query(after, "UPDATE t");
    const auto fine = after.read_packet();
    return fine && !fine->payload.empty() && fine->payload.front() == wire::kOkHeader;
  })) << "the next client is not served: "
      << f.events.text();
  EXPECT_TRUE(f.becomes([&] { return f.proxy->instances()[0].open <= 1; }));
  return answer;
}

std::string message(const std::optional<test::PeerPacket>& packet) {
  const auto error =
      packet ? wire::decode_err(packet->payload) : wire::Result<wire::ErrPacket>(wire::ErrPacket{});
  return error ? std::string(error->message) : std::string();
}

TEST(BadServer, one_that_closes_at_each_step_of_the_login) {
  const auto at_once = answer_of([](Peer&) {});
  EXPECT_EQ(error_code(at_once), 2003) << message(at_once);
  const auto greeted = answer_of([](Peer& peer) { send_greeting(peer, test::peer_greeting(9)); });
  EXPECT_EQ(error_code(greeted), 2003) << message(greeted);
  const auto answered = answer_of([](Peer& peer) {
    send_greeting(peer, test::peer_greeting(9));
    (void)peer.read_packet();
  });
  EXPECT_EQ(error_code(answered), 2003) << message(answered);
  EXPECT_NE(message(answered).find("'main'"), std::string::npos) << message(answered);
}

TEST(BadServer, one_that_is_silent_is_given_up_in_time) {
  const auto answer = answer_of([](Peer& peer) { (void)peer.read(1); },
                                [](ProxyConfig& config) {
                                  config.instances[0].limits.connect_timeout =
                                      std::chrono::milliseconds(300);
                                });
  EXPECT_EQ(error_code(answer), 2003);
  EXPECT_NE(message(answer).find("time-out"), std::string::npos) << message(answer);
}

TEST(BadServer, greetings_that_are_none) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"HTTP/1.1 400 Bad Request\r\n\r\n"s, "\xff\xff\xff\0"s, "\x04\0\0\0\x09old"s,
        "\x01\0\0\0\x0a"s, "\0\0\0\0"s, "\x03\0\0\x07\x0a\x38\0"s, "\x20\0\0\0\x0a"s}) {
    const auto answer = answer_of([&](Peer& peer) {
      peer.write(wire::as_bytes(bytes));
      peer.close();
    });
    EXPECT_TRUE(error_code(answer) == 2003 || error_code(answer) == 2012)
        << error_code(answer) << bytes << ": " << message(answer);
  }
}

// 1156 would tell the client that its own packets are out of order.
TEST(BadServer, packets_of_a_login_that_are_out_of_order_are_the_servers_fault) {
  const auto answer = answer_of([](Peer& peer) {
    send_greeting(peer, test::peer_greeting(9));
    (void)peer.read_packet();
    peer.write_packet(7, ok_payload(kPeerCapabilities));
  });
  EXPECT_EQ(error_code(answer), 2003) << message(answer);
  EXPECT_NE(message(answer).find("out of order"), std::string::npos) << message(answer);
}

TEST(BadServer, its_own_error_comes_through) {
  const auto refused = answer_of([](Peer& peer) {
    wire::Buffer payload;
    encode(wire::ErrPacket{1040, "", "Too many connections"}, payload);
    peer.write_packet(0, payload);
  });
  EXPECT_EQ(error_code(refused), 1040);
  const auto denied = answer_of([](Peer& peer) {
    send_greeting(peer, test::peer_greeting(9));
    (void)peer.read_packet();
    wire::Buffer payload;
    encode(wire::ErrPacket{1045, "28000", "Access denied for user 'sluice'"}, payload);
    peer.write_packet(2, payload);
  });
  EXPECT_EQ(error_code(denied), 1045) << message(denied);
}

// Sends an AuthSwitch to the plugin; what the proxy answered, if anything.
struct Switch {
  std::string plugin;
  std::string data = std::string(20, 'n') + '\0';
  std::string got;
  bool answered = false;

  void operator()(Peer& peer) {
    send_greeting(peer, test::peer_greeting(9));
    (void)peer.read_packet();
    wire::Buffer payload;
    encode(wire::AuthSwitch{plugin, wire::as_bytes(data)}, payload);
    peer.write_packet(2, payload);
    if (const auto response = peer.read_packet()) {
      answered = true;
      got.assign(response->payload.begin(), response->payload.end());
    }
  }
};

TEST(BadServer, a_password_in_clear_is_not_had_over_a_plain_connection) {
  for (const char* plugin : {"mysql_clear_password", "dialog", "mysql_old_password", "no_such"}) {
    Switch change;
    change.plugin = plugin;
    const auto answer =
        answer_of([&](Peer& peer) { change(peer); },
                  [](ProxyConfig& config) { config.instances[0].allow_clear_password = true; });
    EXPECT_FALSE(change.answered) << plugin;
    EXPECT_EQ(change.got.find("backend"), std::string::npos) << plugin;
    EXPECT_NE(error_code(answer), 0) << plugin;
  }
}

// The error that a client gets in place of a greeting, from a server that was never logged in to;
// `sent` is what the proxy sent it in all.
std::string refused_with(backend::TlsMode mode, wire::Capabilities offered, std::string* sent) {
  std::mutex mutex;
  RawServer server([&](Peer& peer, std::uint32_t) {
    auto greeting = test::peer_greeting(9);
    greeting.capabilities = offered;
    send_greeting(peer, greeting);
    const wire::Buffer request = peer.read(36);
    if (request.size() == 36) peer.write(wire::as_bytes("this is no ServerHello, is it?"));
    const wire::Buffer rest = peer.read(4096);
    const std::lock_guard lock(mutex);
    sent->append(request.begin(), request.end());
    sent->append(rest.begin(), rest.end());
  });
  Fixture f([&](ProxyConfig& config) {
    config.instances[0].port = server.port();
    config.instances[0].tls = mode;
  });
  Peer client = f.connect();
  const auto answer = client.read_packet();
  EXPECT_TRUE(error_code(answer) == 2003 || error_code(answer) == 2026)
      << error_code(answer) << '\n'
      << f.events.text() << std::string(answer ? "answer " : "no answer");
  return message(answer);
}

TEST(BadServer, one_that_talks_rubbish_in_place_of_tls_gets_no_login) {
  for (const auto mode : {backend::TlsMode::kPreferred, backend::TlsMode::kRequired}) {
    std::string sent;
    const std::string text = refused_with(mode, kPeerCapabilities | wire::cap::kSsl, &sent);
    EXPECT_NE(text.find("TLS"), std::string::npos) << text;
    EXPECT_GT(sent.size(), 36U) << "the request and a ClientHello";
    EXPECT_EQ(sent.find(std::string("sluice") + '\0'), std::string::npos);
  }
}

TEST(BadServer, one_without_tls_gets_no_login_where_tls_is_required) {
  std::string sent;
  const std::string text = refused_with(backend::TlsMode::kRequired, kPeerCapabilities, &sent);
  EXPECT_NE(text.find("SSL"), std::string::npos) << text;
  EXPECT_EQ(sent, "");
}

TEST(BadServer, wrong_numbers_and_cut_packets_in_an_answer) {
  using std::string_literals::operator""s;
  for (const std::string& bytes :
       {"\x07\0\0\x05\0\0\0\x02\0\0\0"s,      // an OK with a wrong sequence id
        "\xff\xff\xff\x01\0"s,                // a first packet of 16 MiB that never comes
        "\x01\0\0\x01\x01\x05\0\0\x03rest"s,  // a gap behind the column count
        "\x09\0\0\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff"s,  // 2^64-1 columns
        "\0\0\0\x01"s}) {
    std::atomic<int> commands{0};
    RawServer server([&](Peer& peer, std::uint32_t number) {
      if (!let_in(peer, number)) return;
      while (const auto command = peer.read_packet()) {
        if (test::answer_question(peer, command->payload)) continue;
        if (command->payload.front() == 0x03 && commands++ == 0) {
          peer.write(wire::as_bytes(bytes));
          return;
        }
        peer.write_packet(1, ok_payload(kPeerCapabilities));
      }
    });
    Fixture f([&](ProxyConfig& config) { config.instances[0].port = server.port(); });
    ASSERT_TRUE(f.becomes([&] { return f.proxy->ready(); }));
    {
      Peer client = f.logged_in();
      send_query(client, "SELECT");
      while (client.read_packet()) {
      }
    }
    EXPECT_TRUE(f.becomes([&] {
      return f.ended(Reason::kBackendProtocol) + f.ended(Reason::kBackendLost) == 1;
    })) << f.events.text();
    Peer after = f.logged_in();
    send_query(after, "UPDATE");
    EXPECT_TRUE(after.read_packet()) << f.events.text();
  }
}

}  // namespace
}  // namespace sluice::session
