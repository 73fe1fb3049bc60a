#include "proxy/session/session.h"

#include <algorithm>
#include <utility>

#include "proxy/session/command_table.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using std::chrono::milliseconds;

}  // namespace

Session::Session(Worker& worker, std::unique_ptr<net::Stream> stream, net::Peer peer,
                 const net::ListenConfig& listen)
    : worker_(worker),
      client_(std::move(stream)),
      settings_(worker.shared.settings.load()),
      peer_(std::make_unique<net::Peer>(std::move(peer))),
      listen_(listen) {
  worker_.sessions.push_back(this);
  worker_.counters.sessions_open.add();
}

Session::~Session() {
  if (entry_) {
    worker_.shared.registry.remove(id_);
    worker_.counters.sessions_logged_in.sub();
  }
  leave_backend();
  client_.stream().say_goodbye();
  std::erase(worker_.sessions, this);
  worker_.counters.sessions_open.sub();
  worker_.counters.ended[static_cast<std::size_t>(why_)].add();
  worker_.shared.sessions.fetch_sub(1);
  event(Level::kInfo, "session_end", name(why_));
}

net::Task<void> Session::run() {
  if (!co_await log_in()) co_return;
  while (co_await wait_for_command()) {
    busy_ = true;
    if (entry_) entry_->busy.store(true, std::memory_order_relaxed);
    const Flow flow = co_await serve_one();
    busy_ = false;
    if (entry_) entry_->busy.store(false, std::memory_order_relaxed);
    if (flow == Flow::kEnd) break;
  }
}

// True when a byte of a command is there. A server that speaks or closes meanwhile (idle time-out,
// shutdown, KILL) has its last words passed on.
net::Task<bool> Session::wait_for_command() {
  net::Descriptor& client = client_.descriptor();
  if (draining_ && (status_ & wire::status::kInTransaction) == 0) {
    why_ = Reason::kShutdown;
    const wire::OwnedError error =
        wire::make_error(wire::ErrorNumber::kServerShutdown, "Server shutdown in progress");
    (void)co_await answer_error(error, 0);
    co_return false;
  }
  if (!pending_.empty() || client_.may_read()) co_return true;
  client_.rest();
  client.set_deadline(settings_->limits.idle_timeout);
  const net::Wake wake = backend_
                             ? co_await net::Wait{client, net::Descriptor::kRead,
                                                  &backend_->descriptor(), net::Descriptor::kRead}
                             : co_await net::wait_readable(client);
  if (wake == net::Wake::kCancelled) {
    why_ = killed_ ? Reason::kKilled : Reason::kShutdown;
    if (draining_ && !killed_) {
      const wire::OwnedError error =
          wire::make_error(wire::ErrorNumber::kServerShutdown, "Server shutdown in progress");
      (void)co_await answer_error(error, 0);
    }
    co_return false;
  }
  if (wake == net::Wake::kTimedOut) {
    why_ = Reason::kClientTimeout;
    const wire::OwnedError error =
        wire::make_error(wire::ErrorNumber::kClientInteractionTimeout,
                         "The client was disconnected by the server because of inactivity.");
    (void)co_await answer_error(error, 0);
    co_return false;
  }
  if (!client.readable() && !backend_->channel().may_read()) co_return true;
  if (client.readable()) co_return true;
  auto lease = worker_.loop.buffers().take();
  const net::Moved said = backend_->channel().try_read(lease.span());
  if (said.io == net::Io::kWouldBlock) co_return true;  // TLS records without data
  if (said.count > 0) (void)co_await answer(lease.span().first(said.count));
  why_ = Reason::kBackendLost;
  backend_->reusable = false;
  co_return false;
}

// A server connection for this session; false with error_ when there is none.
net::Task<bool> Session::take_backend() {
  if (backend_) co_return true;
  backend::Connection::Wish wish{capabilities_.without(wire::cap::kPerConnection) |
                                     wire::cap::kProtocol41 | wire::cap::kPluginAuth |
                                     wire::cap::kSecureConnection | wire::cap::kPluginAuthLenenc |
                                     wire::cap::kConnectAttrs,
                                 collation_, !schema_.empty()};
  const auto started = std::chrono::steady_clock::now();
  auto opened = co_await worker_.pool.lease(instance_, wish);
  worker_.counters.connect_time.record(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - started)
                                     .count()));
  if (!opened.connection) {
    error_ = std::make_unique<wire::OwnedError>(std::move(opened.error));
    why_ =
        opened.failure == backend::Failure::kFull ? Reason::kPoolFull : Reason::kBackendUnavailable;
    event(Level::kWarning, "backend_unavailable", name(why_), error_->message);
    co_return false;
  }
  backend_ = std::move(opened.connection);
  fresh_ = false;
  tracking_.learned(backend_->report());
  worker_.counters.backend_active.add();
  // It was not known when the client logged in, or another server has taken its place since.
  if (!backend_->capabilities().has(capabilities_ & wire::cap::kNotConverted)) {
    leave_backend();
    error_ = std::make_unique<wire::OwnedError>(wire::make_error(
        wire::ErrorNumber::kNotSupportedYet,
        "The server of instance '" + instance_->config().name +
            "' lacks a protocol feature that this connection has agreed on: connect again"));
    why_ = Reason::kBackendUnavailable;
    co_return false;
  }
  if (entry_) entry_->backend_id.store(backend_->id(), std::memory_order_relaxed);
  if (schema_.empty()) co_return true;
  wire::OwnedError error = co_await enter_schema();
  if (error.code == 0) co_return true;
  leave_backend();
  error_ = std::make_unique<wire::OwnedError>(std::move(error));
  why_ = Reason::kBackendUnavailable;
  co_return false;
}

// The login's schema, by a judged COM_INIT_DB: the server checks that it exists and may be used.
net::Task<wire::OwnedError> Session::enter_schema() {
  wire::Buffer frames;
  wire::append_packet_with(frames, 0,
                           [&](wire::Buffer& out) { encode(wire::InitDb{schema_}, out); });
  auto decision = worker_.judge->judge(
      context(*tracking_.facts()),
      {policy::Submission::Kind::kCommand, name(wire::Command::kInitDb), frames});
  if (const auto no = policy::refusal_of(decision)) {
    co_return wire::OwnedError{no->code, no->sqlstate, no->message};
  }
  std::vector<policy::Permit> permits;
  permits.push_back(std::get<policy::Permit>(std::move(decision)));
  auto told = co_await backend_->tell(permits, instance_->config().limits.connect_timeout);
  backend::Connection::Told& entered = told.front();
  if (entered.lost) {
    co_return wire::make_error(wire::ErrorNumber::kServerLost,
                               "Lost connection to MySQL server during query");
  }
  if (entered.error.code != 0) co_return std::move(entered.error);
  tracking_.begin({.changes = fact::kSchema});
  tracking_.on_state(entered.session_state, false);
  tracking_.end(false);
  login_state_ = wire::filter_state(entered.session_state, tracking_.filter());
  status_ = static_cast<std::uint16_t>(entered.status & ~wire::status::kSessionStateChanged);
  co_return wire::OwnedError{};
}

void Session::leave_backend() {
  if (!backend_) return;
  worker_.counters.backend_active.sub();
  if (entry_) entry_->backend_id.store(0, std::memory_order_relaxed);
  tracking_.forget();
  worker_.pool.give_back(std::move(backend_));
}

net::Task<Flow> Session::answer(wire::Bytes frames) {
  worker_.counters.bytes_to_clients.add(frames.size());
  const net::Io io = co_await client_.write_all(frames, settings_->limits.write_timeout);
  if (io == net::Io::kOk) co_return Flow::kContinue;
  co_return end(io == net::Io::kTimedOut ? Reason::kClientTimeout : Reason::kClientVanished);
}

net::Task<Flow> Session::answer_ok(std::uint8_t sequence) {
  wire::Buffer frames;
  wire::append_packet_with(frames, sequence, [&](wire::Buffer& out) {
    wire::OkPacket ok;
    ok.status = status_;
    encode(ok, capabilities_, out);
  });
  co_return co_await answer(frames);
}

net::Task<Flow> Session::answer_owned(wire::Buffer frames) {
  co_return co_await answer(frames);
}

net::Task<Flow> Session::answer_error(const wire::OwnedError& error, std::uint8_t sequence) {
  wire::Buffer frames;
  wire::append_packet_with(frames, sequence, [&](wire::Buffer& out) { encode(error.view(), out); });
  worker_.counters.errors_returned.add();
  return answer_owned(std::move(frames));
}

Flow Session::end(Reason reason) noexcept {
  why_ = reason;
  return Flow::kEnd;
}

void Session::event(Level level, std::string_view what, std::string_view reason,
                    std::string_view detail) {
  Event line;
  line.level = level;
  line.what = what;
  line.session = id_;
  if (account_) line.account = account_->name;
  line.host = peer_->host;
  if (instance_) line.instance = instance_->config().name;
  line.reason = reason;
  line.detail = detail;
  worker_.shared.events.on_event(line);
}

void Session::kill(KillScope scope) {
  if (scope == KillScope::kConnection) {
    killed_ = true;
    client_.descriptor().cancel();
  } else if (waiting_) {
    interrupted_ = true;
    client_.descriptor().cancel();
  } else if (backend_ && busy_) {
    worker_.counters.kills_sent.add();
    net::spawn(backend::kill_on_server(worker_.loop, *worker_.shared.blocking, instance_,
                                       backend_->id(), true),
               {});
  }
}

void Session::drain() {
  draining_ = true;
  if (!busy_ && (status_ & wire::status::kInTransaction) == 0) {
    client_.descriptor().cancel();
  }
}

void Session::cut() noexcept {
  draining_ = true;
  client_.descriptor().cancel();
}

}  // namespace sluice::session
