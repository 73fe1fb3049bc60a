// The two shapes in which protocol bytes travel: a borrowed run and an owned buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::wire {

using Bytes = std::span<const std::uint8_t>;  // borrowed; a decoder's result lives as long as it
using Buffer = std::vector<std::uint8_t>;     // owned; encoders append to it

// The only casts between characters and bytes outside the library owners' files (house rule 24).
[[nodiscard]] inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
[[nodiscard]] inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace sluice::wire
