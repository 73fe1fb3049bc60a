#include "proxy/binlog/framing.h"

#include "proxy/binlog/decode.h"

namespace sluice::binlog {

Result<void> check_magic(wire::Bytes front) {
  if (front.size() >= 4 && front[1] == 'b' && front[2] == 'i' && front[3] == 'n') {
    if (front[0] == 0xFE) return {};
    if (front[0] == 0xFD) {
      return Error{Fault::kUnsupported,
                   "the binary log file is encrypted: read it from the server instead, which sends "
                   "it in the clear over its own protocol"};
    }
  }
  return Error{Fault::kMalformed, "this is no binary log file: it does not begin with fe 62 69 6e"};
}

void Scanner::push(wire::Bytes run) {
  // What was given already makes room first; the rest of one event is all that is moved.
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  buffer_.insert(buffer_.end(), run.begin(), run.end());
}

Result<std::optional<wire::Bytes>> Scanner::next() {
  const auto left = [&] { return wire::Bytes(buffer_).subspan(at_); };
  if (!begun_) {
    if (left().size() < kFirstPosition) return std::optional<wire::Bytes>{};
    if (const auto magic = check_magic(left()); !magic) return magic.error();
    begun_ = true;
    at_ += kFirstPosition;
    consumed_ += kFirstPosition;
  }
  if (left().size() < kEventHeaderSize) return std::optional<wire::Bytes>{};
  const auto header = decode_header(left());
  if (!header) {
    return Error{header.error().fault,
                 "at position " + std::to_string(consumed_) + ": " + header.error().what};
  }
  if (header->size > max_event_) {
    return Error{Fault::kOversized, "the event at position " + std::to_string(consumed_) + " has " +
                                        std::to_string(header->size) + " bytes, more than " +
                                        std::to_string(max_event_)};
  }
  if (left().size() < header->size) return std::optional<wire::Bytes>{};
  const auto event = left().first(header->size);
  position_ = consumed_;
  consumed_ += header->size;
  at_ += header->size;
  return std::optional<wire::Bytes>{event};
}

}  // namespace sluice::binlog
