// Takes little-endian values off the front of one packet's payload. The first failure is kept and
// every later call then does nothing and gives zero or empty, so that a decoder reads straight
// through and checks once, in finish(). Views live as long as the payload. Never allocates.
// Formats: MySQL Internals, "Protocol::Integer" and "Protocol::String".
#pragma once

#include <cstring>
#include <utility>

#include "proxy/wire/bytes.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

class Reader {
 public:
  explicit Reader(Bytes payload) noexcept : at_(payload.data()), end_(at_ + payload.size()) {}

  [[nodiscard]] std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(fixed(1)); }
  [[nodiscard]] std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(fixed(2)); }
  [[nodiscard]] std::uint32_t u24() noexcept { return static_cast<std::uint32_t>(fixed(3)); }
  [[nodiscard]] std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(fixed(4)); }
  [[nodiscard]] std::uint64_t u48() noexcept { return fixed(6); }
  [[nodiscard]] std::uint64_t u64() noexcept { return fixed(8); }
  // int<lenenc>; 0xFB (NULL) and 0xFF are malformed here.
  [[nodiscard]] std::uint64_t lenenc() noexcept;
  // string<fix>; the length is checked before anything is sized by it.
  [[nodiscard]] Bytes bytes(std::uint64_t length) noexcept;
  [[nodiscard]] std::string_view text(std::uint64_t length) noexcept {
    return as_text(bytes(length));
  }
  // string<NUL>: up to the zero byte, which is taken too; truncated when there is none.
  [[nodiscard]] std::string_view text_nul() noexcept;
  // string<NUL> whose zero byte may be missing at the end of the packet.
  [[nodiscard]] std::string_view text_nul_or_rest() noexcept;
  // string<lenenc>
  [[nodiscard]] Bytes bytes_lenenc() noexcept { return bytes(lenenc()); }
  [[nodiscard]] std::string_view text_lenenc() noexcept { return as_text(bytes_lenenc()); }
  // string<EOF>
  [[nodiscard]] Bytes rest() noexcept { return bytes(remaining()); }
  [[nodiscard]] std::string_view rest_text() noexcept { return as_text(rest()); }

  void skip(std::uint64_t length) noexcept { (void)bytes(length); }
  void expect(std::uint8_t byte) noexcept {
    if (u8() != byte) fail(Fault::kMalformed);
  }
  void fail(Fault fault) noexcept {
    if (ok()) fault_ = fault;
    at_ = end_;
  }

  [[nodiscard]] std::size_t remaining() const noexcept {
    return static_cast<std::size_t>(end_ - at_);
  }
  // The next byte without taking it; 0 at the end.
  [[nodiscard]] std::uint8_t peek() const noexcept { return at_ == end_ ? std::uint8_t{0} : *at_; }
  [[nodiscard]] bool ok() const noexcept { return fault_ == Fault{}; }
  [[nodiscard]] Fault fault() const noexcept { return fault_; }

  // The decoded value, when nothing failed and nothing is left over.
  template <class T>
  [[nodiscard]] Result<std::remove_cvref_t<T>> finish(T&& decoded) const {
    if (!ok()) return make_error_code(fault_);
    if (at_ != end_) return make_error_code(Fault::kTrailing);
    return std::forward<T>(decoded);
  }
  // The same for packets that newer servers and clients may extend: what is left over is ignored.
  template <class T>
  [[nodiscard]] Result<std::remove_cvref_t<T>> finish_prefix(T&& decoded) const {
    if (!ok()) return make_error_code(fault_);
    return std::forward<T>(decoded);
  }

 private:
  [[nodiscard]] std::uint64_t fixed(std::size_t width) noexcept {
    if (remaining() < width) {
      fail(Fault::kTruncated);
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::uint64_t{at_[i]} << (8 * i);
    at_ += width;
    return value;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  Fault fault_{};
};

}  // namespace sluice::wire
