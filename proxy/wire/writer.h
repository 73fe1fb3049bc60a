// Appends little-endian values to a buffer, and frames packets in it. A packet is written by
// appending its payload behind a placeholder for the header, so that nothing is copied unless it is
// longer than 16 MiB - 1 and must be split.
#pragma once

#include "proxy/wire/bytes.h"

namespace sluice::wire {

// What must outlive it: the buffer. Fails only as memory does.
class Writer {
 public:
  explicit Writer(Buffer& out) noexcept : out_(out) {}

  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { fixed(value, 2); }
  void u24(std::uint32_t value) { fixed(value, 3); }
  void u32(std::uint32_t value) { fixed(value, 4); }
  void u48(std::uint64_t value) { fixed(value, 6); }
  void u64(std::uint64_t value) { fixed(value, 8); }
  void lenenc(std::uint64_t value);  // int<lenenc>, in its shortest form
  void bytes(Bytes value) { out_.insert(out_.end(), value.begin(), value.end()); }
  void text(std::string_view value) { bytes(as_bytes(value)); }
  void text_nul(std::string_view value) {  // REQUIRES: no zero byte in the value
    text(value);
    u8(0);
  }
  void bytes_lenenc(Bytes value) {
    lenenc(value.size());
    bytes(value);
  }
  void text_lenenc(std::string_view value) { bytes_lenenc(as_bytes(value)); }
  void zeros(std::size_t count) { out_.insert(out_.end(), count, std::uint8_t{0}); }

 private:
  void fixed(std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i)
      out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }

  Buffer& out_;
};

// Reserves a frame header at the end of `out` and gives the place that end_packet needs.
[[nodiscard]] std::size_t begin_packet(Buffer& out);
// Fills in the header of the packet begun at `place`, whose payload is everything behind it; splits
// it where it reaches 16 MiB - 1. Gives the sequence id that follows.
std::uint8_t end_packet(Buffer& out, std::size_t place, std::uint8_t sequence);

// One packet around a ready payload.
std::uint8_t append_packet(Buffer& out, std::uint8_t sequence, Bytes payload);

// One packet around whatever `write` appends to `out`.
template <class Write>
std::uint8_t append_packet_with(Buffer& out, std::uint8_t sequence, Write&& write) {
  const std::size_t place = begin_packet(out);
  write(out);
  return end_packet(out, place, sequence);
}

}  // namespace sluice::wire
