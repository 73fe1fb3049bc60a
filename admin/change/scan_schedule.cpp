// When scans begin, and on which threads.
#include <algorithm>
#include <random>

#include "admin/change/scan.h"

namespace sluice::change {

Scans::Scans(ScanServices services, ScanConfig config)
    : services_(std::move(services)), config_(config) {}

Scans::~Scans() {
  stop();
}

mysql::Limits Scans::limits() {
  mysql::Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + config_.timeout;
  limits.cancellation = &cancellation_;
  return limits;
}

bool Scans::begin(store::Id instance, bool leased, std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !in_hand_.emplace(instance, leased).second) return false;
  }
  const auto leave = [this, instance] {
    const std::lock_guard lock(mutex_);
    in_hand_.erase(instance);
    poked_ = true;
    changed_.notify_all();
  };
  const bool begun = scanners_->submit([work = std::move(work), leave] {
    work();
    leave();
  });
  if (!begun) leave();
  return begun;
}

void Scans::end_turn(store::Id instance, std::chrono::microseconds wait) {
  const auto ended = services_.store.anomalies().end_turn(instance, services_.now() + wait);
  if (!ended) services_.log("scan_failed", ended.error().detail);
}

void Scans::renew_leases() {
  std::vector<store::Id> held;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [instance, leased] : in_hand_) {
      if (leased) held.push_back(instance);
    }
  }
  for (const auto instance : held) {
    const auto put =
        services_.store.anomalies().extend_turn(instance, services_.now() + config_.lease);
    if (!put) services_.log("scan_failed", put.error().detail);
  }
}

// Each instance's turn comes an interval after the last one's end, up to a tenth sooner, so that
// those of one environment do not come at once.
bool Scans::take_turn(const store::Instance& instance, std::chrono::microseconds interval,
                      bool at_once) {
  {
    const std::lock_guard lock(mutex_);
    if (in_hand_.contains(instance.id)) return false;
  }
  const auto now = services_.now();
  const auto due = at_once ? std::chrono::microseconds(0) : interval;
  const auto mine =
      services_.store.anomalies().take_turn(instance.id, now, due, now + config_.lease);
  if (!mine) services_.log("scan_failed", mine.error().detail);
  if (!mine || !*mine) return false;
  const bool begun = begin(instance.id, true, [this, id = instance.id, interval] {
    scan_instance(id);
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> jitter(0, interval.count() / 10);
    // A scan that was broken off is the next program's first.
    const auto wait = interval - std::chrono::microseconds(jitter(random));
    end_turn(id, cancellation_.requested() ? std::chrono::microseconds(0) : wait);
  });
  // Every scanner is busy: the turn stands until the next poll.
  if (!begun) end_turn(instance.id, std::chrono::microseconds(0));
  return begun;
}

void Scans::take_turns(bool all) {
  const auto instances = services_.store.instances();
  const auto environments = services_.store.environments();
  if (!instances || !environments) return services_.log("scan_failed", "the store does not answer");
  // A scan that runs already may have passed what is to be seen: that instance is scanned again.
  for (const auto& instance : *instances) {
    if (all) all_.insert(instance.id);
  }
  {
    const std::lock_guard lock(mutex_);
    all_.merge(std::exchange(sync_wanted_, {}));
  }
  for (const auto& instance : *instances) {
    if (instance.engine != "mysql" || cancellation_.requested()) continue;
    const auto environment =
        std::find_if(environments->begin(), environments->end(),
                     [&](const auto& one) { return one.id == instance.environment; });
    if (environment == environments->end()) continue;
    const std::chrono::seconds interval(environment->drift_interval_seconds);
    if (take_turn(instance, interval, all_.contains(instance.id))) all_.erase(instance.id);
  }
}

void Scans::take_wanted() {
  std::set<store::Id> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted.swap(wanted_);
  }
  for (const auto id : wanted) {
    const auto database = services_.store.databases().get(id);
    if (!database) continue;  // removed meanwhile
    const bool begun = begin(database->instance, false, [this, id] {
      const auto scanned = scan(id);
      if (scanned || scanned.error().kind == ScanFault::Kind::kGone) return;
      services_.log("scan_failed", scanned.error().kind == ScanFault::Kind::kStore
                                       ? scanned.error().store.detail
                                       : scanned.error().finding.title);
    });
    if (begun) continue;
    const std::lock_guard lock(mutex_);
    wanted_.insert(id);  // when its instance is left, or at the next poll
  }
}

void Scans::schedule() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    poked_ = false;
    const bool all = std::exchange(all_wanted_, false);
    lock.unlock();
    renew_leases();
    take_wanted();
    take_turns(all);
    lock.lock();
    changed_.wait_for(lock, config_.poll, [this] { return stopping_ || poked_; });
  }
}

void Scans::scan_soon() {
  const std::lock_guard lock(mutex_);
  all_wanted_ = poked_ = true;
  changed_.notify_all();
}

void Scans::scan_soon(store::Id database) {
  const std::lock_guard lock(mutex_);
  wanted_.insert(database);
  poked_ = true;
  changed_.notify_all();
}

void Scans::sync_soon(store::Id instance) {
  const std::lock_guard lock(mutex_);
  sync_wanted_.insert(instance);
  poked_ = true;
  changed_.notify_all();
}

void Scans::start() {
  scanners_ = std::make_unique<Workers>(config_.scanners);
  scheduler_ = std::thread([this] { schedule(); });
}

void Scans::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  cancellation_.request();
  if (scheduler_.joinable()) scheduler_.join();
  scanners_.reset();  // waits for what it reads, which is being ended
  // Those that had not begun yet.
  for (const auto& [instance, leased] : std::exchange(in_hand_, {})) {
    if (leased) end_turn(instance, std::chrono::microseconds(0));
  }
}

}  // namespace sluice::change
