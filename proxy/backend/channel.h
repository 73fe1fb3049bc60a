// A stream of frames: plain, or inside the compressed protocol. Both sides of a session are one.
#pragma once

#include <memory>

#include "proxy/net/stream.h"
#include "proxy/wire/bytes.h"
#include "proxy/wire/compression.h"
#include "proxy/wire/errors.h"

namespace sluice::backend {

class Channel {
 public:
  explicit Channel(std::unique_ptr<net::Stream> stream);
  ~Channel();

  [[nodiscard]] net::Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] net::Descriptor& descriptor() noexcept { return stream_->descriptor(); }
  // Both directions are compressed from here on.
  void start_compression(wire::Compression algorithm, int level);
  [[nodiscard]] bool compressed() const noexcept { return packed_ != nullptr; }

  // Whether try_read may give something without waiting.
  [[nodiscard]] bool may_read() const noexcept;
  // As the stream's; damaged compression, or a compressed packet out of order, is kError and leaves
  // its fault().
  [[nodiscard]] net::Moved try_read(std::span<std::uint8_t> into);
  [[nodiscard]] net::Task<net::Moved> read_some(std::span<std::uint8_t> into);
  // Writes what can be written at once. Compressed: only write_all().
  [[nodiscard]] net::Moved try_write(wire::Bytes bytes);
  [[nodiscard]] net::Task<net::Io> write_all(wire::Bytes bytes,
                                             std::chrono::milliseconds per_piece = {});

  // Whether the peer said nothing that was not read: true between commands, else it closed or talks
  // out of turn (and a byte of that is lost).
  [[nodiscard]] bool quiet();

  // What was wrong with the compressed packets that try_read() refused.
  [[nodiscard]] wire::Fault fault() const noexcept;

  // Compressed packets are numbered in one count for both directions: a new command begins at 0,
  // and each side goes on behind what it received last. Without compression these do nothing.
  void begin_sending_command() noexcept;
  void begin_reading_command() noexcept;  // nothing of it was read before
  void begin_sending_answer() noexcept;   // also the file that a server asked for
  // Whatever comes next goes on behind what was sent last. The ids of the frames inside are made
  // to count from `sequence`.
  void begin_reading_answer(std::uint8_t sequence) noexcept;
  // Gives codec memory back while nothing is on its way.
  void rest() noexcept;

 private:
  struct Packed;
  [[nodiscard]] net::Moved unpack(std::span<std::uint8_t> into);
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<Packed> packed_;
};

// One whole packet, for exchanges that are not on a statement's way.
struct PacketIn {
  net::Io io = net::Io::kOk;
  wire::Fault fault{};  // the frames were wrong; io is kOk then
  wire::Buffer payload;
  std::uint8_t sequence = 0;  // of its first frame
};
// Reads exactly one packet and not a byte behind it. Errors: kOversized beyond `max`.
[[nodiscard]] net::Task<PacketIn> read_packet(Channel& channel, std::size_t max);

}  // namespace sluice::backend
