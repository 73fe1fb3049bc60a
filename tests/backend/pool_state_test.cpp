#include "proxy/backend/pool_state.h"

#include <gtest/gtest.h>

namespace sluice::backend {
namespace {

TEST(PoolState, opens_below_the_limit_then_waits_then_is_full) {
  PoolLimits limits;
  limits.max_connections = 2;
  limits.max_waiting = 1;
  EXPECT_EQ(next_step(1, 0, limits), NextStep::kOpen);
  EXPECT_EQ(next_step(2, 0, limits), NextStep::kWait);
  EXPECT_EQ(next_step(2, 1, limits), NextStep::kFull);
}

TEST(PoolState, keeps_what_is_wanted_and_not_stale) {
  PoolLimits limits;
  limits.max_idle = 1;
  EXPECT_TRUE(keeps(0, 0, false, limits));
  EXPECT_FALSE(keeps(1, 0, false, limits));
  EXPECT_TRUE(keeps(1, 1, false, limits)) << "somebody waits for it";
  EXPECT_FALSE(keeps(0, 1, true, limits));
}

TEST(PoolState, an_idle_connection_is_used_then_pinged_then_closed) {
  PoolLimits limits;
  limits.ping_after = std::chrono::seconds(10);
  limits.max_idle_time = std::chrono::seconds(100);
  EXPECT_EQ(judge_idle(std::chrono::seconds(9), false, limits), IdleVerdict::kUse);
  EXPECT_EQ(judge_idle(std::chrono::seconds(10), false, limits), IdleVerdict::kPing);
  EXPECT_EQ(judge_idle(std::chrono::seconds(100), false, limits), IdleVerdict::kClose);
  EXPECT_EQ(judge_idle(std::chrono::seconds(1), true, limits), IdleVerdict::kClose);
}

}  // namespace
}  // namespace sluice::backend
