// Frames: every packet travels as one or more of
//
//   3 bytes  payload length, little-endian
//   1 byte   sequence id, +1 a frame, 0 for the first frame of a command
//   n bytes  payload
//
// A payload of 0xffffff bytes or more goes on in the next frame; the first shorter frame (which may
// be empty) ends it. MySQL Internals, "MySQL Packets".
#pragma once

#include <cstddef>

#include "proxy/wire/bytes.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

inline constexpr std::size_t kFrameHeaderSize = 4;
inline constexpr std::uint32_t kMaxFramePayload = 0xffffff;

struct FrameHeader {
  std::uint32_t length = 0;  // payload bytes of this frame
  std::uint8_t sequence = 0;

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

// REQUIRES: four bytes at `at`.
[[nodiscard]] inline FrameHeader load_frame_header(const std::uint8_t* at) noexcept {
  // Written so that it becomes one load: the walk over small rows waits for nothing else.
  const auto word = static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
                    static_cast<std::uint32_t>(at[2]) << 16 |
                    static_cast<std::uint32_t>(at[3]) << 24;
  return {.length = word & kMaxFramePayload, .sequence = static_cast<std::uint8_t>(word >> 24)};
}
inline void store_frame_header(std::uint8_t* at, FrameHeader header) noexcept {
  at[0] = static_cast<std::uint8_t>(header.length);
  at[1] = static_cast<std::uint8_t>(header.length >> 8);
  at[2] = static_cast<std::uint8_t>(header.length >> 16);
  at[3] = header.sequence;
}

// How far one packet goes in a run of bytes that begins with its first header.
struct PacketExtent {
  bool complete = false;
  std::size_t size = 0;     // complete: bytes of all its frames; else: bytes that are surely needed
  std::size_t payload = 0;  // payload bytes of the frames whose headers were seen
  std::size_t frames = 0;   // headers seen; 1 means that the payload lies in place at offset 4
  std::uint8_t next_sequence = 0;  // after the last frame seen
};

// Measures the packet at the front of `run`. `size` of an incomplete one grows with every call, and
// never past max_payload and its headers. Errors: kSequence when a frame does not follow
// `first_sequence`, kOversized as soon as the headers claim more than max_payload bytes.
[[nodiscard]] Result<PacketExtent> measure_packet(Bytes run, std::uint8_t first_sequence,
                                                  std::size_t max_payload) noexcept;

// The payload of a complete packet of several frames, its headers taken out, appended to `out`.
// REQUIRES: `frames` is exactly what measure_packet called complete.
void join_payload(Bytes frames, Buffer& out);

// Moves `frames`' payload together in place, over its inner headers: the payload is then
// frames.subspan(4, result). For callers that own the buffer and need no second one.
[[nodiscard]] std::size_t join_in_place(std::span<std::uint8_t> frames) noexcept;

// Walks one packet across runs, from its first header to its last byte, whatever it holds: for a
// packet that is passed on as it comes. The frames' ids count from 0; they are made to where the
// stream is one whose inner ids mean nothing.
class PacketWalker {
 public:
  PacketWalker(bool renumber, std::size_t max_payload) noexcept
      : max_payload_(max_payload), renumber_(renumber) {}
  // How many bytes of the run belong to the packet. Errors: kSequence; kOversized as soon as the
  // headers claim more than max_payload bytes.
  [[nodiscard]] Result<std::size_t> take(std::span<std::uint8_t> run) noexcept;
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  std::size_t max_payload_;
  std::size_t payload_ = 0;  // as claimed by the headers so far
  std::uint32_t left_ = 0;
  std::uint32_t length_ = 0;
  std::uint8_t have_ = 0;
  std::uint8_t next_ = 0;
  bool renumber_;
  bool done_ = false;
};

// Makes the frames of the packet at the front of `run` count from 0, as far as they are there.
void renumber_packet(std::span<std::uint8_t> run) noexcept;

// Gives the frames of a stream new sequence ids, in place, however it is cut into runs. Inside the
// compressed protocol the ids of the inner frames mean nothing: peers leave them as they come, and
// only the compressed packets' own ids are checked.
class FrameRenumberer {
 public:
  // The next frame that begins gets this id.
  void start(std::uint8_t sequence) noexcept { *this = FrameRenumberer{}, next_ = sequence; }
  void renumber(std::span<std::uint8_t> run) noexcept;

 private:
  std::uint32_t left_ = 0;  // payload bytes to come; while have_ != 0: what is known of the length
  std::uint8_t have_ = 0;   // header bytes seen
  std::uint8_t next_ = 0;
};

// Walks frames across runs of bytes that end anywhere, and never holds more than a header and one
// byte: for each frame the caller learns its header and first payload byte before its payload is
// counted off. One a direction; forget() between exchanges.
class FrameScanner {
 public:
  // What the scanner stopped at.
  enum class Stop : std::uint8_t {
    kRunEnd,      // everything was counted; give the next run
    kFrameStart,  // a header and (unless the frame is empty) its first payload byte are known
  };

  // Counts on in `run` from `offset` (advanced) to the next frame start. At kFrameStart, `offset`
  // is behind the header, and behind nothing of the payload, whether or not the header began in an
  // earlier run: the payload byte that was looked at is still to be counted off.
  [[nodiscard]] Stop next(Bytes run, std::size_t& offset) noexcept;

  [[nodiscard]] FrameHeader header() const noexcept { return header_; }
  [[nodiscard]] std::uint8_t first_byte() const noexcept { return first_; }
  // Payload bytes of the current frame that were not counted off yet.
  [[nodiscard]] std::uint32_t left() const noexcept { return left_; }
  // Counts off payload bytes that the caller took itself. REQUIRES: count <= left().
  void take(std::uint32_t count) noexcept { left_ -= count; }
  // Header bytes seen of a frame whose start was not told yet; 0 to 4.
  [[nodiscard]] std::size_t partial() const noexcept { return have_; }
  // Whether the scanner stands exactly between two frames.
  [[nodiscard]] bool between_frames() const noexcept { return left_ == 0 && have_ == 0; }
  void forget() noexcept { *this = FrameScanner{}; }

 private:
  FrameHeader header_{};
  std::uint32_t left_ = 0;
  std::uint8_t first_ = 0;
  std::uint8_t have_ = 0;  // header bytes gathered of a header that a run's end split
  std::uint8_t part_[kFrameHeaderSize]{};
};

}  // namespace sluice::wire
