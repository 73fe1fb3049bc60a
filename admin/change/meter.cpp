#include "admin/change/meter.h"

#include <algorithm>

namespace sluice::change {

void EngineMeter::run_ended(policy::IssueKind kind, policy::TaskStatus status,
                            std::chrono::microseconds took) noexcept {
  ++runs_.at(static_cast<std::size_t>(kind)).at(static_cast<std::size_t>(status));
  time_.at(static_cast<std::size_t>(kind)).add(took);
}

void EngineMeter::checked(policy::CheckResult result, std::chrono::microseconds took) noexcept {
  ++checks_.at(static_cast<std::size_t>(result));
  check_time_.add(took);
}

void EngineMeter::set_totals(std::optional<store::Totals> totals) {
  const std::lock_guard lock(mutex_);
  totals_ = std::move(totals);
}

void WatchMeter::set_state(store::Id instance, const std::string& name, State state) {
  const std::lock_guard lock(mutex_);
  auto& one = watched_[instance];
  one.instance = name;
  one.state = state;
  if (state != State::kFollowing) one.lag = {};
}

void WatchMeter::read_event(store::Id instance, std::chrono::seconds age) {
  const std::lock_guard lock(mutex_);
  auto& one = watched_[instance];
  ++one.events;
  one.lag = std::max(age, std::chrono::seconds(0));
}

void WatchMeter::reached_end(store::Id instance) {
  const std::lock_guard lock(mutex_);
  watched_[instance].lag = {};
}

void WatchMeter::found_statement(store::Id instance) {
  const std::lock_guard lock(mutex_);
  ++watched_[instance].statements;
}

void WatchMeter::forget(store::Id instance) {
  const std::lock_guard lock(mutex_);
  watched_.erase(instance);
}

std::vector<WatchMeter::Watched> WatchMeter::watched() const {
  const std::lock_guard lock(mutex_);
  std::vector<Watched> all;
  for (const auto& [instance, one] : watched_) all.push_back(one);
  return all;
}

std::optional<store::Totals> EngineMeter::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace sluice::change
