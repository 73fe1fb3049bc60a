#include "admin/http/throttle.h"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

const Throttle::Clock::time_point kStart{};

TEST(Throttle, AnAddressThatTriesManyEmailsIsBlockedToo) {
  Throttle throttle;
  for (int i = 0; i < Throttle::kAddressLimit; ++i) {
    const auto email = std::to_string(i) + "@x";
    EXPECT_EQ(throttle.blocked_for("a", email, kStart).count(), 0);
    (void)throttle.failed("a", email, kStart);
  }
  EXPECT_EQ(throttle.blocked_for("a", "new@x", kStart), Throttle::kBlock);
  EXPECT_EQ(throttle.blocked_for("b", "new@x", kStart).count(), 0);
  // A success of one email leaves the address counted.
  throttle.succeeded("0@x");
  EXPECT_EQ(throttle.blocked_for("a", "0@x", kStart), Throttle::kBlock);
}

TEST(Throttle, IsForgottenAfterAWhileAndStartsAnew) {
  Throttle throttle;
  for (int i = 0; i < Throttle::kEmailLimit; ++i) (void)throttle.failed("a", "e", kStart);
  EXPECT_GT(throttle.blocked_for("b", "e", kStart).count(), 0);
  EXPECT_EQ(throttle.blocked_for("b", "e", kStart + Throttle::kBlock).count(), 0);
  // One more failure blocks again at once: it was let in, not forgotten.
  (void)throttle.failed("b", "e", kStart + Throttle::kBlock);
  EXPECT_GT(throttle.blocked_for("b", "e", kStart + Throttle::kBlock).count(), 0);
  const auto later = kStart + Throttle::kBlock + Throttle::kForget;
  EXPECT_EQ(throttle.blocked_for("b", "e", later).count(), 0);
  EXPECT_EQ(throttle.failed("b", "e", later).count(), 0);
}

TEST(Throttle, KeepsABoundedNumberAndForgetsTheOldestFirst) {
  Throttle throttle;
  for (int i = 0; i < Throttle::kEmailLimit; ++i) (void)throttle.failed("a", "kept", kStart);
  for (std::size_t i = 0; i < Throttle::kMaxKeys; ++i) {
    if (i % 100 == 0) (void)throttle.failed("a", "kept", kStart);
    (void)throttle.failed("a", std::to_string(i), kStart);
  }
  EXPECT_EQ(throttle.size(), Throttle::kMaxKeys);
  EXPECT_GT(throttle.blocked_for("b", "kept", kStart).count(), 0);
  EXPECT_EQ(throttle.blocked_for("b", "0", kStart).count(), 0);
}

}  // namespace
}  // namespace sluice::http
