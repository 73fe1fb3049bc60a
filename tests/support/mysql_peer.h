// Blocking peers for tests of the whole data path: a server that follows a script, and a client
// that does exactly what it is told. Each packet is read and written as it is, faults included.
// Only on 127.0.0.1 and free ports. A read that gets nothing for kPatience fails the test instead
// of hanging it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/wire/auth_native.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::test {

inline constexpr int kPatienceSeconds = 60;

struct PeerPacket {
  std::uint8_t sequence = 0;
  wire::Buffer payload;
};

class Peer {
 public:
  explicit Peer(int descriptor) : descriptor_(descriptor) {
    const timeval patience{kPatienceSeconds, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int at_once = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  }
  Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { close(); }

  static Peer connect(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return Peer(descriptor);
  }

  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  // Ends both directions; a write that waits in another thread fails.
  void shut_down() { ::shutdown(descriptor_, SHUT_RDWR); }
  bool write(wire::Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool write_packet(std::uint8_t sequence, wire::Bytes payload) {
    wire::Buffer frames;
    wire::append_packet(frames, sequence, payload);
    return write(frames);
  }
  bool write_text(std::uint8_t sequence, std::string_view payload) {
    return write_packet(sequence, wire::as_bytes(payload));
  }
  // At most `size` bytes; fewer at the end of the stream.
  wire::Buffer read(std::size_t size) {
    wire::Buffer bytes(size);
    std::size_t have = 0;
    while (have < size) {
      const ssize_t count = ::recv(descriptor_, bytes.data() + have, size - have, 0);
      if (count <= 0) break;
      have += static_cast<std::size_t>(count);
    }
    bytes.resize(have);
    return bytes;
  }
  // Nothing at the end of the stream.
  std::optional<PeerPacket> read_packet() {
    PeerPacket packet;
    for (bool first = true;; first = false) {
      const wire::Buffer head = read(4);
      if (head.size() != 4) return std::nullopt;
      const auto header = wire::load_frame_header(head.data());
      if (first) packet.sequence = header.sequence;
      const wire::Buffer piece = read(header.length);
      if (piece.size() != header.length) return std::nullopt;
      packet.payload.insert(packet.payload.end(), piece.begin(), piece.end());
      if (header.length < wire::kMaxFramePayload) return packet;
    }
  }

 private:
  int descriptor_;
};

inline wire::Buffer ok_payload(wire::Capabilities capabilities, std::uint64_t rows = 0) {
  wire::Buffer out;
  wire::OkPacket ok;
  ok.affected_rows = rows;
  ok.status = wire::status::kAutocommit;
  encode(ok, capabilities, out);
  return out;
}

inline constexpr wire::Capabilities kPeerCapabilities =
    wire::cap::kLongPassword | wire::cap::kLongFlag | wire::cap::kProtocol41 |
    wire::cap::kTransactions | wire::cap::kSecureConnection | wire::cap::kMultiStatements |
    wire::cap::kMultiResults | wire::cap::kPsMultiResults | wire::cap::kPluginAuth |
    wire::cap::kConnectWithDb | wire::cap::kLocalFiles;

// Accepts on a free port and hands each connection to the script, with a thread and a number of its
// own (from 1). It ends when the scripts have: close what they talk to first.
class RawServer {
 public:
  using Script = std::function<void(Peer&, std::uint32_t number)>;

  explicit RawServer(Script script, in_addr_t on = INADDR_LOOPBACK, std::uint16_t port = 0)
      : script_(std::move(script)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(on);
    address.sin_port = htons(port);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listening_, 100), 0);
    socklen_t size = sizeof address;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~RawServer() {
    ::shutdown(listening_, SHUT_RDWR);
    acceptor_.join();
    ::close(listening_);
    for (auto& thread : threads_) thread.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void accept() {
    for (std::uint32_t number = 1;; ++number) {
      const int descriptor = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) return;
      threads_.emplace_back([this, descriptor, number] {
        Peer peer(descriptor);
        script_(peer, number);
      });
    }
  }

  Script script_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

// The greeting of a scripted server. Valid until the next call of the same thread.
inline wire::Greeting peer_greeting(std::uint32_t id) {
  return {.server_version = "8.4.0-scripted",
          .connection_id = id,
          .nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20},
          .capabilities = kPeerCapabilities,
          .collation = 45,
          .status = wire::status::kAutocommit,
          .auth_plugin = wire::plugin::kNative};
}
inline bool send_greeting(Peer& peer, const wire::Greeting& greeting) {
  wire::Buffer payload;
  encode(greeting, payload);
  return peer.write_packet(0, payload);
}
// Greets and lets in whoever comes; false when nobody did. `more`: what it offers besides.
inline bool let_in(Peer& peer, std::uint32_t id, wire::Capabilities more = {}) {
  wire::Greeting greeting = peer_greeting(id);
  greeting.capabilities |= more;
  send_greeting(peer, greeting);
  const auto login = peer.read_packet();
  return login && peer.write_packet(static_cast<std::uint8_t>(login->sequence + 1),
                                    ok_payload(kPeerCapabilities));
}

// Whether the command is the proxy's own question what the session is; it is answered then, as by a
// server that tracks nothing. `report`: see backend/session_report.h.
inline constexpr std::string_view kDefaultSession =
    "STRICT_TRANS_TABLES\nutf8mb4\n1\nutf8mb4_general_ci\n0\n0\n0\n0";
inline bool answer_question(Peer& peer, const wire::Buffer& command,
                            std::string_view report = kDefaultSession) {
  const std::string_view text = wire::as_text(command);
  if (!text.starts_with("\x03SELECT CAST(CONCAT_WS(CHAR(10),@@sql_mode,")) return false;
  wire::Buffer out;
  std::uint8_t sequence = wire::append_packet(out, 1, wire::as_bytes("\x01"));
  sequence = wire::append_packet_with(out, sequence, [](wire::Buffer& to) {
    encode(wire::ColumnDefinition{}, kPeerCapabilities, to);
  });
  const auto eof = [](wire::Buffer& to) { encode(wire::EofPacket{0, 2}, to); };
  sequence = wire::append_packet_with(out, sequence, eof);
  sequence = wire::append_packet_with(
      out, sequence, [&](wire::Buffer& to) { wire::Writer(to).text_lenenc(report); });
  wire::append_packet_with(out, sequence, eof);
  peer.write(out);
  return true;
}

// A server that logs everybody in and then hands each command to the script. It answers
// RESET_CONNECTION, PING, INIT_DB and the proxy's questions itself; the latter are not among its
// commands(), nor is a QUIT: that of the proxy's first look at the server may come at any time.
class ScriptedServer {
 public:
  // `command` is a whole payload. False: close the connection.
  using Script = std::function<bool(Peer&, const wire::Buffer& command)>;

  explicit ScriptedServer(Script script, in_addr_t on = INADDR_LOOPBACK, std::uint16_t port = 0)
      : script_(std::move(script)),
        raw_([this](Peer& peer, std::uint32_t number) { serve(peer, number + 6); }, on, port) {}

  [[nodiscard]] std::uint16_t port() const { return raw_.port(); }
  // Every command that came, of all connections, as text.
  [[nodiscard]] std::vector<std::string> commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  void serve(Peer& peer, std::uint32_t id) {
    if (!let_in(peer, id)) return;
    while (const auto command = peer.read_packet()) {
      if (command->payload.empty()) return;
      if (answer_question(peer, command->payload)) continue;
      const auto what = static_cast<wire::Command>(command->payload.front());
      if (what == wire::Command::kQuit) return;
      {
        const std::lock_guard lock(mutex_);
        commands_.emplace_back(command->payload.begin(), command->payload.end());
      }
      switch (what) {
        case wire::Command::kResetConnection:
        case wire::Command::kPing:
        case wire::Command::kInitDb: peer.write_packet(1, ok_payload(kPeerCapabilities)); break;
        default:
          if (!script_(peer, command->payload)) return;
      }
    }
  }

  Script script_;
  mutable std::mutex mutex_;
  std::vector<std::string> commands_;
  RawServer raw_;  // last: its threads use the others
};

// Logs in with mysql_native_password; the OK or ERR packet, or nothing.
inline std::optional<PeerPacket> log_in(Peer& peer, const std::string& user,
                                        const std::string& password,
                                        const std::string& database = {},
                                        std::uint32_t* connection_id = nullptr,
                                        wire::Capabilities more = {}) {
  const auto greeting_packet = peer.read_packet();
  if (!greeting_packet) return std::nullopt;
  const auto greeting = wire::decode_greeting(greeting_packet->payload);
  if (!greeting) return greeting_packet;
  if (connection_id != nullptr) *connection_id = greeting->connection_id;
  wire::LoginRequest login;
  login.capabilities = kPeerCapabilities | more;
  if (database.empty()) {
    login.capabilities = login.capabilities.without(wire::cap::kConnectWithDb);
  }
  login.max_packet = 1U << 24;
  login.collation = 45;
  login.user = user;
  const wire::Buffer response = wire::native_response(password, greeting->nonce);
  login.auth_response = response;
  login.database = database;
  login.auth_plugin = wire::plugin::kNative;
  wire::Buffer payload;
  encode(login, payload);
  peer.write_packet(1, payload);
  auto answer = peer.read_packet();
  if (answer && !answer->payload.empty() && answer->payload.front() == wire::kEofHeader) {
    const auto change = wire::decode_auth_switch(answer->payload);
    if (!change) return answer;
    wire::Nonce nonce{};
    std::copy_n(change->data.begin(), std::min(change->data.size(), nonce.size()), nonce.begin());
    peer.write_packet(static_cast<std::uint8_t>(answer->sequence + 1),
                      wire::native_response(password, nonce));
    answer = peer.read_packet();
  }
  return answer;
}

inline bool send_query(Peer& peer, std::string_view sql) {
  return peer.write_text(0, std::string("\x03") + std::string(sql));
}

}  // namespace sluice::test
