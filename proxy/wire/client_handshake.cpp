#include "proxy/wire/client_handshake.h"

#include <algorithm>
#include <utility>

#include "proxy/wire/auth_caching_sha2.h"
#include "proxy/wire/auth_native.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

constexpr int kMaxSwitches = 4;  // a server that goes on asking is refused
constexpr std::uint8_t kNextFactorHeader = 0x02;

// Asked for whenever the server has them: the login itself needs them.
constexpr Capabilities kAlwaysWanted = cap::kProtocol41 | cap::kSecureConnection |
                                       cap::kPluginAuth | cap::kPluginAuthLenenc |
                                       cap::kTransactions | cap::kLongFlag;

Buffer clear_text(std::string_view password) {
  Buffer data(password.begin(), password.end());
  data.push_back(0);
  return data;
}

std::string needs_security(const std::string& plugin) {
  if (plugin == plugin::kClear) {
    return "Authentication plugin 'mysql_clear_password' needs a connection whose server is "
           "verified: set the instance's tls to verify_ca or verify_identity, and allow it";
  }
  return "Authentication plugin '" + plugin + "' needs a secure connection";
}

}  // namespace

ClientHandshake::ClientHandshake(Config config) : config_(std::move(config)) {}

ClientHandshake::Step ClientHandshake::start() {
  state_ = State::kGreeting;
  return Read{};
}

ClientHandshake::Step ClientHandshake::on_sent() {
  if (state_ == State::kSslSent) {
    state_ = State::kTls;
    return StartTls{};
  }
  if (state_ != State::kLoginSent)
    return fail(Fault::kUnexpectedPacket, ErrorNumber::kServerHandshake, "Nothing was sent");
  // What was sent may hold a password: it does not stay in memory.
  wipe(out_);
  state_ = after_send_;
  return Read{};
}

ClientHandshake::Step ClientHandshake::on_tls() {
  if (state_ != State::kTls)
    return fail(Fault::kUnexpectedPacket, ErrorNumber::kSslConnection, "TLS was not asked for");
  server_.tls = true;
  return send_login();
}

ClientHandshake::Step ClientHandshake::on_packet(Bytes payload, std::uint8_t sequence) {
  if (sequence != sequence_)
    return fail(Fault::kSequence, ErrorNumber::kNetPacketsOutOfOrder, "Got packets out of order");
  ++sequence_;
  if (!payload.empty() && payload[0] == kErrHeader) {
    const auto error = decode_err(payload);
    state_ = State::kFailed;
    if (!error)
      return Failed{Fault::kMalformed,
                    make_error(ErrorNumber::kServerHandshake, "Malformed error")};
    return Failed{Fault::kRefusedByServer, own(*error)};
  }
  switch (state_) {
    case State::kGreeting: return on_greeting(payload);
    case State::kAnswer: return on_answer(payload);
    case State::kKey:
      if (payload.size() < 2 || payload[0] != kAuthMoreHeader) break;
      return on_key(payload.subspan(1));
    default: break;
  }
  return fail(Fault::kUnexpectedPacket, ErrorNumber::kServerHandshake,
              "Unexpected packet in the server's handshake");
}

ClientHandshake::Step ClientHandshake::on_greeting(Bytes payload) {
  const auto greeting = decode_greeting(payload);
  if (!greeting || !greeting->capabilities.has(cap::kProtocol41 | cap::kSecureConnection))
    return fail(Fault::kUnsupported, ErrorNumber::kServerHandshake,
                "The server's greeting is not of protocol 4.1");
  server_.version = greeting->server_version;
  server_.connection_id = greeting->connection_id;
  server_.offered = greeting->capabilities;
  server_.collation = greeting->collation;
  server_.status = greeting->status;
  server_.auth_plugin = greeting->auth_plugin;
  nonce_ = greeting->nonce;
  plugin_ = greeting->auth_plugin.empty() ? plugin::kNative : greeting->auth_plugin;

  const Capabilities offered = server_.offered;
  // The client decides about these alone; servers need not offer them.
  const Capabilities free =
      cap::kFoundRows | cap::kIgnoreSpace | cap::kInteractive | cap::kNoSchema | cap::kOdbc;
  Capabilities wanted = config_.wanted.without(cap::kPerConnection) | kAlwaysWanted;
  if (!offered.has(cap::kLongPassword)) wanted = wanted.without(cap::kLongPassword);
  if (offered.has(cap::kLongPassword)) wanted |= cap::kLongPassword;
  if (!config_.database.empty()) wanted |= cap::kConnectWithDb;
  if (!config_.attributes.empty()) wanted |= cap::kConnectAttrs;
  server_.compression = Compression::kNone;
  if (config_.compression == Compression::kZstd && offered.has(cap::kZstd)) {
    wanted |= cap::kZstd;
    server_.compression = Compression::kZstd;
  } else if (config_.compression != Compression::kNone && offered.has(cap::kCompress)) {
    wanted |= cap::kCompress;
    server_.compression = Compression::kZlib;
  }
  const bool tls =
      config_.tls != TlsMode::kDisabled && offered.has(cap::kSsl) && !config_.secure_transport;
  if (config_.tls == TlsMode::kRequired && !tls && !config_.secure_transport)
    return fail(Fault::kTlsUnavailable, ErrorNumber::kSslConnection,
                "SSL connection error: the server does not support it");
  if (tls) wanted |= cap::kSsl;
  server_.capabilities = wanted & (offered | free);
  if (!tls) return send_login();
  out_.clear();
  const SslRequest request{server_.capabilities, config_.max_packet, config_.collation};
  sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) { encode(request, out); });
  state_ = State::kSslSent;
  return Send{out_};
}

// The answer that a plugin begins with. An unknown one begins with nothing: the server will switch.
Result<Buffer> ClientHandshake::first_response(std::string_view plugin) {
  const std::string_view password = config_.password.reveal();
  if (plugin == plugin::kNative) return native_response(password, nonce_);
  if (plugin == plugin::kCachingSha2) {
    auto response = fast_response(password, nonce_);
    return response;
  }
  if (plugin == plugin::kSha256) {
    if (password.empty()) return Buffer{0};
    if (secure()) return clear_text(password);
    if (!config_.public_key_pem.empty())
      return encrypt_password(password, nonce_, config_.public_key_pem);
    if (!config_.allow_public_key) return make_error_code(Fault::kTlsRequired);
    return Buffer{kRequestPublicKeySha256};
  }
  if (plugin == plugin::kClear) {
    if (!config_.allow_clear || !secure()) return make_error_code(Fault::kTlsRequired);
    return clear_text(password);
  }
  return make_error_code(Fault::kUnsupported);
}

ClientHandshake::Step ClientHandshake::send_login() {
  if (config_.allow_clear && secure()) plugin_ = plugin::kClear;
  auto response = first_response(plugin_);
  if (!response && response.error() != Fault::kUnsupported)
    return fail(Fault::kTlsRequired, ErrorNumber::kSslConnection, needs_security(plugin_));
  if (!response) {
    plugin_ = plugin::kNative;
    response = native_response(config_.password.reveal(), nonce_);
  }
  after_send_ = plugin_ == plugin::kSha256 && response->size() == 1 &&
                        (*response)[0] == kRequestPublicKeySha256
                    ? State::kKey
                    : State::kAnswer;
  std::vector<Attribute> attributes(config_.attributes.begin(), config_.attributes.end());
  Buffer block;
  Writer pairs(block);
  for (const auto& [key, value] : attributes) {
    pairs.text_lenenc(key);
    pairs.text_lenenc(value);
  }
  out_.clear();
  if (change_user_) {
    ChangeUser command;
    command.user = config_.account;
    command.auth_response = *response;
    command.database = config_.database;
    command.collation = config_.collation;
    command.auth_plugin = plugin_;
    command.attributes = block;
    sequence_ = append_packet_with(
        out_, 0, [&](Buffer& out) { encode(command, server_.capabilities, out); });
  } else {
    LoginRequest login;
    login.capabilities = server_.capabilities;
    login.max_packet = config_.max_packet;
    login.collation = config_.collation;
    login.user = config_.account;
    login.auth_response = *response;
    login.database = config_.database;
    login.auth_plugin = plugin_;
    login.attributes = block;
    login.zstd_level = static_cast<std::uint8_t>(config_.zstd_level);
    sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) { encode(login, out); });
  }
  wipe(*response);
  state_ = State::kLoginSent;
  return Send{out_};
}

ClientHandshake::Step ClientHandshake::start_change_user(const Server& server, const Nonce& nonce) {
  server_ = server;
  nonce_ = nonce;
  change_user_ = true;
  switches_ = 0;
  plugin_ = server.auth_plugin.empty() ? plugin::kNative : server.auth_plugin;
  return send_login();
}

ClientHandshake::Step ClientHandshake::on_answer(Bytes payload) {
  if (payload.empty())
    return fail(Fault::kMalformed, ErrorNumber::kServerHandshake, "Empty packet in the handshake");
  switch (payload[0]) {
    case kOkHeader: return on_ok(payload);
    case kEofHeader: return on_auth_switch(payload);
    case kAuthMoreHeader: return on_auth_more(payload.subspan(1));
    case kNextFactorHeader:
      return fail(Fault::kUnsupported, ErrorNumber::kNotSupportedAuthMode,
                  "The account needs a second authentication factor, which is not supported");
    default:
      return fail(Fault::kUnexpectedPacket, ErrorNumber::kServerHandshake,
                  "Unexpected packet in the server's handshake");
  }
}

ClientHandshake::Step ClientHandshake::on_auth_switch(Bytes payload) {
  const auto change = decode_auth_switch(payload);
  if (!change || ++switches_ > kMaxSwitches)
    return fail(Fault::kUnsupported, ErrorNumber::kNotSupportedAuthMode,
                "The server asks for an authentication that is not supported");
  plugin_ = change->plugin;
  if (change->data.size() == kNonceSize)
    std::copy(change->data.begin(), change->data.end(), nonce_.begin());
  const auto response = first_response(plugin_);
  if (!response && response.error() == Fault::kTlsRequired)
    return fail(Fault::kTlsRequired, ErrorNumber::kSslConnection, needs_security(plugin_));
  if (!response)
    return fail(Fault::kUnsupported, ErrorNumber::kNotSupportedAuthMode,
                "Authentication plugin '" + plugin_ + "' is not supported");
  after_send_ = State::kAnswer;
  if (plugin_ == plugin::kSha256 && response->size() == 1 &&
      (*response)[0] == kRequestPublicKeySha256)
    after_send_ = State::kKey;
  return send_data(*response);
}

ClientHandshake::Step ClientHandshake::on_auth_more(Bytes data) {
  if (plugin_ != plugin::kCachingSha2 || data.size() != 1)
    return fail(Fault::kUnexpectedPacket, ErrorNumber::kServerHandshake,
                "Unexpected data in the server's handshake");
  if (data[0] == kFastAuthOk) return Read{};
  if (data[0] != kFullAuthNeeded)
    return fail(Fault::kUnexpectedPacket, ErrorNumber::kServerHandshake,
                "Unexpected data in the server's handshake");
  after_send_ = State::kAnswer;
  if (secure()) {
    Buffer clear = clear_text(config_.password.reveal());
    auto step = send_data(clear);
    wipe(clear);
    return step;
  }
  if (!config_.public_key_pem.empty()) return send_encrypted(config_.public_key_pem);
  if (!config_.allow_public_key)
    return fail(Fault::kTlsRequired, ErrorNumber::kSslConnection,
                "Authentication requires secure connection");
  after_send_ = State::kKey;
  const std::uint8_t request = kRequestPublicKey;
  return send_data(Bytes{&request, 1});
}

ClientHandshake::Step ClientHandshake::on_key(Bytes data) {
  return send_encrypted(as_text(data));
}

ClientHandshake::Step ClientHandshake::send_encrypted(std::string_view key) {
  const auto cipher = encrypt_password(config_.password.reveal(), nonce_, key);
  if (!cipher)
    return fail(Fault::kCrypto, ErrorNumber::kServerHandshake,
                "The server's public key cannot be used");
  after_send_ = State::kAnswer;
  return send_data(*cipher);
}

ClientHandshake::Step ClientHandshake::on_ok(Bytes payload) {
  const auto ok = decode_ok(payload, server_.capabilities);
  if (!ok)
    return fail(Fault::kMalformed, ErrorNumber::kServerHandshake, "Malformed OK in the handshake");
  server_.status = ok->status;
  server_.session_state.assign(ok->session_state.begin(), ok->session_state.end());
  state_ = State::kDone;
  config_.password.wipe();
  return Done{};
}

ClientHandshake::Step ClientHandshake::send_data(Bytes data) {
  out_.clear();
  sequence_ = append_packet(out_, sequence_, data);
  state_ = State::kLoginSent;
  return Send{out_};
}

ClientHandshake::Step ClientHandshake::fail(Fault reason, ErrorNumber number, std::string message) {
  state_ = State::kFailed;
  config_.password.wipe();
  return Failed{reason, make_error(number, std::move(message))};
}

}  // namespace sluice::wire
