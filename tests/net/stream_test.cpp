#include "proxy/net/stream.h"

#include <cerrno>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/net/connect.h"
#include "proxy/net/listener.h"
#include "proxy/net/tls.h"
#include "tests/support/run_task.h"

namespace sluice::net {
namespace {

using test::run_task;
using test::SocketPair;
using Bytes = std::vector<std::uint8_t>;

ssize_t recv_one(int descriptor, void* into, std::size_t) {
  return ::recv(descriptor, into, 1, 0);
}
ssize_t send_one(int descriptor, const void* from, std::size_t) {
  return ::send(descriptor, from, 1, MSG_NOSIGNAL);
}
const IoCalls kOneByte{&recv_one, &send_one, false};

ssize_t fail_recv(int, void*, std::size_t) {
  errno = ECONNRESET;
  return -1;
}
ssize_t fail_send(int, const void*, std::size_t) {
  errno = EPIPE;
  return -1;
}
const IoCalls kBroken{&fail_recv, &fail_send, true};

Bytes some_bytes(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

Task<Bytes> read_count(Stream& stream, std::size_t count) {
  Bytes all(count);
  std::size_t have = 0;
  while (have < count) {
    const Moved moved = co_await stream.read_some(std::span{all}.subspan(have));
    if (moved.io != Io::kOk) break;
    have += moved.count;
  }
  all.resize(have);
  co_return all;
}

Task<void> write_then(Stream& stream, Bytes bytes, Io& result) {
  result = co_await stream.write_all(bytes);
}

void moves_everything(Loop& loop, Stream& from, Stream& to, std::size_t size) {
  Io written = Io::kError;
  const Bytes bytes = some_bytes(size);
  spawn(write_then(from, bytes, written), {});
  EXPECT_EQ(run_task(loop, read_count(to, size), 100000), bytes);
  EXPECT_EQ(written, Io::kOk);
}

TEST(Stream, moves_more_than_a_socket_holds) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  Stream b(loop, pair.theirs);
  moves_everything(loop, a, b, 5'000'000);
}

TEST(Stream, moves_everything_one_byte_at_a_time) {
  Loop loop(kOneByte);
  SocketPair pair;
  Stream a(loop, pair.ours);
  Stream b(loop, pair.theirs);
  moves_everything(loop, a, b, 3000);
}

TEST(Stream, a_failing_call_is_an_error_and_nothing_else) {
  Loop loop(kBroken);
  SocketPair pair;
  Stream a(loop, pair.ours);
  Bytes room(10);
  EXPECT_EQ(a.try_read(room).io, Io::kError);
  EXPECT_EQ(a.try_write(room).io, Io::kError);
  EXPECT_EQ(run_task(loop, a.write_all(room)), Io::kError);
  ::close(pair.theirs);
}

TEST(Stream, an_empty_socket_is_read_once_and_not_again) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  Bytes room(100);
  ASSERT_EQ(::send(pair.theirs, "abc", 3, 0), 3);
  EXPECT_EQ(a.try_read(room).count, 3U);
  EXPECT_FALSE(a.descriptor().readable()) << "a short read says that the socket is empty";
  EXPECT_EQ(a.try_read(room).io, Io::kWouldBlock);
  ::close(pair.theirs);
}

TEST(Stream, the_end_comes_after_the_last_bytes) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  ASSERT_EQ(::send(pair.theirs, "abc", 3, 0), 3);
  ::close(pair.theirs);
  EXPECT_EQ(run_task(loop, read_count(a, 10)), (Bytes{'a', 'b', 'c'}));
  Bytes room(10);
  EXPECT_EQ(a.try_read(room).io, Io::kEnd);
}

TEST(Stream, a_writer_whose_peer_does_not_read_times_out) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  const auto io = run_task(loop, a.write_all(some_bytes(8'000'000), std::chrono::milliseconds(1)));
  EXPECT_EQ(io, Io::kTimedOut);
  ::close(pair.theirs);
}

Task<std::string> secure(Stream& server, Stream& client, std::shared_ptr<SSL_CTX> server_context,
                         std::shared_ptr<SSL_CTX> client_context, std::string& client_error) {
  struct Side {
    static Task<void> connect(Stream& stream, std::shared_ptr<SSL_CTX> context, std::string& out) {
      out = co_await stream.connect_tls(std::move(context), "localhost", false);
    }
  };
  spawn(Side::connect(client, std::move(client_context), client_error), {});
  co_return co_await server.accept_tls(std::move(server_context));
}

TEST(Stream, tls_with_a_generated_certificate_carries_bytes_both_ways) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  Stream b(loop, pair.theirs);
  const auto server = make_server_context({});
  const auto client = make_client_context({});
  ASSERT_TRUE(server.context) << server.error;
  ASSERT_TRUE(client.context) << client.error;
  std::string client_error = "?";
  EXPECT_EQ(run_task(loop, secure(a, b, server.context, client.context, client_error)), "");
  EXPECT_TRUE(a.tls_description().starts_with("TLSv1.3"));
  moves_everything(loop, a, b, 1'000'000);
  moves_everything(loop, b, a, 100'000);
  EXPECT_EQ(client_error, "");
}

TEST(Stream, a_certificate_that_nobody_vouches_for_is_refused_by_a_client_that_verifies) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  Stream b(loop, pair.theirs);
  const auto server = make_server_context({});
  ClientTlsFiles files;
  files.verify = true;
  const auto client = make_client_context(files);
  std::string client_error;
  const auto error = run_task(loop, secure(a, b, server.context, client.context, client_error));
  EXPECT_NE(error, "");
  EXPECT_NE(client_error.find("self-signed"), std::string::npos) << client_error;
}

TEST(Stream, garbage_in_place_of_a_tls_hello_ends_the_handshake) {
  Loop loop;
  SocketPair pair;
  Stream a(loop, pair.ours);
  ASSERT_EQ(::send(pair.theirs, "not a client hello at all, is it?", 33, 0), 33);
  const auto error = run_task(loop, a.accept_tls(make_server_context({}).context));
  EXPECT_NE(error, "");
  ::close(pair.theirs);
}

TEST(Tls, files_that_are_no_certificates_are_named) {
  ServerTlsConfig config;
  config.certificate_file = "/nonexistent/cert.pem";
  EXPECT_NE(make_server_context(config).error, "");
  config.key_file = "/nonexistent/key.pem";
  EXPECT_NE(make_server_context(config).error.find("cert.pem"), std::string::npos);
}

TEST(Tls, the_rsa_key_opens_only_its_own_ciphertexts) {
  const auto key = RsaKey::generate();
  EXPECT_TRUE(key->public_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
  EXPECT_FALSE(key->decrypt(Bytes(256, 7)).has_value());
  EXPECT_FALSE(key->decrypt(Bytes{}).has_value());
}

Task<void> echo_accepted(Loop& loop, Listener& listener, int& count,
                         std::vector<std::unique_ptr<Stream>>& kept) {
  auto accepted = [&](int descriptor, Peer) {
    ++count;
    kept.push_back(std::make_unique<Stream>(loop, descriptor));
  };
  co_await listener.accept_all(loop, accepted);
}

TEST(Listener, accepts_on_a_free_port_and_on_a_unix_socket) {
  Loop loop;
  BlockingPool blocking(1);
  ListenConfig tcp;
  tcp.port = 0;
  ListenConfig local;
  local.unix_path = testing::TempDir() + "sluice-listener-" + std::to_string(::getpid());
  for (const ListenConfig& config : {tcp, local}) {
    auto opened = Listener::open(config);
    ASSERT_TRUE(opened.listener) << opened.error;
    int count = 0;
    std::vector<std::unique_ptr<Stream>> kept;
    spawn(echo_accepted(loop, *opened.listener, count, kept), {});
    Endpoint endpoint{"127.0.0.1", opened.listener->port(), config.unix_path};
    const auto connected =
        run_task(loop, connect_stream(loop, blocking, endpoint, std::chrono::seconds(60)));
    ASSERT_TRUE(connected && connected->stream) << connected->error;
    for (int i = 0; i < 2000 && count == 0; ++i) loop.run_once(std::chrono::milliseconds(10));
    ASSERT_EQ(count, 1);
    if (config.unix_path.empty()) {
      for (const auto& [level, option] : {std::pair<int, int>{SOL_SOCKET, SO_KEEPALIVE},
                                          std::pair<int, int>{IPPROTO_TCP, TCP_NODELAY}}) {
        int value = 0;
        socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(kept.front()->descriptor().get(), level, option, &value, &size), 0);
        EXPECT_NE(value, 0) << option;
      }
    }
    opened.listener->stop();
    loop.run_once(std::chrono::milliseconds(0));
  }
  EXPECT_NE(::access(local.unix_path.c_str(), F_OK), 0) << "the socket file is removed";
}

TEST(Listener, an_address_in_use_is_named) {
  ListenConfig config;
  config.port = 0;
  auto first = Listener::open(config);
  ASSERT_TRUE(first.listener);
  config.port = first.listener->port();
  const auto second = Listener::open(config);
  EXPECT_FALSE(second.listener);
  EXPECT_NE(second.error.find(std::to_string(config.port)), std::string::npos);
}

TEST(Connect, nobody_there_is_an_error_with_its_reason) {
  Loop loop;
  BlockingPool blocking(1);
  // A port that is bound, so that nobody else gets it meanwhile, and that nobody listens on.
  const Descriptor bound(loop, ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(bound.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(bound.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  auto connected =
      run_task(loop, connect_stream(loop, blocking, {"127.0.0.1", ntohs(address.sin_port), {}},
                                    std::chrono::seconds(60)));
  EXPECT_FALSE(connected->stream);
  EXPECT_EQ(connected->error, "Connection refused");
  connected = run_task(
      loop, connect_stream(loop, blocking, {"name.invalid", 1, {}}, std::chrono::seconds(5)));
  EXPECT_FALSE(connected->stream);
  EXPECT_NE(connected->error, "");
}

}  // namespace
}  // namespace sluice::net
