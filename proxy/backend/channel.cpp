#include "proxy/backend/channel.h"

#include <algorithm>
#include <utility>

#include "proxy/wire/frame.h"

namespace sluice::backend {

struct Channel::Packed {
  Packed(wire::Compression algorithm, int level)
      : compressor(algorithm, level), decompressor(algorithm) {}
  wire::Compressor compressor;
  wire::Decompressor decompressor;
  wire::Buffer raw;    // compressed bytes that are not a whole packet yet
  wire::Buffer plain;  // inflated and not taken yet, from `taken` on
  std::size_t taken = 0;
  wire::Buffer out;
  wire::FrameRenumberer frames;
  bool answers = false;  // what is read are answers: their frames are renumbered
  wire::Fault fault{};
};

Channel::Channel(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}
Channel::~Channel() = default;

void Channel::start_compression(wire::Compression algorithm, int level) {
  if (algorithm != wire::Compression::kNone) packed_ = std::make_unique<Packed>(algorithm, level);
}

bool Channel::may_read() const noexcept {
  return stream_->descriptor().readable() ||
         (packed_ != nullptr && packed_->taken < packed_->plain.size());
}

net::Moved Channel::try_read(std::span<std::uint8_t> into) {
  return packed_ == nullptr ? stream_->try_read(into) : unpack(into);
}

net::Moved Channel::unpack(std::span<std::uint8_t> into) {
  Packed& p = *packed_;
  for (;;) {
    if (p.taken < p.plain.size()) {
      const std::size_t count = std::min(into.size(), p.plain.size() - p.taken);
      std::copy_n(p.plain.begin() + static_cast<std::ptrdiff_t>(p.taken), count, into.begin());
      p.taken += count;
      return {count, net::Io::kOk};
    }
    p.plain.clear();
    p.taken = 0;
    const std::size_t needed = wire::Decompressor::packet_size(p.raw);
    if (p.raw.size() >= needed) {
      const auto used = p.decompressor.decompress(wire::Bytes{p.raw}.first(needed), p.plain);
      if (!used) {
        p.fault =
            used.error() == wire::Fault::kSequence ? wire::Fault::kSequence : wire::Fault::kInflate;
        return {0, net::Io::kError};
      }
      if (p.answers) p.frames.renumber(p.plain);
      p.raw.erase(p.raw.begin(), p.raw.begin() + static_cast<std::ptrdiff_t>(needed));
      continue;
    }
    const std::size_t had = p.raw.size();
    p.raw.resize(had + std::min<std::size_t>(needed - had, 65536));
    const net::Moved moved = stream_->try_read(std::span{p.raw}.subspan(had));
    p.raw.resize(had + moved.count);
    if (moved.io != net::Io::kOk) return moved;
  }
}

net::Task<net::Moved> Channel::read_some(std::span<std::uint8_t> into) {
  for (;;) {
    const net::Moved moved = try_read(into);
    if (moved.io != net::Io::kWouldBlock) co_return moved;
    const net::Wake wake = co_await net::wait_readable(stream_->descriptor());
    if (wake != net::Wake::kReady) co_return net::Moved{0, net::to_io(wake)};
  }
}

net::Moved Channel::try_write(wire::Bytes bytes) {
  if (packed_ != nullptr) return {0, net::Io::kWouldBlock};
  return stream_->try_write(bytes);
}

net::Task<net::Io> Channel::write_all(wire::Bytes bytes, std::chrono::milliseconds per_piece) {
  if (packed_ == nullptr) co_return co_await stream_->write_all(bytes, per_piece);
  packed_->out.clear();
  if (!packed_->compressor.compress(bytes, packed_->out)) co_return net::Io::kError;
  co_return co_await stream_->write_all(packed_->out, per_piece);
}

bool Channel::quiet() {
  if (!may_read()) return true;
  std::uint8_t byte = 0;
  return try_read({&byte, 1}).io == net::Io::kWouldBlock;
}

void Channel::begin_sending_command() noexcept {
  if (packed_ != nullptr) packed_->compressor.set_sequence(0);
}

void Channel::begin_reading_command() noexcept {
  if (packed_ != nullptr) packed_->decompressor.set_sequence(0);
}

void Channel::begin_sending_answer() noexcept {
  if (packed_ != nullptr) packed_->compressor.set_sequence(packed_->decompressor.sequence());
}

void Channel::begin_reading_answer(std::uint8_t sequence) noexcept {
  if (packed_ == nullptr) return;
  packed_->decompressor.set_sequence(packed_->compressor.sequence());
  packed_->frames.start(sequence);
  packed_->answers = true;
}

wire::Fault Channel::fault() const noexcept {
  return packed_ == nullptr ? wire::Fault{} : packed_->fault;
}

void Channel::rest() noexcept {
  if (packed_ == nullptr) return;
  packed_->compressor.release();
  packed_->decompressor.release();
  packed_->out = {};
  if (packed_->raw.empty()) packed_->raw = {};
  if (packed_->taken == packed_->plain.size()) {
    packed_->plain = {};
    packed_->taken = 0;
  }
}

net::Task<PacketIn> read_packet(Channel& channel, std::size_t max) {
  PacketIn packet;
  bool first = true;
  std::uint8_t expected = 0;
  for (;;) {
    std::array<std::uint8_t, wire::kFrameHeaderSize> head{};
    for (std::size_t have = 0; have < head.size();) {
      const auto moved = co_await channel.read_some(std::span{head}.subspan(have));
      packet.io = moved.io;
      if (moved.io != net::Io::kOk) co_return packet;
      have += moved.count;
    }
    const wire::FrameHeader header = wire::load_frame_header(head.data());
    if (first) packet.sequence = expected = header.sequence;
    if (header.sequence != expected++) packet.fault = wire::Fault::kSequence;
    std::size_t at = packet.payload.size();
    if (header.length > max - at) packet.fault = wire::Fault::kOversized;
    if (packet.fault != wire::Fault{}) co_return packet;
    first = false;
    packet.payload.resize(at + header.length);
    while (at < packet.payload.size()) {
      const auto moved = co_await channel.read_some(std::span{packet.payload}.subspan(at));
      packet.io = moved.io;
      if (moved.io != net::Io::kOk) co_return packet;
      at += moved.count;
    }
    if (header.length < wire::kMaxFramePayload) co_return packet;
  }
}

}  // namespace sluice::backend
