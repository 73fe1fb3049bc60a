// How long the store's statements take, and how many fail: what /metrics shows of it. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

#include "admin/store/database.h"

namespace sluice::store {

// Counts of durations below rising bounds. Readers may see a sum and buckets that one duration
// apart.
class Durations {
 public:
  static constexpr std::array<double, 12> kBounds{0.0001, 0.001, 0.005, 0.01, 0.05, 0.1,
                                                  0.5,    1,     5,     30,   300,  3600};  // s
  static constexpr std::size_t kBuckets = kBounds.size() + 1;  // the last has no bound

  void add(std::chrono::microseconds took) noexcept;
  // Of the bucket alone, not of those below it.
  [[nodiscard]] std::uint64_t bucket(std::size_t i) const noexcept { return buckets_.at(i); }
  [[nodiscard]] double sum() const noexcept { return static_cast<double>(sum_us_) / 1e6; }  // s
  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] static double bound(std::size_t i) noexcept {
    return i < kBounds.size() ? kBounds.at(i) : std::numeric_limits<double>::infinity();
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::uint64_t> sum_us_ = 0;
};

// Of one store. Conflicts and refusals are answers, and no failures.
struct Meter {
  Durations statements;
  Durations turns;  // what a call waits for this program's one connection: others have it
  // What a statement of SQLite's waits for another program's lock on the file, where it waits at
  // all. PostgreSQL does not tell: there it is a part of `statements`.
  Durations locks;
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Failure::kOther) + 1> failures{};

  [[nodiscard]] static bool is_failure(Failure kind) noexcept;
};

// The same database; what it runs is counted. `meter` must outlive it.
[[nodiscard]] std::unique_ptr<Database> metered(std::unique_ptr<Database> database, Meter& meter);

}  // namespace sluice::store
