// COM_STMT_SEND_LONG_DATA that did not come whole: its beginning is judged, and the rest goes to
// the server as it comes, one buffer at a time. It has no answer, not even where the statement is
// unknown: then it is read to its end, as the server would.
#include <utility>

#include "proxy/session/session.h"

namespace sluice::session {

net::Task<Flow> Session::stream_long_data(Inbound& in) {
  const bool known = find_prepared(in.payload) != nullptr && backend_ != nullptr;
  // The beginning may lie in a buffer that is larger than the thread's.
  wire::Buffer head(in.frames.begin(), in.frames.end());
  const auto name = wire::name(wire::Command::kStmtSendLongData);
  auto decision = worker_.judge->judge(context(*tracking_.facts()),
                                       {policy::Submission::Kind::kCommand, name, head});
  auto* permit = std::get_if<policy::Permit>(&decision);
  if (permit == nullptr) worker_.counters.refused.add();
  const bool send = known && permit != nullptr;
  wire::PacketWalker walker(client_.compressed(), settings_->limits.max_allowed_packet);
  auto taken = walker.take(head);
  if (send) {
    worker_.counters.bytes_to_backends.add(head.size());
    const net::Io io = co_await backend_->send(std::move(*permit));
    if (io != net::Io::kOk) co_return co_await lose_backend(true, 0, Reason::kBackendLost);
  }
  if (!in.lease) in.lease = worker_.loop.buffers().take();
  while (taken && !walker.done()) {
    client_.descriptor().set_deadline(settings_->limits.read_timeout);
    const net::Moved moved = co_await client_.read_some(in.lease.span());
    if (moved.io != net::Io::kOk) {
      if (send) backend_->reusable = false;
      co_return end(moved.io == net::Io::kTimedOut    ? Reason::kClientTimeout
                    : moved.io == net::Io::kCancelled ? Reason::kKilled
                                                      : Reason::kClientVanished);
    }
    worker_.counters.bytes_from_clients.add(moved.count);
    const auto run = in.lease.span().first(moved.count);
    taken = walker.take(run);
    if (!taken) break;
    const wire::Bytes piece = wire::Bytes{run}.first(*taken);
    pending_.assign(run.begin() + static_cast<std::ptrdiff_t>(*taken), run.end());
    if (!send) continue;
    worker_.counters.bytes_to_backends.add(piece.size());
    const net::Io io = co_await backend_->send_client_data(piece);
    if (io != net::Io::kOk) co_return co_await lose_backend(true, 0, Reason::kBackendLost);
  }
  client_.descriptor().set_deadline({});
  if (taken) co_return Flow::kContinue;
  if (send) backend_->reusable = false;
  const bool large = taken.error() == wire::Fault::kOversized;
  why_ = large ? Reason::kPacketTooLarge : Reason::kProtocol;
  const wire::OwnedError error =
      large
          ? wire::make_error(wire::ErrorNumber::kNetPacketTooLarge,
                             "Got a packet bigger than 'max_allowed_packet' bytes")
          : wire::make_error(wire::ErrorNumber::kNetPacketsOutOfOrder, "Got packets out of order");
  [[maybe_unused]] const Flow told = co_await answer_error(error, 1);
  co_return Flow::kEnd;
}

}  // namespace sluice::session
