// What a pool does next, as pure functions of what it has.
#pragma once

#include <cstdint>

#include "proxy/backend/config.h"

namespace sluice::backend {

enum class NextStep : std::uint8_t { kOpen, kWait, kFull };

// For a session that found no idle connection. `open` counts all of the instance's, `waiting` the
// sessions that wait already.
[[nodiscard]] constexpr NextStep next_step(std::uint32_t open, std::uint32_t waiting,
                                           const PoolLimits& limits) noexcept {
  if (open < limits.max_connections) return NextStep::kOpen;
  return waiting < limits.max_waiting ? NextStep::kWait : NextStep::kFull;
}

// Whether a connection that is given back is kept; `idle` counts those kept already.
[[nodiscard]] constexpr bool keeps(std::uint32_t idle, std::uint32_t waiting, bool stale,
                                   const PoolLimits& limits) noexcept {
  return !stale && (idle < limits.max_idle || waiting > 0);
}

enum class IdleVerdict : std::uint8_t { kUse, kPing, kClose };
[[nodiscard]] constexpr IdleVerdict judge_idle(std::chrono::steady_clock::duration idle_for,
                                               bool stale, const PoolLimits& limits) noexcept {
  if (stale || idle_for >= limits.max_idle_time) return IdleVerdict::kClose;
  return idle_for >= limits.ping_after ? IdleVerdict::kPing : IdleVerdict::kUse;
}

}  // namespace sluice::backend
