// What the engine and the scans of this program have done: what /metrics shows of it. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "admin/store/store.h"
#include "policy/change/change.h"

namespace sluice::change {

class EngineMeter {
 public:
  static constexpr std::size_t kKinds =
      static_cast<std::size_t>(policy::IssueKind::kSchemaBaseline) + 1;
  static constexpr std::size_t kStates = static_cast<std::size_t>(policy::TaskStatus::kCount);
  static constexpr std::size_t kResults = static_cast<std::size_t>(policy::CheckResult::kError) + 1;
  using Count = std::atomic<std::uint64_t>;

  // A run of this program's that came to its end.
  void run_ended(policy::IssueKind kind, policy::TaskStatus status,
                 std::chrono::microseconds took) noexcept;
  void checked(policy::CheckResult result, std::chrono::microseconds took) noexcept;
  void taken_over() noexcept { ++taken_over_; }
  void set_running(std::size_t runs) noexcept { running_ = runs; }
  // What the whole workspace has; nothing while the store does not answer.
  void set_totals(std::optional<store::Totals> totals);

  [[nodiscard]] std::uint64_t runs(std::size_t kind, std::size_t state) const noexcept {
    return runs_.at(kind).at(state);
  }
  [[nodiscard]] const store::Durations& run_time(std::size_t kind) const { return time_.at(kind); }
  [[nodiscard]] std::uint64_t checks(std::size_t result) const { return checks_.at(result); }
  [[nodiscard]] const store::Durations& check_time() const noexcept { return check_time_; }
  [[nodiscard]] std::uint64_t taken_over_runs() const noexcept { return taken_over_; }
  [[nodiscard]] std::uint64_t running() const noexcept { return running_; }
  [[nodiscard]] std::optional<store::Totals> totals() const;

 private:
  std::array<std::array<Count, kStates>, kKinds> runs_{};
  std::array<store::Durations, kKinds> time_{};
  std::array<Count, kResults> checks_{};
  store::Durations check_time_;
  Count taken_over_ = 0;
  Count running_ = 0;
  mutable std::mutex mutex_;
  std::optional<store::Totals> totals_;
};

// How binary logs of instances are followed by this program.
class WatchMeter {
 public:
  enum class State : std::uint8_t {
    kAway,         // the server or the store does not answer
    kFollowing,    // read as it is written
    kElsewhere,    // another program on the store follows it
    kUnavailable,  // the log cannot be followed: anomaly instance.watch
  };
  static constexpr std::array<const char*, 4> kStates{"away", "following", "elsewhere",
                                                      "unavailable"};
  struct Watched {
    std::string instance;  // its name
    State state = State::kAway;
    std::uint64_t events = 0;      // read
    std::uint64_t statements = 0;  // that did not pass Sluice
    // How old the newest event was when it was read, by the server's clock and ours; 0: the end of
    // the log was reached since.
    std::chrono::seconds lag{};
  };

  void set_state(store::Id instance, const std::string& name, State state);
  void read_event(store::Id instance, std::chrono::seconds age);
  void reached_end(store::Id instance);
  void found_statement(store::Id instance);
  void forget(store::Id instance);
  [[nodiscard]] std::vector<Watched> watched() const;

 private:
  mutable std::mutex mutex_;
  std::map<store::Id, Watched> watched_;  // under the mutex
};

// Scans of databases, by what they found.
struct ScanMeter {
  static constexpr std::array<const char*, 5> kOutcomes{"same", "drift", "first_sight", "busy",
                                                        "failed"};
  std::array<std::atomic<std::uint64_t>, kOutcomes.size()> scans{};
  store::Durations time;
};

}  // namespace sluice::change
