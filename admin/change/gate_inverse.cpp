// The rows of recorded data changes, kept for a rollback where the environment says so: taken out
// of the binary log when the change is written down, so that they outlive the log. A thread of its
// own: the keeper's beats do not wait for a server's log.
#include "admin/change/gate_sink.h"
#include "admin/change/rollback_source.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

// Changes that wait for it. More are left to the binary log, where a rollback looks for what is
// not kept.
constexpr std::size_t kMaxWanted = 1000;
constexpr std::chrono::seconds kTime{60};  // for one change

}  // namespace

void GateSink::want_rows(const store::GateChange& row, const Outcome& outcome,
                         const std::vector<store::Id>& changes) {
  if (outcome.status != store::ChangeStatus::kDone) return;
  if (row.kind != policy::IssueKind::kDataUpdate) return;
  const std::lock_guard lock(mutex_);
  for (const store::Id change : changes) {
    if (rows_wanted_.size() >= kMaxWanted) return;
    rows_wanted_.push_back(change);
  }
  changed_.notify_all();
}

void GateSink::keep_rows_of(store::Id id) {
  const auto not_kept = [&](const std::string& why) {
    services_.log("rollback.not_kept", "change " + std::to_string(id) + ": " + why);
  };
  const auto change = services_.store.history().get(id);
  if (!change) return not_kept(change.error().detail);
  if (change->affected_rows == 0 && change->gtids.empty()) return;
  const auto limits = rollback_limits_of(services_.store, change->instance);
  if (!limits) return not_kept(limits.error().detail);
  if (!limits->keep || !limits->recorded) return;
  const auto options = control_options(services_.store, change->instance);
  if (!options) return not_kept(options.error().detail);
  mysql::Limits patience;
  patience.deadline = std::chrono::steady_clock::now() + kTime;
  patience.cancellation = &cancel_rows_;
  const auto kept =
      rows_of_change({services_.store, services_.now(), *limits}, *options, *change, patience);
  if (!kept) return not_kept(kept.error().detail);
  if (kept->state != store::RollbackState::kWhole) not_kept(kept->reason);
}

void GateSink::keep_wanted_rows() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !rows_wanted_.empty(); });
    if (stopping_) return;
    const store::Id change = rows_wanted_.front();
    rows_wanted_.pop_front();
    lock.unlock();
    keep_rows_of(change);
    lock.lock();
  }
}

}  // namespace sluice::change
