// A command's judged bytes to the server, and its answer back in bounded pieces: what was read is
// written before the next is read, so that a client that stops reading stops its server, and no
// more than one buffer is held. Rows are not looked at beyond their headers, and not copied.
#include <utility>

#include "proxy/session/session.h"

namespace sluice::session {
namespace {

using Step = wire::ResponseTracker::Event;
using net::Descriptor;
using net::Io;
using net::Wait;
using net::Wake;

std::uint64_t microseconds(std::chrono::steady_clock::duration time) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

}  // namespace

net::Task<Flow> Session::exchange(Inbound& in, policy::Permit permit,
                                  wire::ResponseTracker::Summary* summary,
                                  const wire::Renaming* renaming) {
  const auto command = static_cast<wire::Command>(in.payload.front());
  std::uint8_t sequence = in.next_sequence;
  worker_.counters.bytes_to_backends.add(permit.frames().size());
  const net::Moved sent = backend_->try_send(permit);
  if (sent.count < permit.frames().size()) {
    const bool fits = sent.io == Io::kOk || sent.io == Io::kWouldBlock;
    const Io io = fits ? co_await backend_->send_rest(std::move(permit), sent.count) : sent.io;
    // It may have said why before it closed: that is the answer. Whatever the reason, no other can
    // come.
    if (io != Io::kOk) backend_->channel().stream().cut();
  }
  keep_rest(in);
  if (!wire::has_answer(command)) co_return Flow::kContinue;
  backend_->channel().begin_reading_answer(sequence);

  wire::AnswerFollower follower(backend_->capabilities(), capabilities_, tracking_.filter(),
                                &tracking_, renaming);
  follower.begin(command, sequence, status_);
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
      co_return co_await lose_backend(begun, sequence, Reason::kBackendLost);
    }
    if (!answered) worker_.counters.backend_time.record(microseconds(worker_.loop.now() - sent_at));
    answered = true;
    worker_.counters.bytes_from_backends.add(moved.count);
    const auto progress = follower.scan(lease.span().first(carried.size() + moved.count));
    const Step step = progress.event;
    const wire::Bytes piece = progress.send;
    begun = begun || !piece.empty();
    worker_.counters.bytes_to_clients.add(piece.size());
    const net::Moved out = piece.empty() ? net::Moved{} : client_.try_write(piece);
    if (out.count < piece.size()) {
      const bool fits = out.io == Io::kOk || out.io == Io::kWouldBlock;
      const Io io = fits ? co_await client_.write_all(piece.subspan(out.count),
                                                      settings_->limits.write_timeout)
                         : out.io;
      if (io != Io::kOk && step != Step::kDone) give_up_statement();
      if (io != Io::kOk) {
        co_return end(io == Io::kTimedOut    ? Reason::kClientTimeout
                      : io == Io::kCancelled ? Reason::kKilled
                                             : Reason::kClientVanished);
      }
    }
    switch (step) {
      case Step::kNeedMore:
      case Step::kStateChange: continue;
      case Step::kDone:
        if (progress.rest != 0) {
          co_return co_await lose_backend(true, sequence, Reason::kBackendProtocol);
        }
        *summary = follower.tracker().summary();
        account(in, command, *summary);
        co_return Flow::kContinue;
      case Step::kLocalInfile:
        sequence = follower.tracker().next_sequence();
        if (!co_await relay_file(sequence)) co_return Flow::kEnd;
        backend_->channel().begin_reading_answer(sequence);
        follower.resume_infile(sequence);
        continue;
      case Step::kClientAnswer:
      case Step::kFault: co_return co_await lose_backend(true, sequence, Reason::kBackendProtocol);
    }
  }
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

void Session::account(const Inbound& in, wire::Command command,
                      const wire::ResponseTracker::Summary& summary) {
  Counters& counters = worker_.counters;
  if (summary.has_status) {
    // Between statements nothing has changed: what Sluice answers itself says so.
    status_ = static_cast<std::uint16_t>(summary.status & ~wire::status::kSessionStateChanged);
  }
  if (summary.error != 0) counters.errors_returned.add();
  // Read-only all of a sudden: the writer has moved; whoever comes next resolves its name anew.
  if (summary.error == wire::value(wire::ErrorNumber::kOptionPreventsStatement) ||
      summary.error == wire::value(wire::ErrorNumber::kReadOnlyMode)) {
    instance_->mark_stale();
  }
  if (command != wire::Command::kQuery && command != wire::Command::kStmtExecute &&
      command != wire::Command::kStmtBulkExecute) {
    return;
  }
  counters.rows.add(summary.rows);
  counters.statements.add();
  entry_->statements.fetch_add(1, std::memory_order_relaxed);
  counters.statement_time.record(microseconds(std::chrono::steady_clock::now() - in.arrived));
}

}  // namespace sluice::session
