// The whole data path in a test: a Proxy between a scripted server and scripted clients, what it
// reported, and what it must have given back at the end.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <dirent.h>
#include <gtest/gtest.h>

#include "proxy/session/proxy.h"
#include "proxy/wire/auth_native.h"
#include "proxy/wire/columns.h"
#include "tests/support/mysql_peer.h"

namespace sluice::test {

class Events final : public session::EventSink {
 public:
  void on_event(const session::Event& event) override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(event.what) + " " + std::string(event.reason) + " " +
                     std::string(event.detail));
  }
  std::string text() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& line : lines_) all += line + "\n";
    return all;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

inline std::string row(std::string_view value) {
  std::string out(1, static_cast<char>(value.size()));
  return out.append(value);
}

// One column "c", `rows` rows of `value`, in the form with EOF packets.
inline void answer_rows(Peer& peer, int rows, std::string_view value) {
  wire::Buffer out;
  std::uint8_t sequence = wire::append_packet(out, 1, wire::as_bytes("\x01"));
  sequence = wire::append_packet_with(out, sequence, [](wire::Buffer& to) {
    wire::ColumnDefinition column;
    column.name = "c";
    encode(column, kPeerCapabilities, to);
  });
  const auto eof = [](wire::Buffer& to) { encode(wire::EofPacket{0, 2}, to); };
  sequence = wire::append_packet_with(out, sequence, eof);
  for (int i = 0; i < rows; ++i) {
    sequence = wire::append_packet(out, sequence, wire::as_bytes(row(value)));
    if (out.size() > 100000) {
      if (!peer.write(out)) return;
      out.clear();
    }
  }
  wire::append_packet_with(out, sequence, eof);
  peer.write(out);
}

inline bool answers_everything(Peer& peer, const wire::Buffer& command) {
  const std::string text(command.begin() + 1, command.end());
  if (text.starts_with("ROWS ")) {
    answer_rows(peer, std::stoi(text.substr(5)), "value");
    return true;
  }
  if (text == "CLOSE") return false;
  if (text == "LIE") return peer.write_text(9, "\x01") && peer.write_text(3, "nonsense");
  if (text == "GIANT") {
    const std::uint8_t header[] = {0xff, 0xff, 0xff, 1, 0xfc};
    return peer.write(header);
  }
  // The answer's number follows the command's frames.
  const std::uint8_t sequence = command.size() >= wire::kMaxFramePayload ? 2 : 1;
  return peer.write_packet(sequence, ok_payload(kPeerCapabilities, 5));
}

struct Fixture {
  explicit Fixture(std::function<void(session::ProxyConfig&)> change = {},
                   ScriptedServer::Script script = answers_everything,
                   const net::IoCalls& calls = net::system_calls(),
                   policy::ChangeSink* changes = nullptr)
      : server(std::move(script)),
        accounts({account("app"), account("other")}),
        policies(policy::PolicySet{}) {
    session::ProxyConfig config;
    config.threads = 2;
    net::ListenConfig listen;
    listen.port = 0;
    config.listen.push_back(listen);
    backend::InstanceConfig instance;
    instance.name = "main";
    instance.port = server.port();
    instance.user = "sluice";
    instance.password = wire::Secret(std::string_view("backend"));
    config.instances.push_back(instance);
    if (change) change(config);
    session::Proxy::Dependencies dependencies{accounts, policies, events, calls, changes};
    proxy = std::make_unique<session::Proxy>(std::move(config), std::move(dependencies));
    const auto trouble = proxy->start();
    EXPECT_EQ(trouble, nullptr) << trouble->what;
  }
  static policy::Account account(std::string name) {
    policy::Account made;
    made.name = std::move(name);
    made.verifier.text = wire::to_text(wire::native_verifier("secret"));
    return made;
  }
  Peer connect() { return Peer::connect(proxy->bound_port(0)); }
  Peer logged_in(std::uint32_t* id = nullptr) {
    Peer client = connect();
    const auto answer = log_in(client, "app", "secret", {}, id);
    EXPECT_TRUE(answer && !answer->payload.empty() && answer->payload[0] == wire::kOkHeader)
        << events.text();
    return client;
  }
  std::uint64_t ended(session::Reason reason) {
    std::uint64_t sum = 0;
    for (const auto* c : proxy->counters()) sum += c->ended[static_cast<std::size_t>(reason)].get();
    return sum;
  }
  // Waits for a count that another thread makes; false when it never comes.
  bool becomes(const std::function<bool()>& condition) {
    for (int i = 0; i < 6000 && !condition(); ++i) ::usleep(10000);
    return condition();
  }

  ScriptedServer server;
  policy::AccountTable accounts;
  policy::FixedPolicySource policies;
  Events events;
  std::unique_ptr<session::Proxy> proxy;
};

inline std::uint16_t error_code(const std::optional<PeerPacket>& packet) {
  if (!packet) return 0;
  const auto error = wire::decode_err(packet->payload);
  return error ? error->code : std::uint16_t{0};
}

inline std::size_t open_descriptors() {
  DIR* directory = ::opendir("/proc/self/fd");
  std::size_t count = 0;
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count;
}

}  // namespace sluice::test
