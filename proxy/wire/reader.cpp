#include "proxy/wire/reader.h"

#include <algorithm>

namespace sluice::wire {

std::uint64_t Reader::lenenc() noexcept {
  const std::uint8_t first = u8();
  switch (first) {
    case 0xfb:
    case 0xff: fail(Fault::kMalformed); return 0;
    case 0xfc: return u16();
    case 0xfd: return u24();
    case 0xfe: return u64();
    default: return first;
  }
}

Bytes Reader::bytes(std::uint64_t length) noexcept {
  if (length > remaining()) {
    fail(Fault::kTruncated);
    return {};
  }
  const Bytes taken{at_, static_cast<std::size_t>(length)};
  at_ += length;
  return taken;
}

std::string_view Reader::text_nul() noexcept {
  const auto* zero = std::find(at_, end_, std::uint8_t{0});
  if (zero == end_) {
    fail(Fault::kTruncated);
    return {};
  }
  const std::string_view taken = text(static_cast<std::uint64_t>(zero - at_));
  ++at_;
  return taken;
}

std::string_view Reader::text_nul_or_rest() noexcept {
  const auto* zero = std::find(at_, end_, std::uint8_t{0});
  return zero == end_ ? rest_text() : text_nul();
}

}  // namespace sluice::wire
