#include "admin/change/meter.h"

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

std::optional<store::Totals> EngineMeter::totals() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace sluice::change
