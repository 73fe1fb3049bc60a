// SHA-256 crypt (U. Drepper, "Unix crypt using SHA-256 and SHA-512"), with a salt of any length:
// the server uses 20 bytes where crypt(3) stops at 16.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "proxy/wire/bytes.h"

namespace sluice::wire {

// The 43 characters behind the last '$'. Costs about a microsecond a round.
[[nodiscard]] std::array<char, 43> sha256_crypt(std::string_view password, Bytes salt,
                                                std::uint32_t rounds);

}  // namespace sluice::wire
