// The variable-length integers of mysql::serialization (tagged GTIDs, MySQL 8.3 and later): the
// count of trailing one bits in the first byte is the count of bytes that follow; the value's low
// bits fill what the first byte has left.
#pragma once

#include <bit>
#include <cstdint>

#include "proxy/wire/reader.h"

namespace sluice::binlog {

[[nodiscard]] inline std::uint64_t read_varint(wire::Reader& in) {
  const std::uint8_t first = in.u8();
  const int more = std::countr_one(first);
  std::uint64_t high = 0;
  for (int i = 0; i < more; ++i) high |= std::uint64_t{in.u8()} << (8 * i);
  const std::uint64_t low = more >= 7 ? 0 : std::uint64_t{first} >> (more + 1);
  return low | (more >= 7 ? high : high << (7 - more));
}

}  // namespace sluice::binlog
