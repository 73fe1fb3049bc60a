#include "proxy/wire/writer.h"

#include <algorithm>

#include "proxy/wire/frame.h"

namespace sluice::wire {

void Writer::lenenc(std::uint64_t value) {
  if (value < 0xfb) {
    u8(static_cast<std::uint8_t>(value));
  } else if (value <= 0xffff) {
    u8(0xfc);
    u16(static_cast<std::uint16_t>(value));
  } else if (value <= 0xffffff) {
    u8(0xfd);
    u24(static_cast<std::uint32_t>(value));
  } else {
    u8(0xfe);
    u64(value);
  }
}

std::size_t begin_packet(Buffer& out) {
  const std::size_t place = out.size();
  out.resize(place + kFrameHeaderSize);
  return place;
}

std::uint8_t end_packet(Buffer& out, std::size_t place, std::uint8_t sequence) {
  const std::size_t payload = out.size() - place - kFrameHeaderSize;
  const std::size_t more_frames = payload / kMaxFramePayload;  // behind the first
  if (more_frames != 0) {
    // The tail moves back to make room for the inner headers, last frame first.
    out.resize(out.size() + more_frames * kFrameHeaderSize);
    for (std::size_t i = more_frames; i > 0; --i) {
      const std::size_t from = place + kFrameHeaderSize + i * kMaxFramePayload;
      const std::size_t length =
          std::min<std::size_t>(kMaxFramePayload, payload - i * kMaxFramePayload);
      const std::size_t to = from + i * kFrameHeaderSize;
      std::copy_backward(out.begin() + static_cast<std::ptrdiff_t>(from),
                         out.begin() + static_cast<std::ptrdiff_t>(from + length),
                         out.begin() + static_cast<std::ptrdiff_t>(to + length));
    }
  }
  for (std::size_t i = 0; i <= more_frames; ++i) {
    const std::size_t length =
        std::min<std::size_t>(kMaxFramePayload, payload - i * kMaxFramePayload);
    store_frame_header(out.data() + place + i * (kMaxFramePayload + kFrameHeaderSize),
                       {.length = static_cast<std::uint32_t>(length), .sequence = sequence++});
  }
  return sequence;
}

std::uint8_t append_packet(Buffer& out, std::uint8_t sequence, Bytes payload) {
  do {
    const std::size_t length = std::min<std::size_t>(kMaxFramePayload, payload.size());
    const std::size_t place = begin_packet(out);
    store_frame_header(out.data() + place,
                       {.length = static_cast<std::uint32_t>(length), .sequence = sequence++});
    out.insert(out.end(), payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(length));
    payload = payload.subspan(length);
    if (length < kMaxFramePayload) return sequence;
  } while (true);
}

}  // namespace sluice::wire
