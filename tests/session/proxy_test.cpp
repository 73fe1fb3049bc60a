// The whole data path between a scripted server and a scripted client.
#include "proxy/session/proxy.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "proxy/session/local_answers.h"
#include "tests/support/proxy_fixture.h"

namespace sluice::session {
namespace {

using test::error_code;
using test::Fixture;
using test::kPeerCapabilities;
using test::log_in;
using test::ok_payload;
using test::open_descriptors;
using test::Peer;
using test::send_query;

TEST(Proxy, a_query_goes_through_and_its_answer_comes_back) {
  Fixture f;
  Peer client = f.logged_in();
  ASSERT_TRUE(send_query(client, "UPDATE t SET a = 1"));
  const auto answer = client.read_packet();
  ASSERT_TRUE(answer) << f.events.text();
  EXPECT_EQ(answer->sequence, 1);
  const auto ok = wire::decode_ok(answer->payload, kPeerCapabilities);
  ASSERT_TRUE(ok.has_value());
  EXPECT_EQ(ok->affected_rows, 5U);
}

TEST(Proxy, the_greeting_has_the_servers_version_and_an_id_that_connection_id_agrees_with) {
  Fixture f;
  Peer client = f.connect();
  const auto packet = client.read_packet();
  ASSERT_TRUE(packet);
  const auto greeting = wire::decode_greeting(packet->payload);
  ASSERT_TRUE(greeting.has_value());
  EXPECT_EQ(greeting->server_version, "8.4.0-scripted");
  std::uint32_t id = 0;
  Peer second = f.logged_in(&id);
  EXPECT_TRUE(is_session_id(id));
  send_query(second, "select connection_id() ;");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(second.read_packet());
  const auto value = second.read_packet();
  ASSERT_TRUE(value);
  EXPECT_EQ(std::string(value->payload.begin() + 1, value->payload.end()), std::to_string(id));
  ASSERT_TRUE(second.read_packet());
}

TEST(Proxy, a_wrong_password_and_an_unknown_account_get_the_same_error) {
  Fixture f;
  for (const std::string user : {"app", "nobody", "app@nowhere"}) {
    Peer client = f.connect();
    const auto answer = log_in(client, user, "wrong");
    ASSERT_TRUE(answer);
    EXPECT_EQ(error_code(answer), 1045) << user;
    const auto error = wire::decode_err(answer->payload);
    EXPECT_EQ(error->message,
              "Access denied for user '" + user + "'@'127.0.0.1' (using password: YES)");
    EXPECT_FALSE(client.read_packet());
  }
}

TEST(Proxy, large_results_arrive_whole) {
  Fixture f;
  Peer client = f.logged_in();
  send_query(client, "ROWS 300000");
  std::uint64_t packets = 0;
  for (int eofs = 0; eofs < 2; ++packets) {
    const auto packet = client.read_packet();
    ASSERT_TRUE(packet) << packets << f.events.text();
    if (packet->payload.size() == 5 && packet->payload[0] == wire::kEofHeader) ++eofs;
  }
  EXPECT_EQ(packets, 300000U + 4);
}

TEST(Proxy, pipelined_commands_are_answered_in_order) {
  Fixture f;
  Peer client = f.logged_in();
  wire::Buffer all;
  for (int i = 0; i < 200; ++i) {
    wire::append_packet(all, 0, wire::as_bytes(i % 2 == 0 ? "\x03UPDATE" : "\x03ROWS 1"));
  }
  ASSERT_TRUE(client.write(all));
  for (int i = 0; i < 200; ++i) {
    const auto first = client.read_packet();
    ASSERT_TRUE(first) << i;
    EXPECT_EQ(first->payload[0], i % 2 == 0 ? 0 : 1) << i;
    for (int more = 0; i % 2 == 1 && more < 4; ++more) ASSERT_TRUE(client.read_packet());
  }
}

TEST(Proxy, a_command_that_comes_one_byte_at_a_time_is_served) {
  Fixture f;
  Peer client = f.logged_in();
  wire::Buffer frames;
  wire::append_packet(frames, 0, wire::as_bytes("\x03UPDATE t"));
  for (const std::uint8_t byte : frames) ASSERT_TRUE(client.write({&byte, 1}));
  EXPECT_TRUE(client.read_packet());
}

TEST(Proxy, a_command_over_16_mib_reaches_the_server_whole) {
  Fixture f;
  Peer client = f.logged_in();
  const std::string sql(17'000'000, 'x');
  ASSERT_TRUE(send_query(client, sql));
  ASSERT_TRUE(client.read_packet());
  EXPECT_EQ(f.server.commands().back().size(), sql.size() + 1);
}

TEST(Proxy, a_command_over_the_limit_is_refused_without_being_gathered) {
  Fixture f([](ProxyConfig& config) { config.limits.max_allowed_packet = 1'000'000; });
  Peer client = f.logged_in();
  const std::uint8_t header[] = {0xff, 0xff, 0xff, 0};
  ASSERT_TRUE(client.write(header));
  EXPECT_EQ(error_code(client.read_packet()), 1153);
  EXPECT_FALSE(client.read_packet());
}

TEST(Proxy, a_wrong_sequence_id_ends_the_session) {
  Fixture f;
  Peer client = f.logged_in();
  ASSERT_TRUE(client.write_text(3, "\x03SELECT 1"));
  EXPECT_EQ(error_code(client.read_packet()), 1156);
  EXPECT_FALSE(client.read_packet());
  EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kProtocol) == 1; }));
}

TEST(Proxy, unknown_and_refused_commands_are_answered_and_the_session_goes_on) {
  Fixture f;
  Peer client = f.logged_in();
  for (const char byte : {'\x05', '\x08', '\x63', '\xff', '\x20'}) {
    ASSERT_TRUE(client.write_text(0, std::string(1, byte)));
    EXPECT_EQ(error_code(client.read_packet()), 1047);
  }
  ASSERT_TRUE(client.write_text(0, std::string("\x1e\0\0", 3)));
  EXPECT_EQ(error_code(client.read_packet()), 1227);
  ASSERT_TRUE(client.write_text(0, std::string("\x17\x01\0\0\0\0\x01\0\0\0", 10)));
  EXPECT_EQ(error_code(client.read_packet()), 1243);
  ASSERT_TRUE(client.write_text(0, "\x0e"));
  EXPECT_EQ(client.read_packet()->payload.front(), 0);
}

TEST(Proxy, a_server_that_closes_or_lies_ends_the_session_only) {
  Fixture f;
  for (const std::string sql : {"CLOSE", "LIE", "GIANT"}) {
    Peer client = f.logged_in();
    send_query(client, sql);
    if (sql == "GIANT") client.close();
    while (sql != "GIANT" && client.read_packet()) {
    }
  }
  Peer client = f.logged_in();
  send_query(client, "UPDATE");
  EXPECT_TRUE(client.read_packet()) << f.events.text();
}

TEST(Proxy, a_client_that_vanishes_has_its_statement_killed_and_everything_freed) {
  Fixture f([](ProxyConfig& config) { config.limits.vanish_grace = std::chrono::seconds(0); },
            [](Peer& peer, const wire::Buffer& command) {
              const std::string text(command.begin() + 1, command.end());
              if (text == "WAIT") return peer.read(1).size() == 1;  // until the proxy closes
              return peer.write_packet(1, ok_payload(kPeerCapabilities));
            });
  {
    Peer client = f.logged_in();
    send_query(client, "WAIT");
    ASSERT_TRUE(f.becomes([&] {
      const auto all = f.server.commands();
      return std::find(all.begin(), all.end(), "\x03WAIT") != all.end();
    }));
  }
  EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kClientVanished) == 1; }));
  EXPECT_TRUE(f.becomes([&] {
    const auto all = f.server.commands();
    return std::any_of(all.begin(), all.end(),
                       [](const auto& c) { return c.starts_with("\x03KILL "); });
  })) << f.events.text();
}

TEST(Proxy, kill_understands_the_greetings_id_and_spares_other_accounts) {
  Fixture f;
  std::uint32_t id = 0;
  Peer victim = f.logged_in(&id);
  Peer stranger = f.connect();
  ASSERT_TRUE(log_in(stranger, "other", "secret"));
  send_query(stranger, "KILL " + std::to_string(id));
  EXPECT_EQ(error_code(stranger.read_packet()), 1095);
  Peer killer = f.logged_in();
  send_query(killer, "KILL CONNECTION 1073999999");
  EXPECT_EQ(error_code(killer.read_packet()), 1094);
  send_query(killer, "kill " + std::to_string(id));
  EXPECT_EQ(killer.read_packet()->payload.front(), 0);
  EXPECT_FALSE(victim.read_packet());
  EXPECT_TRUE(f.becomes([&] { return f.ended(Reason::kKilled) == 1; }));
}

TEST(Proxy, connections_are_reset_and_used_again) {
  Fixture f;
  for (int i = 0; i < 20; ++i) {
    Peer client = f.logged_in();
    send_query(client, "UPDATE");
    ASSERT_TRUE(client.read_packet());
    client.write_text(0, "\x01");
    EXPECT_FALSE(client.read_packet());
    // All of them: the next client may come to either thread.
    EXPECT_TRUE(f.becomes([&] {
      const auto instance = f.proxy->instances()[0];
      return instance.idle > 0 && instance.idle == instance.open;
    }));
  }
  EXPECT_LE(f.proxy->instances()[0].open, 2U);
}

TEST(Proxy, a_full_pool_says_so_after_its_wait) {
  Fixture f([](ProxyConfig& config) {
    config.instances[0].limits.max_connections = 1;
    config.instances[0].limits.max_wait = std::chrono::milliseconds(300);
  });
  const auto rests = [&](std::size_t open) {
    const auto state = f.proxy->instances()[0];
    return f.proxy->ready() && state.open == open && state.idle == open;
  };
  ASSERT_TRUE(f.becomes([&] { return rests(0); })) << "the look at the server is over";
  Peer first = f.logged_in();
  send_query(first, "UPDATE");
  ASSERT_EQ(first.read_packet()->payload.front(), 0);
  Peer second = f.logged_in();
  send_query(second, "UPDATE");
  EXPECT_EQ(error_code(second.read_packet()), 1203);
  first.write_text(0, "\x01");
  ASSERT_TRUE(f.becomes([&] { return rests(1); }));
  send_query(second, "UPDATE");
  EXPECT_EQ(second.read_packet()->payload.front(), 0) << "the first one's connection is free";
}

TEST(Proxy, too_many_clients_get_1040_and_an_away_server_2003) {
  Fixture f([](ProxyConfig& config) { config.limits.max_connections = 1; });
  Peer first = f.logged_in();
  Peer second = f.connect();
  EXPECT_EQ(error_code(second.read_packet()), 1040);
  Fixture away([](ProxyConfig& config) { config.instances[0].port = 1; });
  Peer client = away.connect();
  EXPECT_EQ(error_code(client.read_packet()), 2003);
}

TEST(Proxy, clients_that_come_and_break_off_leave_no_descriptor) {
  Fixture f([](ProxyConfig& config) { config.limits.max_connect_errors = 0; });
  { Peer warm = f.logged_in(); }
  ASSERT_TRUE(f.becomes([&] { return f.proxy->registry().list().empty(); }));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 300; ++i) {
    Peer client = f.connect();
    if (i % 3 == 1) (void)client.read_packet();
    if (i % 3 == 2) client.write_text(0, "rubbish that is no login");
  }
  EXPECT_TRUE(f.becomes([&] { return open_descriptors() <= before; }));
}

TEST(Proxy, a_drain_ends_idle_sessions_with_1053) {
  Fixture f;
  Peer client = f.logged_in();
  EXPECT_TRUE(f.proxy->drain(std::chrono::seconds(60)));
  EXPECT_EQ(error_code(client.read_packet()), 1053);
  EXPECT_FALSE(client.read_packet());
}

TEST(Proxy, a_local_file_reaches_the_server) {
  std::string got;
  Fixture f({}, [&got](Peer& peer, const wire::Buffer&) {
    if (!peer.write_text(1, "\xfb/tmp/x")) return false;
    std::uint8_t sequence = 0;
    while (const auto piece = peer.read_packet()) {
      sequence = piece->sequence;
      if (piece->payload.empty()) break;
      got.append(piece->payload.begin(), piece->payload.end());
    }
    return peer.write_packet(static_cast<std::uint8_t>(sequence + 1),
                             ok_payload(kPeerCapabilities));
  });
  Peer client = f.logged_in();
  send_query(client, "LOAD DATA LOCAL INFILE '/tmp/x' INTO TABLE t");
  ASSERT_EQ(client.read_packet()->payload.front(), 0xfb);
  const std::string big(1'000'000, 'r');
  client.write_text(2, big);
  client.write_text(3, "tail");
  client.write_text(4, "");
  const auto answer = client.read_packet();
  ASSERT_TRUE(answer) << f.events.text();
  EXPECT_EQ(answer->sequence, 5);
  EXPECT_EQ(got, big + "tail");
}

}  // namespace
}  // namespace sluice::session
