#include "proxy/binlog/payload.h"

#include <memory>
#include <vector>

#include <zlib.h>
#include <zstd.h>

#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

constexpr std::size_t kPiece = std::size_t{128} << 10;

struct FreeZstd {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

Error damaged(const char* what) {
  return {Fault::kMalformed, std::string(what) + " does not inflate to what its header says"};
}

// One zlib stream of a known inflated size, appended to `out`.
Result<void> inflate_zlib(wire::Bytes packed, std::size_t size, int window, wire::Buffer& out,
                          const char* what) {
  z_stream stream{};
  if (inflateInit2(&stream, window) != Z_OK) return damaged(what);
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ends(&stream, inflateEnd);
  const std::size_t begin = out.size();
  out.resize(begin + size + 1);  // one more byte shows a stream that is longer than it claims
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.data() + begin;
  stream.avail_out = static_cast<uInt>(size + 1);
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.total_out == size;
  out.resize(begin + (whole ? size : 0));
  if (!whole) return damaged(what);
  return {};
}

std::uint64_t read_big_endian(wire::Bytes bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

Result<void> inflate_payload(const TransactionPayload& payload, std::uint64_t max,
                             const TakeBytes& take) {
  if (payload.inflated_size > max) {
    return Error{Fault::kOversized, "a transaction payload claims " +
                                        std::to_string(payload.inflated_size) +
                                        " bytes, more than " + std::to_string(max)};
  }
  if (payload.compression == TransactionPayload::Compression::kNone) {
    if (payload.bytes.size() != payload.inflated_size) return damaged("a transaction payload");
    return take(payload.bytes);
  }
  const std::unique_ptr<ZSTD_DStream, FreeZstd> stream(ZSTD_createDStream());
  if (!stream || ZSTD_isError(ZSTD_initDStream(stream.get()))) throw std::bad_alloc();
  std::vector<std::uint8_t> piece(kPiece);
  ZSTD_inBuffer in{payload.bytes.data(), payload.bytes.size(), 0};
  std::uint64_t total = 0;
  bool full = false;
  std::size_t status = 1;
  while (in.pos < in.size || full) {
    ZSTD_outBuffer out{piece.data(), piece.size(), 0};
    status = ZSTD_decompressStream(stream.get(), &out, &in);
    if (ZSTD_isError(status)) return damaged("a transaction payload");
    full = out.pos == out.size;
    total += out.pos;
    if (total > payload.inflated_size) return damaged("a transaction payload");
    if (out.pos == 0) {
      if (in.pos < in.size && status != 0) continue;
      break;
    }
    if (auto taken = take(wire::Bytes(piece.data(), out.pos)); !taken) return taken;
  }
  if (status != 0 || total != payload.inflated_size) return damaged("a transaction payload");
  return {};
}

Result<void> inflate_maria(wire::Bytes record, std::size_t max, wire::Buffer& out) {
  constexpr const char* kWhat = "a compressed event";
  if (record.empty() || (record[0] & 0xF0) != 0x80) return damaged(kWhat);
  const std::size_t width = record[0] & 0x07;
  if (width == 0 || width > 4 || record.size() < 1 + width) return damaged(kWhat);
  const std::uint64_t size = read_big_endian(record.subspan(1, width));
  if (size > max) {
    return Error{Fault::kOversized, "a compressed event claims " + std::to_string(size) +
                                        " bytes, more than " + std::to_string(max)};
  }
  return inflate_zlib(record.subspan(1 + width), size, MAX_WBITS, out, kWhat);
}

Result<void> inflate_column(wire::Bytes stored, std::size_t max, wire::Buffer& out) {
  constexpr const char* kWhat = "a COMPRESSED column's value";
  if (stored.empty()) return {};
  const std::uint8_t head = stored[0];
  if (head == 0) {  // stored as it is
    out.insert(out.end(), stored.begin() + 1, stored.end());
    return {};
  }
  const std::size_t width = head & 0x07;
  if ((head & 0xF0) != 0x80 || width == 0 || stored.size() < 1 + width) return damaged(kWhat);
  const std::uint64_t size = read_big_endian(stored.subspan(1, width));
  if (size > max)
    return Error{Fault::kOversized, "a COMPRESSED column's value claims " + std::to_string(size) +
                                        " bytes, more than " + std::to_string(max)};
  const int window = (head & 0x08) != 0 ? -MAX_WBITS : MAX_WBITS;
  return inflate_zlib(stored.subspan(1 + width), size, window, out, kWhat);
}

}  // namespace sluice::binlog
