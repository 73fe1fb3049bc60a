// An immutable set of policies with its version.
#pragma once

#include <cstdint>

namespace sluice::policy {

struct PolicySet {
  std::uint64_t version = 1;
  // Everything a known account sends to an instance that it may reach passes. Off, and with no rule
  // that permits, everything is refused: when in doubt the gate refuses.
  bool transparent = true;
};

}  // namespace sluice::policy
