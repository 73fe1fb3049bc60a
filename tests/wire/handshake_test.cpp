// Both login machines against each other: what one sends, the other reads, for every plugin and way
// of transport.
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "proxy/wire/client_handshake.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/server_handshake.h"

namespace sluice::wire {
namespace {

using Server = ServerHandshake;
using Client = ClientHandshake;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

const Key& rsa_key() {
  static const Key key(EVP_RSA_gen(2048), &EVP_PKEY_free);
  return key;
}

std::string public_pem() {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PUBKEY(bio.get(), rsa_key().get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<Secret> decrypt(Bytes sealed) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(rsa_key().get(), nullptr), &EVP_PKEY_CTX_free);
  Buffer plain(512);
  std::size_t size = plain.size();
  if (EVP_PKEY_decrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_decrypt(context.get(), plain.data(), &size, sealed.data(), sealed.size()) <= 0) {
    return make_error_code(Fault::kCrypto);
  }
  return Secret(Bytes(plain.data(), size));
}

Nonce nonce_of(std::uint8_t seed) {
  std::array<std::uint8_t, kNonceSize> random{};
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::uint8_t>(seed + i);
  return make_nonce(random);
}

struct Case {
  std::optional<AccountVerifier> account;
  std::string password = "s3cret";
  bool tls = false;
  bool unix_socket = false;
  bool keys = true;  // the server has a key pair
  AccountVerifier::Plugin default_plugin = AccountVerifier::Plugin::kCachingSha2;
};

struct Outcome {
  bool client_in = false;
  bool server_in = false;
  Fault server_reason{};
  Fault client_reason{};
  std::uint16_t error = 0;
  std::string message;
  int exchanges = 0;
  bool learned = false;
  std::string sent;  // size and first byte of every packet of the server
};

// Runs both machines to their ends.
class Match {
 public:
  explicit Match(const Case& c) : case_(c), server_(server_config(c)), client_(client_config(c)) {}

  Outcome run() {
    auto client = client_.start();
    auto server = server_.start();
    for (int i = 0; i < 100 && !(client_over_ && server_over_); ++i) {
      server = step_server(std::move(server));
      client = step_client(std::move(client));
    }
    return outcome_;
  }

 private:
  static Server::Config server_config(const Case& c) {
    Server::Config config;
    config.server_version = "9.7.4";
    config.connection_id = 77;
    config.offered = cap::kUnderstood.without(c.tls ? Capabilities{} : cap::kSsl);
    config.nonce = nonce_of(1);
    config.switch_nonce = nonce_of(60);
    config.secure_transport = c.unix_socket;
    config.default_plugin = c.default_plugin;
    if (c.keys) config.public_key_pem = public_pem();
    config.client_host = "127.0.0.1";
    return config;
  }
  static Client::Config client_config(const Case& c) {
    Client::Config config;
    config.account = "app";
    config.password = Secret(c.password);
    config.database = "shop";
    config.wanted = cap::kUnderstood;
    config.secure_transport = c.unix_socket;
    config.attributes = {{"program_name", "test"}};
    return config;
  }

  Server::Step step_server(Server::Step step) {
    if (const auto* send = std::get_if<Server::Send>(&step)) {
      note(send->bytes);
      to_client_.insert(to_client_.end(), send->bytes.begin(), send->bytes.end());
      return server_.on_sent();
    }
    if (std::holds_alternative<Server::Read>(step)) {
      Buffer payload;
      std::uint8_t sequence = 0;
      if (!take(to_server_, payload, sequence)) return step;
      ++outcome_.exchanges;
      return server_.on_packet(payload, sequence);
    }
    if (std::holds_alternative<Server::StartTls>(step)) return server_.on_tls();
    if (std::holds_alternative<Server::LookUp>(step)) return server_.on_account(case_.account);
    if (const auto* sealed = std::get_if<Server::Decrypt>(&step)) {
      return server_.on_decrypted(decrypt(sealed->ciphertext));
    }
    if (std::holds_alternative<Server::Verify>(step)) return server_.verify();
    if (std::holds_alternative<Server::Done>(step) && !server_over_) {
      outcome_.server_in = true;
      outcome_.learned = server_.login().learned.has_value();
      EXPECT_EQ(server_.login().account, "app");
      EXPECT_EQ(server_.login().database, "shop");
      OkPacket ok;
      ok.status = status::kAutocommit;
      const Bytes bytes = server_.finish_ok(ok);
      to_client_.insert(to_client_.end(), bytes.begin(), bytes.end());
      server_over_ = true;
    }
    if (const auto* failed = std::get_if<Server::Failed>(&step); failed && !server_over_) {
      outcome_.server_reason = failed->reason;
      note(failed->send);
      to_client_.insert(to_client_.end(), failed->send.begin(), failed->send.end());
      server_over_ = true;
    }
    return step;
  }

  Client::Step step_client(Client::Step step) {
    if (const auto* send = std::get_if<Client::Send>(&step)) {
      to_server_.insert(to_server_.end(), send->bytes.begin(), send->bytes.end());
      return client_.on_sent();
    }
    if (std::holds_alternative<Client::Read>(step)) {
      Buffer payload;
      std::uint8_t sequence = 0;
      if (!take(to_client_, payload, sequence)) return step;
      return client_.on_packet(payload, sequence);
    }
    if (std::holds_alternative<Client::StartTls>(step)) return client_.on_tls();
    if (std::holds_alternative<Client::Done>(step)) {
      outcome_.client_in = client_over_ = true;
    } else if (const auto* failed = std::get_if<Client::Failed>(&step)) {
      outcome_.client_reason = failed->reason;
      outcome_.error = failed->error.code;
      outcome_.message = failed->error.message;
      client_over_ = true;
    }
    return step;
  }

  void note(Bytes packet) {
    outcome_.sent += std::to_string(packet.size()) + ":" + std::to_string(packet[4]) + " ";
  }
  static bool take(Buffer& from, Buffer& payload, std::uint8_t& sequence) {
    if (from.size() < kFrameHeaderSize) return false;
    const FrameHeader header = load_frame_header(from.data());
    if (from.size() < kFrameHeaderSize + header.length) return false;
    const auto begin = from.begin() + kFrameHeaderSize;
    payload.assign(begin, begin + header.length);
    from.erase(from.begin(), begin + header.length);
    sequence = header.sequence;
    return true;
  }

  Case case_;
  Server server_;
  Client client_;
  Buffer to_client_;
  Buffer to_server_;
  bool client_over_ = false;
  bool server_over_ = false;
  Outcome outcome_;
};

AccountVerifier native(std::string_view password) {
  AccountVerifier account;
  account.plugin = AccountVerifier::Plugin::kNative;
  account.native = native_verifier(password);
  return account;
}
AccountVerifier sha2(std::string_view password, bool fast, bool full = true) {
  AccountVerifier account;
  if (full) account.full = full_verifier(password, make_salt({1, 2, 3, 4, 5}));
  if (fast) account.fast = fast_verifier(password);
  return account;
}

TEST(Handshake, EveryPluginAndTransportLetsTheRightPasswordIn) {
  for (const bool tls : {false, true}) {
    for (const auto& account : {native("s3cret"), sha2("s3cret", false), sha2("s3cret", true),
                                sha2("s3cret", true, false)}) {
      const Outcome outcome = Match({.account = account, .tls = tls}).run();
      EXPECT_TRUE(outcome.client_in && outcome.server_in) << outcome.message;
    }
  }
}

TEST(Handshake, WrongAndUnknownAreToldApartByNothing) {
  for (const bool tls : {false, true}) {
    const Outcome wrong = Match({.account = sha2("other", false), .tls = tls}).run();
    const Outcome unknown = Match({.account = std::nullopt, .tls = tls}).run();
    EXPECT_FALSE(wrong.client_in || wrong.server_in || unknown.client_in || unknown.server_in);
    EXPECT_EQ(wrong.error, 1045);
    EXPECT_EQ(unknown.error, 1045);
    EXPECT_EQ(wrong.message, unknown.message);
    EXPECT_EQ(wrong.exchanges, unknown.exchanges);
  }
  const Outcome native_wrong =
      Match({.account = native("other"), .default_plugin = AccountVerifier::Plugin::kNative}).run();
  const Outcome native_unknown =
      Match({.account = std::nullopt, .default_plugin = AccountVerifier::Plugin::kNative}).run();
  EXPECT_EQ(native_wrong.message, native_unknown.message);
  EXPECT_EQ(native_wrong.exchanges, native_unknown.exchanges);
}

TEST(Handshake, WhatVerifiersAnAccountHasIsNotTold) {
  AccountVerifier empty;
  empty.empty_password = true;
  for (const bool tls : {false, true}) {
    const Outcome unknown = Match({.account = std::nullopt, .tls = tls}).run();
    for (const auto& account : {sha2("other", true, false), sha2("other", true), empty}) {
      const Outcome wrong = Match({.account = account, .tls = tls}).run();
      EXPECT_EQ(wrong.error, 1045);
      EXPECT_EQ(wrong.sent, unknown.sent);
      EXPECT_EQ(wrong.message, unknown.message);
    }
  }
}

TEST(Handshake, EmptyPasswords) {
  AccountVerifier empty;
  empty.empty_password = true;
  EXPECT_TRUE(Match({.account = empty, .password = ""}).run().server_in);
  EXPECT_EQ(Match({.account = empty, .password = "x"}).run().error, 1045);
  EXPECT_EQ(Match({.account = sha2("s3cret", true), .password = ""}).run().error, 1045);
  const Outcome unknown = Match({.account = std::nullopt, .password = ""}).run();
  EXPECT_NE(unknown.message.find("using password: NO"), std::string::npos);
}

TEST(Handshake, AFullLoginTeachesTheFastPath) {
  EXPECT_TRUE(Match({.account = sha2("s3cret", false)}).run().learned);
  EXPECT_FALSE(Match({.account = sha2("s3cret", true)}).run().learned);
}

TEST(Handshake, WithoutTlsOrKeyNoPasswordTravels) {
  const Outcome outcome = Match({.account = sha2("s3cret", false), .keys = false}).run();
  EXPECT_FALSE(outcome.server_in);
  EXPECT_EQ(outcome.server_reason, Fault::kAccessDenied);
}

TEST(Handshake, AUnixSocketIsSecure) {
  const Outcome outcome =
      Match({.account = sha2("s3cret", false), .unix_socket = true, .keys = false}).run();
  EXPECT_TRUE(outcome.server_in && outcome.client_in) << outcome.message;
}

TEST(Handshake, EveryTruncatedLoginIsRefused) {
  Client::Config config;
  config.account = "app";
  config.password = Secret("x");
  config.wanted = cap::kUnderstood;
  Client client(config);
  (void)client.start();
  Server::Config offered;
  offered.server_version = "9.7.4";
  offered.offered = cap::kUnderstood.without(cap::kSsl);
  Server first(offered);
  const auto greeting = std::get<Server::Send>(first.start()).bytes;
  const auto login = std::get<Client::Send>(client.on_packet(greeting.subspan(kFrameHeaderSize), 0))
                         .bytes.subspan(kFrameHeaderSize);
  for (std::size_t size = 0; size < login.size(); ++size) {
    Server server(offered);
    (void)server.start();
    (void)server.on_sent();
    const auto step = server.on_packet(login.first(size), 1);
    // Cut behind the user's name the packet may still be a login; it must never be one let in.
    EXPECT_FALSE(std::holds_alternative<Server::Done>(step)) << size;
  }
}

TEST(Handshake, PacketsOutOfOrderEndTheLogin) {
  Server::Config offered;
  offered.offered = cap::kUnderstood;
  Server server(offered);
  (void)server.start();
  (void)server.on_sent();
  const std::uint8_t byte[] = {0};
  const auto step = server.on_packet(byte, 5);
  ASSERT_TRUE(std::holds_alternative<Server::Failed>(step));
  EXPECT_EQ(std::get<Server::Failed>(step).reason, Fault::kSequence);
}

// COM_CHANGE_USER as a client sends it: its answer is made with `nonce`.
struct ChangeUserRun {
  explicit ChangeUserRun(const AccountVerifier& account, const Nonce& answered_with,
                         std::string_view password, bool native = true)
      : server(config()) {
    const auto made =
        native ? native_response(password, answered_with) : fast_response(password, answered_with);
    ChangeUser command;
    command.user = "app";
    command.auth_response = made;
    command.collation = 45;
    command.auth_plugin = native ? plugin::kNative : plugin::kCachingSha2;
    Buffer payload;
    encode(command, cap::kUnderstood, payload);
    (void)server.start_change_user(payload, cap::kUnderstood);
    step = server.on_account(account);
  }
  static Server::Config config() {
    Server::Config made;
    made.nonce = nonce_of(1);
    made.switch_nonce = nonce_of(60);
    return made;
  }
  [[nodiscard]] bool switches() const {
    const auto* send = std::get_if<Server::Send>(&step);
    return send != nullptr && send->bytes[4] == kEofHeader;
  }
  Server server;
  Server::Step step;
};

TEST(Handshake, ChangeUserTakesTheAnswerToTheLastNonceAndAsksAnewForAnyOther) {
  EXPECT_TRUE(std::holds_alternative<Server::Done>(
      ChangeUserRun(native("s3cret"), nonce_of(1), "s3cret").step));
  ChangeUserRun fast(sha2("s3cret", true), nonce_of(1), "s3cret", false);
  EXPECT_TRUE(std::holds_alternative<Server::Done>(fast.step));
  EXPECT_TRUE(ChangeUserRun(native("s3cret"), nonce_of(9), "s3cret").switches());
  EXPECT_TRUE(ChangeUserRun(sha2("s3cret", false), nonce_of(1), "s3cret", false).switches());
  ChangeUserRun wrong(native("s3cret"), nonce_of(1), "wrong");
  ASSERT_TRUE(wrong.switches());
  ASSERT_TRUE(std::holds_alternative<Server::Read>(wrong.server.on_sent()));
  EXPECT_TRUE(std::holds_alternative<Server::Failed>(
      wrong.server.on_packet(native_response("wrong", nonce_of(60)), 2)));
  EXPECT_EQ(wrong.server.nonce(), nonce_of(60)) << "the client has seen this one last";
}

// No client answers the packet that says so: one write for both, whatever the last one is.
TEST(Handshake, TheFastPathsAnswerGoesOutWithTheLastPacket) {
  for (const bool good : {true, false}) {
    ChangeUserRun run(sha2("s3cret", true), nonce_of(1), "s3cret", false);
    ASSERT_TRUE(std::holds_alternative<Server::Done>(run.step));
    const OwnedError error = make_error(ErrorNumber::kUnknown, "no such schema");
    const Bytes last = good ? run.server.finish_ok({}) : run.server.finish_error(error.view());
    const std::uint8_t fast_ok[] = {2, 0, 0, 1, kAuthMoreHeader, 3};
    ASSERT_GT(last.size(), sizeof fast_ok + kFrameHeaderSize);
    EXPECT_TRUE(std::ranges::equal(last.first(sizeof fast_ok), fast_ok));
    const Bytes second = last.subspan(sizeof fast_ok);
    const FrameHeader header = load_frame_header(second.data());
    EXPECT_EQ(header.sequence, 2);
    EXPECT_EQ(header.length, second.size() - kFrameHeaderSize);
    EXPECT_EQ(second[kFrameHeaderSize], good ? kOkHeader : kErrHeader);
    // Said once.
    EXPECT_EQ(run.server.finish_error(error.view())[kFrameHeaderSize], kErrHeader);
  }
}

}  // namespace
}  // namespace sluice::wire
