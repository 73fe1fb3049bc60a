// A client's command, from its first byte to its handler: gathered whole, within the limits, from
// the stream or from what the client sent behind an earlier command.
#include <algorithm>
#include <utility>

#include "proxy/session/command_table.h"
#include "proxy/session/session.h"

namespace sluice::session {
namespace {

constexpr auto kLongData = static_cast<std::uint8_t>(wire::Command::kStmtSendLongData);
// Header, command, statement and parameter.
constexpr std::size_t kLongDataHead = wire::kFrameHeaderSize + 1 + 4 + 2;

// `run`: the command, and what the client sent behind it.
void take_whole(Inbound& in, wire::Bytes run, const wire::PacketExtent& extent) {
  in.frames = run.first(extent.size);
  in.rest = run.subspan(extent.size);
  in.next_sequence = extent.next_sequence;
  if (extent.frames == 1) {
    in.payload = in.frames.subspan(wire::kFrameHeaderSize);
  } else {
    wire::join_payload(in.frames, in.joined);
    in.payload = in.joined;
  }
}

Reason failed_read(net::Io io, bool begun, bool killed) noexcept {
  if (io == net::Io::kTimedOut) return Reason::kClientTimeout;
  if (io == net::Io::kCancelled) return killed ? Reason::kKilled : Reason::kShutdown;
  return begun ? Reason::kClientVanished : Reason::kClientClosed;
}

}  // namespace

// One whole command into `in`: in the thread's buffer, or gathered in memory of its own.
net::Task<bool> Session::gather(Inbound& in) {
  const std::size_t limit = settings_->limits.max_allowed_packet;
  in.lease = worker_.loop.buffers().take();
  std::span<std::uint8_t> room = in.lease.span();
  std::size_t have = 0;
  const auto grow = [&](std::size_t wanted) {
    in.large.resize(std::max(wanted, in.large.size()));
    if (in.lease) std::copy_n(in.lease.span().begin(), have, in.large.begin());
    in.lease.release();
    room = in.large;
  };
  if (pending_.size() > room.size()) grow(pending_.size());
  if (pending_.empty()) client_.begin_reading_command();
  std::copy(pending_.begin(), pending_.end(), room.begin());
  have = pending_.size();
  pending_.clear();
  if (pending_.capacity() > 4096) pending_ = {};
  bool first = true;
  for (;;) {
    if (client_.compressed()) wire::renumber_packet(room.first(have));
    const auto extent = wire::measure_packet(wire::Bytes{room}.first(have), 0, limit);
    if (!extent) {
      const bool large = extent.error() == make_error_code(wire::Fault::kOversized);
      co_return co_await refuse_packet(large);
    }
    if (extent->complete) {
      take_whole(in, wire::Bytes{room}.first(have), *extent);
      co_return true;
    }
    // The value of a parameter may be as large as a command may be: it is passed on as it comes.
    if (have >= kLongDataHead && room[wire::kFrameHeaderSize] == kLongData) {
      in.frames = wire::Bytes{room}.first(have);
      in.payload = in.frames.subspan(wire::kFrameHeaderSize);
      in.partial = true;
      co_return true;
    }
    // Memory follows what arrived, never what a header claims.
    if (have == room.size()) grow(std::min(room.size() * 2, limit + limit / 1024 + 65536));
    if (!first) client_.descriptor().set_deadline(settings_->limits.read_timeout);
    net::Moved moved = client_.try_read(room.subspan(have));
    if (moved.io == net::Io::kWouldBlock) {
      in.nothing = have == 0;  // a wake-up without bytes: back to waiting, without a buffer
      if (in.nothing) co_return false;
      moved = co_await client_.read_some(room.subspan(have));
    }
    if (moved.io == net::Io::kError && client_.fault() != wire::Fault{}) {
      co_return co_await refuse_compressed();
    }
    if (moved.io != net::Io::kOk) {
      why_ = failed_read(moved.io, have != 0, killed_);
      co_return false;
    }
    first = false;
    have += moved.count;
    worker_.counters.bytes_from_clients.add(moved.count);
  }
}

// A command longer than the limit, or frames out of order: told, and the end.
net::Task<bool> Session::refuse_packet(bool large) {
  why_ = large ? Reason::kPacketTooLarge : Reason::kProtocol;
  const wire::OwnedError error =
      large
          ? wire::make_error(wire::ErrorNumber::kNetPacketTooLarge,
                             "Got a packet bigger than 'max_allowed_packet' bytes")
          : wire::make_error(wire::ErrorNumber::kNetPacketsOutOfOrder, "Got packets out of order");
  (void)co_await answer_error(error, large ? 1 : 0);
  co_return false;
}

// Compressed packets out of order, or damaged: told as the server tells it, and the end.
net::Task<bool> Session::refuse_compressed() {
  why_ = Reason::kProtocol;
  const bool order = client_.fault() == wire::Fault::kSequence;
  const wire::OwnedError error =
      order ? wire::make_error(wire::ErrorNumber::kNetPacketsOutOfOrder, "Got packets out of order")
            : wire::make_error(wire::ErrorNumber::kNetUncompress,
                               "Couldn't uncompress communication packet");
  client_.begin_sending_answer();
  (void)co_await answer_error(error, 1);
  co_return false;
}

net::Task<Flow> Session::serve_one() {
  Inbound in;
  if (!co_await gather(in)) co_return in.nothing ? Flow::kContinue : Flow::kEnd;
  client_.descriptor().set_deadline({});
  client_.begin_sending_answer();
  in.arrived = worker_.loop.now();
  worker_.counters.commands.add();
  if (in.payload.empty()) {
    const wire::OwnedError error =
        wire::make_error(wire::ErrorNumber::kUnknownCommand, "Unknown command");
    co_return co_await answer_error(error, in.next_sequence);
  }
  const CommandRow& row = command_row(in.payload.front());
  const Flow flow = co_await (this->*CommandTable::handler(row))(in);
  if (flow == Flow::kContinue) keep_rest(in);
  co_return flow;
}

// Gives the buffer back; what the client sent behind its command is kept for its turn.
void Session::keep_rest(Inbound& in) {
  if (!in.rest.empty()) pending_.insert(pending_.end(), in.rest.begin(), in.rest.end());
  in.rest = {};
  in.lease.release();
  if (!in.large.empty()) in.large = {};
  if (!in.joined.empty()) in.joined = {};
  if (!in.changed.empty()) in.changed = {};
  if (!in.plain.empty()) in.plain = {};
}

}  // namespace sluice::session
