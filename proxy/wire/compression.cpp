#include "proxy/wire/compression.h"

#include <algorithm>

#include <zlib.h>
#include <zstd.h>

#include "proxy/wire/frame.h"

namespace sluice::wire {
namespace {

struct FreeZstdCompressor {
  void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};
struct FreeZstdDecompressor {
  void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
};

std::uint32_t load24(const std::uint8_t* at) noexcept {
  return static_cast<std::uint32_t>(at[0] | (at[1] << 8) | (at[2] << 16));
}
void store24(std::uint8_t* at, std::size_t value) noexcept {
  at[0] = static_cast<std::uint8_t>(value);
  at[1] = static_cast<std::uint8_t>(value >> 8);
  at[2] = static_cast<std::uint8_t>(value >> 16);
}

}  // namespace

struct Compressor::State {
  Compression algorithm = Compression::kNone;
  int level = 0;
  std::uint8_t sequence = 0;
  std::unique_ptr<ZSTD_CCtx, FreeZstdCompressor> zstd;

  // Writes the compressed form to `to`; 0 when it would not be shorter than the original.
  std::size_t deflate(Bytes from, std::span<std::uint8_t> to) {
    if (algorithm == Compression::kZlib) {
      uLongf size = to.size();
      const int done = compress2(to.data(), &size, from.data(), from.size(), level);
      return done == Z_OK ? size : 0;  // Z_BUF_ERROR: it did not become shorter
    }
    if (!zstd) zstd.reset(ZSTD_createCCtx());
    if (!zstd) return 0;
    const std::size_t size =
        ZSTD_compressCCtx(zstd.get(), to.data(), to.size(), from.data(), from.size(), level);
    return ZSTD_isError(size) != 0 ? 0 : size;
  }
};

Compressor::Compressor(Compression algorithm, int level) : state_(std::make_unique<State>()) {
  state_->algorithm = algorithm;
  state_->level =
      algorithm == Compression::kZlib ? Z_DEFAULT_COMPRESSION : std::clamp(level, 1, 22);
}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Result<void> Compressor::compress(Bytes bytes, Buffer& out) {
  while (!bytes.empty()) {
    const Bytes chunk = bytes.first(std::min<std::size_t>(bytes.size(), kMaxFramePayload));
    bytes = bytes.subspan(chunk.size());
    const std::size_t place = out.size();
    out.resize(place + kCompressedHeaderSize + chunk.size());
    const std::span<std::uint8_t> body(out.data() + place + kCompressedHeaderSize, chunk.size());
    std::size_t size = 0;
    if (chunk.size() >= kMinCompressLength && state_->algorithm != Compression::kNone) {
      size = state_->deflate(chunk, body.first(chunk.size() - 1));
    }
    const bool plain = size == 0;
    if (plain) {
      std::copy(chunk.begin(), chunk.end(), body.begin());
      size = chunk.size();
    }
    out.resize(place + kCompressedHeaderSize + size);
    store24(out.data() + place, size);
    out[place + 3] = state_->sequence++;
    store24(out.data() + place + 4, plain ? 0 : chunk.size());
  }
  return {};
}

void Compressor::set_sequence(std::uint8_t sequence) noexcept {
  state_->sequence = sequence;
}
std::uint8_t Compressor::sequence() const noexcept {
  return state_->sequence;
}
void Compressor::release() noexcept {
  state_->zstd.reset();
}

struct Decompressor::State {
  Compression algorithm = Compression::kNone;
  std::uint8_t sequence = 0;
  std::unique_ptr<ZSTD_DCtx, FreeZstdDecompressor> zstd;

  // Exactly `to.size()` bytes must come out; neither library writes past them.
  bool inflate(Bytes from, std::span<std::uint8_t> to) {
    if (algorithm == Compression::kZlib) {
      uLongf size = to.size();
      uLong used = from.size();
      return uncompress2(to.data(), &size, from.data(), &used) == Z_OK && size == to.size() &&
             used == from.size();
    }
    if (algorithm != Compression::kZstd) return false;
    if (!zstd) zstd.reset(ZSTD_createDCtx());
    if (!zstd) return false;
    const std::size_t size =
        ZSTD_decompressDCtx(zstd.get(), to.data(), to.size(), from.data(), from.size());
    return ZSTD_isError(size) == 0 && size == to.size();
  }
};

Decompressor::Decompressor(Compression algorithm) : state_(std::make_unique<State>()) {
  state_->algorithm = algorithm;
}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

std::size_t Decompressor::packet_size(Bytes run) noexcept {
  if (run.size() < kCompressedHeaderSize) return kCompressedHeaderSize;
  return kCompressedHeaderSize + load24(run.data());
}

Result<std::size_t> Decompressor::decompress(Bytes run, Buffer& out, std::size_t soft_limit) {
  std::size_t taken = 0;
  const std::size_t before = out.size();
  while (run.size() - taken >= kCompressedHeaderSize && out.size() - before < soft_limit) {
    const Bytes rest = run.subspan(taken);
    const std::size_t size = packet_size(rest);
    if (rest.size() < size) break;
    if (rest[3] != state_->sequence) return make_error_code(Fault::kSequence);
    ++state_->sequence;
    const Bytes body = rest.subspan(kCompressedHeaderSize, size - kCompressedHeaderSize);
    const std::size_t claimed = load24(rest.data() + 4);
    const std::size_t place = out.size();
    if (claimed == 0) {
      out.insert(out.end(), body.begin(), body.end());
    } else {
      out.resize(place + claimed);
      if (!state_->inflate(body, {out.data() + place, claimed})) {
        out.resize(place);
        return make_error_code(Fault::kInflate);
      }
    }
    taken += size;
  }
  return taken;
}

void Decompressor::set_sequence(std::uint8_t sequence) noexcept {
  state_->sequence = sequence;
}
std::uint8_t Decompressor::sequence() const noexcept {
  return state_->sequence;
}
void Decompressor::release() noexcept {
  state_->zstd.reset();
}

}  // namespace sluice::wire
