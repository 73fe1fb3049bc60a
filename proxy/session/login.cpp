// From the first byte to a session that may send commands: the PROXY header where the listener
// wants one, the checks that come before the greeting, wire::ServerHandshake driven step by step,
// and the admission of the account. COM_CHANGE_USER takes the second half again.
#include <algorithm>
#include <array>
#include <utility>

#include <openssl/rand.h>

#include "proxy/session/session.h"
#include "proxy/session/verifier.h"
#include "proxy/wire/proxy_protocol.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using Machine = wire::ServerHandshake;
constexpr std::size_t kMaxLoginPacket = 1U << 17;  // 64 KiB of attributes and the rest

// The greeting's and the one for a switch, of one call to the generator.
std::pair<wire::Nonce, wire::Nonce> random_nonces() {
  using Random = std::array<std::uint8_t, wire::kNonceSize>;
  std::array<Random, 2> random{};
  (void)RAND_bytes(random.front().data(), static_cast<int>(sizeof random));
  return {wire::make_nonce(random[0]), wire::make_nonce(random[1])};
}

// What may be agreed by a client: what the greeting's server has and we understand. Where another
// instance lacks what cannot be converted, no client is offered it.
wire::Capabilities offered(const Settings& settings, const backend::ServerInfo& info,
                           bool compression) {
  using namespace wire::cap;
  wire::Capabilities all = info.offered & kUnderstood;
  for (const auto& [name, instance] : settings.instances) {
    const auto other = instance->info();
    if (other) all &= other->offered | wire::Capabilities{~kNotConverted.bits};
  }
  all = all.without(kSsl | kCompress | kZstd);
  if (settings.tls) all |= kSsl;
  if (compression) all |= kCompress | (info.offered & kZstd);
  return all | kConnectWithDb | kPluginAuth | kSecureConnection | kConnectAttrs | kPluginAuthLenenc;
}

std::pair<std::string_view, std::string_view> split_login(std::string_view login) {
  const std::size_t at = login.rfind('@');
  if (at == std::string_view::npos) return {login, {}};
  return {login.substr(0, at), login.substr(at + 1)};
}

Reason reason_of(wire::Fault fault) noexcept {
  return fault == wire::Fault::kAccessDenied ? Reason::kAccessDenied : Reason::kHandshakeFailed;
}

}  // namespace

Machine::Config Session::handshake_config(const backend::ServerInfo& info,
                                          const wire::Nonce& switch_nonce) {
  Machine::Config config;
  config.server_version = info.version;
  config.connection_id = id_;
  config.offered = offered(*settings_, info, settings_->limits.compression);
  config.collation = info.collation;
  config.default_plugin = info.auth_plugin == wire::plugin::kNative
                              ? wire::AccountVerifier::Plugin::kNative
                              : wire::AccountVerifier::Plugin::kCachingSha2;
  config.nonce = nonce_;
  config.switch_nonce = switch_nonce;
  config.secure_transport = peer_->unix_socket;
  config.tls_started = client_.stream().tls();
  config.public_key_pem = worker_.shared.rsa->public_pem();
  config.client_host = peer_->unix_socket ? "localhost" : peer_->host;
  config.fake_salt = worker_.shared.fake_salt;
  return config;
}

net::Task<bool> Session::log_in() {
  client_.descriptor().set_deadline(settings_->limits.handshake_timeout);
  why_ = Reason::kHandshakeFailed;
  if (listen_.proxy_protocol && !co_await read_proxy_header()) co_return false;
  id_ = kFirstSessionId + worker_.shared.next_id.fetch_add(1) % kFirstSessionId;
  const auto nonces = random_nonces();
  nonce_ = nonces.first;
  instance_ = settings_->find(listen_.instance);
  auto info = instance_ ? instance_->info() : nullptr;
  wire::OwnedError refusal;
  if (worker_.shared.sessions.load() > settings_->limits.max_connections) {
    why_ = Reason::kTooManyConnections;
    refusal = wire::make_error(wire::ErrorNumber::kConCount, "Too many connections");
  } else if (worker_.shared.hosts.blocked(peer_->host, settings_->limits.max_connect_errors)) {
    why_ = Reason::kHostBlocked;
    refusal =
        wire::make_error(wire::ErrorNumber::kHostIsBlocked,
                         "Host '" + peer_->host + "' is blocked because of many connection errors");
  } else if (!instance_) {
    why_ = Reason::kBackendUnavailable;
    refusal = wire::make_error(wire::ErrorNumber::kUnknown,
                               "Sluice has no MySQL instance yet: add one in its console");
  } else if (!info) {
    auto opened = co_await worker_.pool.lease(
        instance_, {wire::cap::kProtocol41 | wire::cap::kPluginAuth | wire::cap::kSecureConnection |
                        wire::cap::kLongPassword,
                    45});
    why_ = Reason::kBackendUnavailable;
    refusal = std::move(opened.error);
    if (opened.connection) worker_.pool.discard(std::move(opened.connection));
    info = instance_->info();
  }
  if (refusal.code != 0 || !info) {
    event(Level::kWarning, "refused", name(why_), refusal.message);
    refusal.sqlstate.clear();  // none before the login was read
    (void)co_await answer_error(std::move(refusal), 0);
    co_return false;
  }
  instance_.reset();
  Machine machine(handshake_config(*info, nonces.second));
  const bool admitted = co_await authenticate(machine, machine.start());
  client_.descriptor().set_deadline({});
  if (why_ == Reason::kHandshakeFailed || why_ == Reason::kHandshakeTimeout ||
      why_ == Reason::kTlsFailed || why_ == Reason::kAccessDenied) {
    if (!admitted) worker_.shared.hosts.failed(peer_->host);
  }
  if (admitted) worker_.shared.hosts.succeeded(peer_->host);
  co_return admitted;
}

net::Task<bool> Session::read_proxy_header() {
  // Byte by byte at the end would cost a call each; the header is peeked at through pending bytes.
  wire::Buffer head;
  for (;;) {
    std::uint8_t byte = 0;
    const net::Moved moved = co_await client_.read_some({&byte, 1});
    if (moved.io != net::Io::kOk) co_return false;
    head.push_back(byte);
    const auto parsed = wire::parse_proxy_header(head);
    if (!parsed) {
      event(Level::kWarning, "proxy_header", wire::name(wire::Fault::kMalformed));
      co_return false;
    }
    if (!*parsed) continue;
    if (!(*parsed)->local) {
      peer_->host = (*parsed)->source.to_text();
      peer_->port = (*parsed)->source.port;
      peer_->unix_socket = false;
    }
    co_return true;
  }
}

// Drives the machine to its end: true when the client is logged in and was told so.
net::Task<bool> Session::authenticate(Machine& machine, Machine::Step step) {
  for (;;) {
    if (const auto* send = std::get_if<Machine::Send>(&step)) {
      if (co_await client_.write_all(send->bytes) != net::Io::kOk) co_return false;
      step = machine.on_sent();
    } else if (std::holds_alternative<Machine::Read>(step)) {
      client_.begin_reading_answer(machine.sequence());
      const backend::PacketIn packet = co_await backend::read_packet(client_, kMaxLoginPacket);
      client_.begin_sending_answer();
      if (packet.io == net::Io::kTimedOut) why_ = Reason::kHandshakeTimeout;
      if (packet.io != net::Io::kOk || packet.fault != wire::Fault{}) co_return false;
      step = machine.on_packet(packet.payload, packet.sequence);
    } else if (std::holds_alternative<Machine::StartTls>(step)) {
      const std::string error = co_await client_.stream().accept_tls(settings_->tls);
      if (!error.empty()) {
        why_ = Reason::kTlsFailed;
        event(Level::kInfo, "tls_failed", name(why_), error);
        co_return false;
      }
      step = machine.on_tls();
    } else if (const auto* who = std::get_if<Machine::LookUp>(&step)) {
      step = machine.on_account(look_up(who->account));
    } else if (const auto* sealed = std::get_if<Machine::Decrypt>(&step)) {
      const auto plain = worker_.shared.rsa->decrypt(sealed->ciphertext);
      step = machine.on_decrypted(plain ? wire::Result<wire::Secret>(wire::Secret(*plain))
                                        : make_error_code(wire::Fault::kCrypto));
    } else if (std::holds_alternative<Machine::Verify>(step)) {
      auto work = [&machine] { return machine.verify(); };
      auto verified = co_await worker_.shared.blocking->run(worker_.loop, work);
      if (!verified) co_return false;
      step = std::move(*verified);
    } else if (const auto* failed = std::get_if<Machine::Failed>(&step)) {
      why_ = reason_of(failed->reason);
      event(Level::kWarning, "login_failed", name(why_), wire::name(failed->reason));
      if (!failed->send.empty()) (void)co_await answer(failed->send);
      co_return false;
    } else {
      co_return co_await admit(machine);
    }
  }
}

// The account's verifier; also remembers whom the login is for.
std::optional<wire::AccountVerifier> Session::look_up(std::string_view login) {
  const auto [name, instance] = split_login(login);
  account_ = worker_.shared.accounts.find(name);
  if (!account_ || account_->disabled || !choose(instance)) {
    account_.reset();
    return std::nullopt;
  }
  auto verifier = parse_verifier(account_->verifier);
  if (!verifier) {
    account_.reset();
    return std::nullopt;
  }
  if (!verifier->fast) verifier->fast = worker_.shared.learned.find(*account_);
  return *verifier;
}

// The instance of that name, or the account's default one; false when it may not go there.
bool Session::choose(std::string_view instance) {
  const auto& allowed = account_->instances;
  if (instance.empty()) {
    instance = allowed.empty() ? std::string_view(listen_.instance) : allowed.front();
  } else if (!allowed.empty() &&
             std::find(allowed.begin(), allowed.end(), instance) == allowed.end()) {
    return false;
  }
  instance_ = settings_->find(instance);
  return instance_ != nullptr;
}

// The credentials are right; what else may stand against it.
net::Task<bool> Session::admit(Machine& machine) {
  const wire::LoginInfo& login = machine.login();
  if (login.learned) worker_.shared.learned.learn(*account_, *login.learned);
  if (account_->require_tls && !client_.stream().tls() && !peer_->unix_socket) {
    why_ = Reason::kAccessDenied;
    event(Level::kWarning, "login_failed", name(why_), "tls_required");
    const auto error = wire::make_error(wire::ErrorNumber::kAccessDenied,
                                        "Access denied for user '" + login.account + "'@'" +
                                            peer_->host + "' (using password: YES)");
    (void)co_await answer(machine.finish_error(error.view()));
    co_return false;
  }
  capabilities_ = login.capabilities;
  nonce_ = machine.nonce();
  collation_ = static_cast<std::uint8_t>(login.collation);
  schema_ = login.database;
  login_state_.clear();
  wire::OkPacket ok;
  // A schema is entered at once: whether it exists is part of the login.
  if (!schema_.empty() && !co_await take_backend()) {
    (void)co_await answer(machine.finish_error(error_->view()));
    co_return false;
  }
  enter_registry(login);
  ok.status = status_;
  if (!login_state_.empty() && capabilities_.has(wire::cap::kSessionTrack)) {
    ok.status = static_cast<std::uint16_t>(ok.status | wire::status::kSessionStateChanged);
    ok.session_state = login_state_;
  }
  if (co_await answer(machine.finish_ok(ok)) != Flow::kContinue) co_return false;
  login_state_ = {};
  const bool packed = !client_.compressed();
  if (packed && capabilities_.has(wire::cap::kZstd)) {
    client_.start_compression(wire::Compression::kZstd, login.zstd_level);
  } else if (packed && capabilities_.has(wire::cap::kCompress)) {
    client_.start_compression(wire::Compression::kZlib, 6);
  }
  event(Level::kInfo, "login", client_.stream().tls() ? "tls" : "plain");
  co_return true;
}

void Session::enter_registry(const wire::LoginInfo& login) {
  if (entry_) {
    worker_.shared.registry.remove(id_);
  } else {
    worker_.counters.sessions_logged_in.add();
  }
  entry_ = std::make_shared<Registry::Entry>();
  SessionInfo& info = entry_->fixed;
  info.id = id_;
  info.account = account_->name;
  info.host = peer_->host;
  info.instance = instance_->config().name;
  info.schema = schema_;
  info.tls = client_.stream().tls();
  info.connected_at = std::chrono::system_clock::now();
  for (const auto& [key, value] : login.attributes) {
    if (key == "program_name") info.program = value;
  }
  if (backend_) entry_->backend_id = backend_->id();
  entry_->kill = [worker = &worker_, id = id_](KillScope scope) {
    worker->loop.post([worker, id, scope] {
      for (Session* session : worker->sessions) {
        if (session->id() == id) return session->kill(scope);
      }
    });
  };
  worker_.shared.registry.add(entry_);
}

// The session begins anew as another account, perhaps on another instance. As the server does, a
// wrong password ends the connection.
net::Task<Flow> Session::on_change_user(Inbound& in) {
  const wire::Buffer payload(in.payload.begin(), in.payload.end());
  keep_rest(in);
  leave_backend();
  prepared_.clear();
  calls_.reset();
  gate_.reset();
  const auto before = instance_;
  const auto info = before->info();
  if (!info) co_return end(Reason::kBackendUnavailable);
  Machine machine(handshake_config(*info, random_nonces().second));
  client_.descriptor().set_deadline(settings_->limits.handshake_timeout);
  why_ = Reason::kHandshakeFailed;
  const auto agreed = capabilities_;
  const bool admitted = co_await authenticate(machine, machine.start_change_user(payload, agreed));
  client_.descriptor().set_deadline({});
  co_return admitted ? Flow::kContinue : Flow::kEnd;
}

}  // namespace sluice::session
