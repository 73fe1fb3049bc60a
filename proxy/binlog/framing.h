// A binary log file's bytes to whole events.
//
//   4 bytes  fe 'b' 'i' 'n'    (fd: encrypted, refused by name)
//   events, each with its size in its header
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/binlog/fault.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

inline constexpr std::uint64_t kFirstPosition = 4;
// A server's own limit of one event (replica_max_allowed_packet's maximum), with its header.
inline constexpr std::size_t kMaxEventSize = (std::size_t{1} << 30) + 4096;

// The file's first four bytes. Errors: kUnsupported (encrypted), kMalformed (no binary log).
[[nodiscard]] Result<void> check_magic(wire::Bytes front);

// Takes the bytes of a file in runs of any length. Holds at most one event. One thread at a time.
class Scanner {
 public:
  explicit Scanner(std::size_t max_event = kMaxEventSize) : max_event_(max_event) {}
  // Events without a file around them: what a transaction payload inflates to.
  [[nodiscard]] static Scanner of_payload(std::size_t max_event = kMaxEventSize) {
    Scanner out(max_event);
    out.begun_ = true;
    return out;
  }

  void push(wire::Bytes run);
  // The next whole event, borrowed until the next call of push or next; nothing: more is needed.
  // Errors: kMalformed, kOversized, kUnsupported; then the scanner is of no more use.
  [[nodiscard]] Result<std::optional<wire::Bytes>> next();
  // Where in the file the event that `next` gave begins, 64 bits wide.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }
  // Bytes of an unfinished event: 0 at a clean end.
  [[nodiscard]] std::size_t pending() const noexcept { return buffer_.size() - at_; }

 private:
  std::size_t max_event_;
  wire::Buffer buffer_;
  std::size_t at_ = 0;          // of the first byte not given yet
  std::uint64_t consumed_ = 0;  // file offset of buffer_[at_]
  std::uint64_t position_ = 0;
  bool begun_ = false;
};

}  // namespace sluice::binlog
