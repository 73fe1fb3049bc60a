#include "proxy/session/held_answer.h"

#include "proxy/wire/frame.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/response_tracker.h"

namespace sluice::session {
namespace {

// Where the status flags lie in an OK or EOF payload; 0: it has none.
std::size_t status_place(wire::Bytes payload, bool deprecates_eof) {
  if (payload.empty()) return 0;
  const bool eof = payload.front() == wire::kEofHeader && !deprecates_eof;
  if (eof) return payload.size() >= 5 ? 3 : 0;
  if (payload.front() != wire::kOkHeader && payload.front() != wire::kEofHeader) return 0;
  wire::Reader in(payload);
  in.skip(1);
  (void)in.lenenc();  // affected rows
  (void)in.lenenc();  // insert id
  return in.ok() && in.remaining() >= 2 ? payload.size() - in.remaining() : 0;
}

}  // namespace

bool HeldAnswer::append(wire::Bytes piece) {
  if (bytes_.size() + piece.size() > kMaxBytes) return false;
  bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  return true;
}

void HeldAnswer::hide_transaction(wire::Command command, wire::Capabilities capabilities,
                                  std::uint8_t sequence) {
  wire::ResponseTracker tracker(capabilities);
  tracker.begin(command, sequence);
  std::size_t at = 0;
  while (!tracker.done() && bytes_.size() - at >= wire::kFrameHeaderSize) {
    const auto header = wire::load_frame_header(bytes_.data() + at);
    const std::size_t size = wire::kFrameHeaderSize + header.length;
    if (bytes_.size() - at < size) return;
    const auto results = tracker.summary().results;
    const auto event = tracker.scan(wire::Bytes(bytes_).subspan(at, size)).event;
    if (event == wire::ResponseTracker::Event::kFault) return;
    if (tracker.summary().results > results || tracker.done()) {
      const std::size_t place =
          status_place(wire::Bytes(bytes_).subspan(at + wire::kFrameHeaderSize, header.length),
                       capabilities.has(wire::cap::kDeprecateEof));
      if (place != 0) {
        std::uint8_t& flags = bytes_[at + wire::kFrameHeaderSize + place];
        flags = static_cast<std::uint8_t>((flags & ~wire::status::kInTransaction) |
                                          wire::status::kAutocommit);
      }
    }
    at += size;
  }
}

}  // namespace sluice::session
