#include "proxy/wire/server_handshake.h"

#include <algorithm>
#include <utility>

#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

// What every login needs; offered whatever the back-end says.
constexpr Capabilities kAlwaysOffered =
    cap::kProtocol41 | cap::kSecureConnection | cap::kPluginAuth | cap::kPluginAuthLenenc |
    cap::kConnectWithDb | cap::kConnectAttrs | cap::kTransactions;
// The client decides alone about these; a server need not offer them.
constexpr Capabilities kClientsChoice =
    cap::kFoundRows | cap::kNoSchema | cap::kOdbc | cap::kIgnoreSpace | cap::kInteractive |
    cap::kIgnoreSigpipe | cap::kReserved | cap::kLongPassword | cap::kLongFlag;

std::string_view plugin_name(AccountVerifier::Plugin of) {
  return of == AccountVerifier::Plugin::kNative ? plugin::kNative : plugin::kCachingSha2;
}

// An empty password is sent as nothing, or as one zero byte.
bool is_empty_response(Bytes response) {
  return response.empty() || (response.size() == 1 && response[0] == 0);
}

}  // namespace

ServerHandshake::ServerHandshake(Config config) : config_(std::move(config)) {
  tls_ = config_.tls_started;
  active_nonce_ = config_.nonce;
}

ServerHandshake::Step ServerHandshake::start() {
  Greeting greeting;
  config_.offered |= kAlwaysOffered;
  greeting.server_version = config_.server_version;
  greeting.connection_id = config_.connection_id;
  greeting.nonce = config_.nonce;
  greeting.capabilities = config_.offered;
  greeting.collation = config_.collation;
  greeting.status = config_.status;
  greeting.auth_plugin = plugin_name(config_.default_plugin);
  out_.clear();
  sequence_ = append_packet_with(out_, 0, [&](Buffer& out) { encode(greeting, out); });
  return send(State::kGreetingSent);
}

ServerHandshake::Step ServerHandshake::start_change_user(Bytes payload, Capabilities capabilities) {
  change_user_ = login_read_ = true;
  sequence_ = 1;
  const auto command = decode_change_user(payload, capabilities);
  if (!command) return fail(Fault::kMalformed);
  login_.account = command->user;
  login_.database = command->database;
  login_.capabilities = capabilities;
  login_.collation = command->collation.value_or(config_.collation);
  login_.tls = tls_;
  response_.assign(command->auth_response.begin(), command->auth_response.end());
  if (capabilities.has(cap::kPluginAuth)) client_plugin_ = command->auth_plugin;
  const auto attributes = decode_attributes(command->attributes);
  if (!attributes) return fail(Fault::kMalformed);
  for (const auto& [key, value] : *attributes) login_.attributes.emplace_back(key, value);
  state_ = State::kLookUp;
  return LookUp{login_.account};
}

ServerHandshake::Step ServerHandshake::on_sent() {
  switch (state_) {
    case State::kGreetingSent: state_ = State::kLogin; return Read{};
    case State::kSwitchSent: state_ = State::kSwitchAnswer; return Read{};
    case State::kFullSent: state_ = State::kFullAnswer; return Read{};
    case State::kKeySent: state_ = State::kKeyAnswer; return Read{};
    default: return fail(Fault::kUnexpectedPacket);
  }
}

ServerHandshake::Step ServerHandshake::on_packet(Bytes payload, std::uint8_t sequence) {
  if (sequence != sequence_)
    return fail(Fault::kSequence,
                make_error(ErrorNumber::kNetPacketsOutOfOrder, "Got packets out of order"));
  ++sequence_;
  switch (state_) {
    case State::kLogin: return on_login(payload);
    case State::kSwitchAnswer:
      response_.assign(payload.begin(), payload.end());
      active_nonce_ = config_.switch_nonce;
      answered_ = true;
      return check_response();
    case State::kFullAnswer: return on_full_answer(payload);
    case State::kKeyAnswer: return decrypt(payload);
    default: return fail(Fault::kUnexpectedPacket);
  }
}

ServerHandshake::Step ServerHandshake::on_tls() {
  if (state_ != State::kTls) return fail(Fault::kUnexpectedPacket);
  tls_ = true;
  state_ = State::kLogin;
  return Read{};
}

ServerHandshake::Step ServerHandshake::on_login(Bytes payload) {
  const auto login = decode_login_request(payload);
  if (!login) {
    login_read_ = true;
    return fail(login.error() == Fault::kUnsupported ? Fault::kUnsupported : Fault::kMalformed);
  }
  if (login->ssl_request) {
    if (tls_ || !config_.offered.has(cap::kSsl)) return fail(Fault::kTlsUnavailable);
    state_ = State::kTls;
    return StartTls{};
  }
  login_read_ = true;
  const Capabilities agreed = login->capabilities & (config_.offered | kClientsChoice);
  login_.capabilities = agreed;
  login_.account = login->user;
  login_.database = login->database;
  login_.max_packet = login->max_packet;
  login_.collation = login->collation;
  login_.zstd_level = login->zstd_level;
  login_.tls = tls_;
  if (config_.require_tls && !secure())
    return fail(Fault::kTlsRequired,
                make_error(ErrorNumber::kSecureTransportRequired,
                           "Connections using insecure transport are prohibited while "
                           "--require_secure_transport=ON."));
  response_.assign(login->auth_response.begin(), login->auth_response.end());
  if (agreed.has(cap::kPluginAuth)) client_plugin_ = login->auth_plugin;
  const auto attributes = decode_attributes(login->attributes);
  if (!attributes) return fail(Fault::kMalformed);
  for (const auto& [key, value] : *attributes) login_.attributes.emplace_back(key, value);
  state_ = State::kLookUp;
  return LookUp{login_.account};
}

ServerHandshake::Step ServerHandshake::on_account(const std::optional<AccountVerifier>& account) {
  if (state_ != State::kLookUp) return fail(Fault::kUnexpectedPacket);
  known_ = account.has_value();
  if (known_) {
    account_ = *account;
  } else {
    // Nobody knows a password for this; the steps and the arithmetic are those of a real account.
    account_ = {};
    account_.plugin = config_.default_plugin;
    std::copy(config_.fake_salt.begin(), config_.fake_salt.end(), account_.native.begin());
  }
  // So are those of an account that has no full verifier: it is compared with one that no password
  // has, and the fast one decides.
  has_full_ = account_.full.has_value();
  if (!has_full_) {
    account_.full = FullVerifier{};
    account_.full->salt = make_salt(config_.fake_salt);
    account_.full->digest.fill('.');
  }
  if (!login_.capabilities.has(cap::kPluginAuth)) client_plugin_ = plugin::kNative;
  answered_ = client_plugin_ == plugin_name(account_.plugin);
  if (answered_) return change_user_ ? check_change_user() : check_response();
  if (login_.capabilities.has(cap::kPluginAuth)) return send_switch();
  // A client without PLUGIN_AUTH speaks the native plugin only.
  if (account_.plugin == AccountVerifier::Plugin::kNative) {
    answered_ = true;
    return check_response();
  }
  return fail(Fault::kUnsupported, make_error(ErrorNumber::kNotSupportedAuthMode,
                                              "Client does not support authentication protocol "
                                              "requested by server; consider upgrading MySQL "
                                              "client"));
}

ServerHandshake::Step ServerHandshake::send_switch() {
  out_.clear();
  const AuthSwitch change{plugin_name(account_.plugin), config_.switch_nonce};
  sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) { encode(change, out); });
  return send(State::kSwitchSent);
}

// Clients answer COM_CHANGE_USER with the nonce that they saw last, and some of them (libmariadb)
// keep to it even when a switch brings another. So the answer that is right counts at once; any
// other, and that of an account that needs the password itself, is asked for anew.
ServerHandshake::Step ServerHandshake::check_change_user() {
  const bool native = account_.plugin == AccountVerifier::Plugin::kNative;
  const FastVerifier none{};
  bool right = is_empty_response(response_);
  if (right) {
    right = account_.empty_password;
  } else if (native) {
    right = check_native(response_, active_nonce_, account_.native) && !account_.empty_password;
  } else if (response_.size() == kSha256Size) {
    right = check_fast(response_, active_nonce_, account_.fast.value_or(none)) && account_.fast;
  }
  if ((right && known_) || !login_.capabilities.has(cap::kPluginAuth)) return check_response();
  answered_ = false;
  return send_switch();
}

ServerHandshake::Step ServerHandshake::check_response() {
  used_password_ = !is_empty_response(response_);
  if (!used_password_) return known_ && account_.empty_password ? done() : denied();
  if (account_.plugin == AccountVerifier::Plugin::kNative) {
    const bool right = check_native(response_, active_nonce_, account_.native);
    return right && known_ && !account_.empty_password ? done() : denied();
  }
  if (response_.size() != kSha256Size) return denied();
  const FastVerifier none{};
  const bool right = check_fast(response_, active_nonce_, account_.fast.value_or(none));
  const bool fast = right && known_ && account_.fast.has_value();
  const std::uint8_t answer = fast ? kFastAuthOk : kFullAuthNeeded;
  out_.clear();
  sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) {
    encode_auth_more(Bytes{&answer, 1}, out);
  });
  if (!fast) return send(State::kFullSent);
  fast_ok_ = true;
  return done();
}

ServerHandshake::Step ServerHandshake::on_full_answer(Bytes payload) {
  if (payload.size() == 1 && payload[0] == kRequestPublicKey && !secure()) {
    if (config_.public_key_pem.empty()) return denied();
    out_.clear();
    sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) {
      encode_auth_more(as_bytes(config_.public_key_pem), out);
    });
    return send(State::kKeySent);
  }
  // A client that has the key already sends the ciphertext at once; it is never a clear password.
  if (!secure()) return decrypt(payload);
  if (payload.empty() || payload.back() != 0) return denied();
  password_ = Secret(payload.first(payload.size() - 1));
  state_ = State::kVerify;
  return Verify{};
}

ServerHandshake::Step ServerHandshake::decrypt(Bytes ciphertext) {
  // Owned: the packet that it came in may be gone when the driver gets to decrypting it.
  response_.assign(ciphertext.begin(), ciphertext.end());
  state_ = State::kDecrypt;
  return Decrypt{response_};
}

ServerHandshake::Step ServerHandshake::on_decrypted(Result<Secret> plaintext) {
  if (state_ != State::kDecrypt) return fail(Fault::kUnexpectedPacket);
  if (!plaintext) return denied();
  const Bytes revealed = plaintext->reveal_bytes();
  Buffer password(revealed.begin(), revealed.end());
  xor_with_nonce(password, active_nonce_);
  const bool ended = !password.empty() && password.back() == 0;
  if (ended) password_ = Secret(Bytes{password}.first(password.size() - 1));
  wipe(password);
  if (!ended) return denied();
  state_ = State::kVerify;
  return Verify{};
}

ServerHandshake::Step ServerHandshake::verify() {
  if (state_ != State::kVerify || !account_.full) return fail(Fault::kUnexpectedPacket);
  // Both are worked out whatever the account has: the time tells nothing.
  const bool full = check_full(password_.reveal(), *account_.full);
  const FastVerifier made = fast_verifier(password_.reveal());
  const FastVerifier known = account_.fast.value_or(FastVerifier{});
  const bool fast = equal_constant_time(made, known) && account_.fast.has_value();
  password_.wipe();
  const bool right = has_full_ ? full : fast;
  if (!right || !known_ || account_.empty_password) return denied();
  login_.learned = made;
  return done();
}

ServerHandshake::Step ServerHandshake::send(State after) {
  state_ = after;
  return Send{out_};
}

ServerHandshake::Step ServerHandshake::done() {
  state_ = State::kDone;
  return Done{};
}

ServerHandshake::Step ServerHandshake::denied() {
  return fail(Fault::kAccessDenied,
              make_error(ErrorNumber::kAccessDenied,
                         "Access denied for user '" + login_.account + "'@'" + config_.client_host +
                             "' (using password: " + (used_password_ ? "YES" : "NO") + ")"));
}

ServerHandshake::Step ServerHandshake::fail(Fault reason) {
  return fail(reason, make_error(ErrorNumber::kHandshake, "Bad handshake"));
}

ServerHandshake::Step ServerHandshake::fail(Fault reason, const OwnedError& error) {
  state_ = State::kFailed;
  return Failed{reason, error_now(error.view())};
}

// What waits to be sent stays before it.
void ServerHandshake::begin_last() noexcept {
  if (!fast_ok_) out_.clear();
  fast_ok_ = false;
}

Bytes ServerHandshake::finish_ok(const OkPacket& ok) {
  begin_last();
  sequence_ = append_packet_with(out_, sequence_,
                                 [&](Buffer& out) { encode(ok, login_.capabilities, out); });
  return out_;
}

Bytes ServerHandshake::finish_error(const ErrPacket& error) {
  return error_now(error);
}

Bytes ServerHandshake::error_now(const ErrPacket& error) {
  ErrPacket sent = error;
  if (!login_read_) sent.sqlstate = {};
  begin_last();
  sequence_ = append_packet_with(out_, sequence_, [&](Buffer& out) { encode(sent, out); });
  return out_;
}

bool ServerHandshake::secure() const noexcept {
  return tls_ || config_.secure_transport;
}

Nonce make_nonce(const std::array<std::uint8_t, kNonceSize>& random) noexcept {
  Nonce nonce{};
  for (std::size_t i = 0; i < kNonceSize; ++i) {
    auto byte = static_cast<std::uint8_t>(random[i] & 0x7f);
    if (byte == 0 || byte == '$') ++byte;
    nonce[i] = byte;
  }
  return nonce;
}

}  // namespace sluice::wire
