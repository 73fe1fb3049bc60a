// A command's judged bytes to the server, and its answer back in bounded pieces: what was read is
// written before the next is read, so that a client that stops reading stops its server, and no
// more than one buffer is held. Rows are not looked at beyond their headers, and not copied.
#include <optional>
#include <utility>

#include "proxy/session/session.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using Tracked = wire::ResponseTracker::Event;
using net::Descriptor;
using net::Io;
using net::Wait;
using net::Wake;

std::uint64_t microseconds(std::chrono::steady_clock::duration time) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

net::Task<void> Session::send_command(Inbound& in, policy::Permit permit, Exchange& x) {
  worker_.counters.bytes_to_backends.add(permit.frames().size());
  x.command = static_cast<wire::Command>(in.payload.front());
  x.sequence = in.next_sequence;
  const net::Moved sent = backend_->try_send(permit);
  if (sent.count < permit.frames().size()) {
    const bool fits = sent.io == Io::kOk || sent.io == Io::kWouldBlock;
    const Io io = fits ? co_await backend_->send_rest(std::move(permit), sent.count) : sent.io;
    // It may have said why before it closed: that is the answer. Whatever the reason, no other can
    // come.
    if (io != Io::kOk) backend_->channel().stream().cut();
  }
  keep_rest(in);
  if (wire::has_answer(x.command)) backend_->channel().begin_reading_answer(x.sequence);
}

net::Task<Flow> Session::exchange(Inbound& in, policy::Permit permit, Exchange& x) {
  co_await send_command(in, std::move(permit), x);
  if (!wire::has_answer(x.command)) co_return Flow::kContinue;
  wire::AnswerFollower follower(backend_->capabilities(), capabilities_, tracking_.filter(),
                                &tracking_, x.renaming);
  follower.begin(x.command, x.sequence, status_);
  const auto sent_at = std::chrono::steady_clock::now();
  bool answered = false;
  bool begun = false;  // the client has a byte of its answer
  for (;;) {
    if (!backend_->channel().may_read() && !co_await wait_for_answer(begun)) {
      co_return Flow::kEnd;
    }
    const auto lease = worker_.loop.buffers().take();
    const wire::Bytes carried = follower.carried();
    std::copy(carried.begin(), carried.end(), lease.span().begin());
    const net::Moved moved = backend_->channel().try_read(lease.span().subspan(carried.size()));
    if (moved.io == Io::kWouldBlock) continue;
    if (moved.io != Io::kOk) {
      co_return co_await lose_backend(begun, x.sequence, Reason::kBackendLost);
    }
    if (!answered) worker_.counters.backend_time.record(microseconds(worker_.loop.now() - sent_at));
    answered = true;
    worker_.counters.bytes_from_backends.add(moved.count);
    const auto progress = follower.scan(lease.span().first(carried.size() + moved.count));
    const Tracked step = progress.event;
    const bool done = step == Tracked::kDone && progress.rest == 0;
    if (done) x.summary = follower.tracker().summary();
    wire::Bytes piece = progress.send;
    if (x.underway != nullptr) {
      if (x.underway->hold && !x.underway->held.append(piece)) co_return co_await refuse_held(x);
      if (done) co_await conclude(*x.underway, follower.tracker());
      piece = let_out(x, piece, step);
    }
    begun = begun || !piece.empty();
    if (!piece.empty() && !co_await pass_on(piece, step == Tracked::kDone)) co_return Flow::kEnd;
    switch (step) {
      case Tracked::kNeedMore:
      case Tracked::kStateChange: continue;
      case Tracked::kDone:
        if (progress.rest != 0) {
          co_return co_await lose_backend(true, x.sequence, Reason::kBackendProtocol);
        }
        account(in, x);
        co_return x.underway != nullptr&& x.underway->lost ? end(Reason::kBackendLost)
                                                           : Flow::kContinue;
      case Tracked::kLocalInfile:
        if (x.underway != nullptr) x.underway->held.clear();
        x.sequence = follower.tracker().next_sequence();
        if (!co_await relay_file(x.sequence)) co_return Flow::kEnd;
        backend_->channel().begin_reading_answer(x.sequence);
        follower.resume_infile(x.sequence);
        continue;
      case Tracked::kClientAnswer:
      case Tracked::kFault:
        co_return co_await lose_backend(true, x.sequence, Reason::kBackendProtocol);
    }
  }
}

// To the client; false when the session ends.
net::Task<bool> Session::pass_on(wire::Bytes piece, bool last) {
  worker_.counters.bytes_to_clients.add(piece.size());
  const net::Moved out = client_.try_write(piece);
  if (out.count == piece.size()) co_return true;
  const bool fits = out.io == Io::kOk || out.io == Io::kWouldBlock;
  const Io io =
      fits ? co_await client_.write_all(piece.subspan(out.count), settings_->limits.write_timeout)
           : out.io;
  if (io == Io::kOk) co_return true;
  if (!last) give_up_statement();
  why_ = io == Io::kTimedOut    ? Reason::kClientTimeout
         : io == Io::kCancelled ? Reason::kKilled
                                : Reason::kClientVanished;
  co_return false;
}

// What of an answer the client may see now: all of it, unless it is held until its end.
wire::Bytes Session::let_out(Exchange& x, wire::Bytes piece, Tracked step) {
  Underway& underway = *x.underway;
  const bool done = step == Tracked::kDone;
  if (done && underway.instead.code != 0) {
    worker_.counters.errors_returned.add();
    wire::append_packet_with(underway.error_frames, x.sequence,
                             [&](wire::Buffer& out) { encode(underway.instead.view(), out); });
    return underway.error_frames;
  }
  if (!underway.hold) return piece;
  if (!done && step != Tracked::kLocalInfile) return {};
  if (done && underway.own_transaction) {
    underway.held.hide_transaction(x.command, capabilities_, x.sequence);
  }
  return underway.held.bytes();
}

// The statement is given up, and with its connection what it did.
net::Task<Flow> Session::refuse_held(Exchange& x) {
  give_up_statement();
  x.underway->rolled_back = true;
  const wire::OwnedError error = wire::make_error(
      wire::ErrorNumber::kUnknown,
      "Sluice rolled the statement back: the limit of changed rows holds its answer back until it "
      "has ended, and it is longer than " +
          std::to_string(HeldAnswer::kMaxBytes >> 20U) + " MiB. Leave RETURNING out.");
  (void)co_await answer_error(error, x.sequence);
  co_return end(Reason::kBackendLost);
}

// Waits until the server says something. A client that goes away meanwhile ends the wait: at once
// when its answer has begun, after a grace otherwise (it may have sent a change and closed).
net::Task<bool> Session::wait_for_answer(bool begun) {
  Descriptor& server = backend_->descriptor();
  Descriptor& client = client_.descriptor();
  std::uint8_t interest = Descriptor::kHangUp;
  for (;;) {
    const Wake wake = co_await Wait{server, Descriptor::kRead, &client, interest};
    if (server.readable() && wake != Wake::kCancelled) {
      server.set_deadline({});
      co_return true;
    }
    if (wake == Wake::kReady && client.hung_up() && !begun && interest != 0 &&
        settings_->limits.vanish_grace.count() != 0) {
      interest = 0;
      server.set_deadline(settings_->limits.vanish_grace);
      continue;
    }
    why_ = wake != Wake::kCancelled ? Reason::kClientVanished
           : killed_                ? Reason::kKilled
                                    : Reason::kShutdown;
    give_up_statement();
    co_return false;
  }
}

// LOAD DATA LOCAL: the client's file, frame by frame, up to the empty one that ends it. `sequence`
// is the id of its first frame, then that of the answer.
net::Task<bool> Session::relay_file(std::uint8_t& sequence) {
  wire::FrameScanner scanner;
  backend_->channel().begin_sending_answer();
  client_.begin_reading_answer(sequence);
  const auto lease = worker_.loop.buffers().take();
  for (;;) {
    std::size_t have = std::min(pending_.size(), lease.span().size());
    std::copy_n(pending_.begin(), have, lease.span().begin());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(have));
    if (have == 0) {
      client_.descriptor().set_deadline(settings_->limits.read_timeout);
      const net::Moved moved = co_await client_.read_some(lease.span());
      if (moved.io != Io::kOk) {
        why_ = moved.io == Io::kTimedOut ? Reason::kClientTimeout : Reason::kClientVanished;
        give_up_statement();
        co_return false;
      }
      have = moved.count;
      worker_.counters.bytes_from_clients.add(have);
    }
    const wire::Bytes run = wire::Bytes{lease.span()}.first(have);
    std::size_t offset = 0;
    bool ended = false;
    while (!ended && scanner.next(run, offset) == wire::FrameScanner::Stop::kFrameStart) {
      sequence = static_cast<std::uint8_t>(scanner.header().sequence + 1);
      ended = scanner.header().length == 0;
    }
    if (!ended) offset = have;
    pending_.insert(pending_.begin(), run.begin() + static_cast<std::ptrdiff_t>(offset), run.end());
    worker_.counters.bytes_to_backends.add(offset);
    if (co_await backend_->send_client_data(run.first(offset)) != Io::kOk) {
      (void)co_await lose_backend(true, sequence, Reason::kBackendLost);
      co_return false;
    }
    if (ended) break;
  }
  client_.descriptor().set_deadline({});
  client_.begin_sending_answer();
  co_return true;
}

// The server is gone, or breaks the protocol. A client that has no byte of its answer yet is told;
// one in the middle of it sees the connection end, as it would without us.
net::Task<Flow> Session::lose_backend(bool begun, std::uint8_t sequence, Reason reason) {
  backend_->reusable = false;
  instance_->mark_stale();
  event(Level::kWarning, "backend_lost", name(reason));
  if (!begun) {
    const wire::OwnedError error = wire::make_error(
        wire::ErrorNumber::kServerLost, "Lost connection to MySQL server during query (instance '" +
                                            instance_->config().name + "')");
    (void)co_await answer_error(error, sequence);
  }
  co_return end(reason);
}

// Nobody wants the answer any more: the server is told to stop, by a connection of its own, since
// it would not notice before it writes.
void Session::give_up_statement() {
  backend_->reusable = false;
  worker_.counters.kills_sent.add();
  net::spawn(backend::kill_on_server(worker_.loop, *worker_.shared.blocking, instance_,
                                     backend_->id(), false),
             {});
}

void Session::account(const Inbound& in, const Exchange& x) {
  const wire::ResponseTracker::Summary& summary = x.summary;
  Counters& counters = worker_.counters;
  std::optional<std::uint16_t> status;
  if (summary.has_status) status = summary.status;
  // What was sent behind it is newer.
  if (x.underway != nullptr && x.underway->status) status = x.underway->status;
  // Between statements nothing has changed: what Sluice answers itself says so.
  if (status) status_ = static_cast<std::uint16_t>(*status & ~wire::status::kSessionStateChanged);
  stale_status_ = summary.error != 0 ? !(x.underway != nullptr && x.underway->status)
                                     : stale_status_ && !status;
  if (summary.error != 0) counters.errors_returned.add();
  // Read-only all of a sudden: the writer has moved; whoever comes next resolves its name anew.
  if (summary.error == wire::value(wire::ErrorNumber::kOptionPreventsStatement) ||
      summary.error == wire::value(wire::ErrorNumber::kReadOnlyMode)) {
    instance_->mark_stale();
  }
  if (x.command != wire::Command::kQuery && x.command != wire::Command::kStmtExecute &&
      x.command != wire::Command::kStmtBulkExecute) {
    return;
  }
  counters.rows.add(summary.rows);
  counters.statements.add();
  entry_->statements.fetch_add(1, std::memory_order_relaxed);
  counters.statement_time.record(microseconds(std::chrono::steady_clock::now() - in.arrived));
}

}  // namespace sluice::session
