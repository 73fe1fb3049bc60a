#include "proxy/wire/frame.h"

#include <algorithm>
#include <cstring>

namespace sluice::wire {

Result<PacketExtent> measure_packet(Bytes run, std::uint8_t first_sequence,
                                    std::size_t max_payload) noexcept {
  PacketExtent extent{.next_sequence = first_sequence};
  for (;;) {
    if (run.size() - extent.size < kFrameHeaderSize) {
      extent.size += kFrameHeaderSize;
      return extent;
    }
    const FrameHeader header = load_frame_header(run.data() + extent.size);
    if (header.sequence != extent.next_sequence) return make_error_code(Fault::kSequence);
    if (header.length > max_payload - extent.payload) return make_error_code(Fault::kOversized);
    extent.payload += header.length;
    extent.size += kFrameHeaderSize + header.length;
    ++extent.frames;
    ++extent.next_sequence;
    if (extent.size > run.size()) return extent;
    if (header.length < kMaxFramePayload) {
      extent.complete = true;
      return extent;
    }
  }
}

void join_payload(Bytes frames, Buffer& out) {
  while (frames.size() >= kFrameHeaderSize) {
    const std::size_t length = load_frame_header(frames.data()).length;
    const Bytes payload = frames.subspan(kFrameHeaderSize, length);
    out.insert(out.end(), payload.begin(), payload.end());
    frames = frames.subspan(kFrameHeaderSize + length);
  }
}

std::size_t join_in_place(std::span<std::uint8_t> frames) noexcept {
  std::size_t from = 0;
  std::size_t to = kFrameHeaderSize;
  while (frames.size() - from >= kFrameHeaderSize) {
    const std::size_t length = load_frame_header(frames.data() + from).length;
    from += kFrameHeaderSize;
    if (from != to) std::memmove(frames.data() + to, frames.data() + from, length);
    from += length;
    to += length;
  }
  return to - kFrameHeaderSize;
}

Result<std::size_t> PacketWalker::take(std::span<std::uint8_t> run) noexcept {
  std::size_t at = 0;
  while (!done_ && at < run.size()) {
    if (left_ != 0) {
      const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(left_, run.size() - at));
      at += count;
      left_ -= count;
    } else if (have_ < kFrameHeaderSize - 1) {
      if (have_ == 0) length_ = 0;
      length_ |= static_cast<std::uint32_t>(run[at++]) << (8 * have_++);
      continue;
    } else {
      if (renumber_) run[at] = next_;
      if (run[at++] != next_++) return make_error_code(Fault::kSequence);
      if (length_ > max_payload_ - payload_) return make_error_code(Fault::kOversized);
      payload_ += length_;
      left_ = length_;
      have_ = 0;
    }
    done_ = left_ == 0 && length_ < kMaxFramePayload;
  }
  return at;
}

void renumber_packet(std::span<std::uint8_t> run) noexcept {
  std::uint8_t next = 0;
  std::uint32_t length = kMaxFramePayload;
  for (std::size_t at = 0; length == kMaxFramePayload && run.size() - at >= kFrameHeaderSize;) {
    length = load_frame_header(run.data() + at).length;
    run[at + kFrameHeaderSize - 1] = next++;
    at += std::min<std::size_t>(kFrameHeaderSize + length, run.size() - at);
  }
}

void FrameRenumberer::renumber(std::span<std::uint8_t> run) noexcept {
  for (std::size_t at = 0; at < run.size();) {
    if (have_ == 0 && left_ != 0) {
      const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(left_, run.size() - at));
      at += count;
      left_ -= count;
      continue;
    }
    if (have_ == kFrameHeaderSize - 1) {
      run[at++] = next_++;
      have_ = 0;
    } else {
      left_ |= static_cast<std::uint32_t>(run[at++]) << (8 * have_++);
    }
  }
}

FrameScanner::Stop FrameScanner::next(Bytes run, std::size_t& offset) noexcept {
  if (left_ > 0) {
    const auto counted =
        static_cast<std::uint32_t>(std::min<std::size_t>(left_, run.size() - offset));
    offset += counted;
    left_ -= counted;
    if (left_ > 0) return Stop::kRunEnd;
  }
  while (have_ < kFrameHeaderSize && offset < run.size()) part_[have_++] = run[offset++];
  if (have_ < kFrameHeaderSize) return Stop::kRunEnd;
  header_ = load_frame_header(part_);
  first_ = 0;
  if (header_.length > 0) {
    if (offset == run.size()) return Stop::kRunEnd;
    first_ = run[offset];
  }
  have_ = 0;
  left_ = header_.length;
  return Stop::kFrameStart;
}

}  // namespace sluice::wire
