// SHA-256 (FIPS 180-4), for statement digests: the parser is pure and links no crypto library. Not
// for secrets: the rooms that hold those use OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::parser {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes) noexcept;

}  // namespace sluice::parser
