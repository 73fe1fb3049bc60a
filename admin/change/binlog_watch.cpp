#include "admin/change/binlog_watch.h"

#include "admin/change/log_session.h"

namespace sluice::change {

// One instance, and the thread that follows its log.
class BinlogWatch::Follow {
 public:
  Follow(BinlogWatch& watch, store::Id instance, std::string where)
      : instance_(instance), where_(std::move(where)) {
    thread_ = std::thread([this, &watch] { watch.follow(*this); });
  }
  ~Follow() {
    stop();
    thread_.join();
  }
  Follow(const Follow&) = delete;
  Follow& operator=(const Follow&) = delete;

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    cancellation_.request();
  }
  // False: stopped meanwhile.
  [[nodiscard]] bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return stopping_; });
  }
  [[nodiscard]] store::Id instance() const noexcept { return instance_; }
  [[nodiscard]] const std::string& where() const noexcept { return where_; }
  [[nodiscard]] mysql::Cancellation& cancellation() noexcept { return cancellation_; }

 private:
  store::Id instance_;
  std::string where_;  // how it is reached: another way is another follow
  mysql::Cancellation cancellation_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

BinlogWatch::BinlogWatch(ScanServices services, Scans& scans, BinlogWatchConfig config)
    : services_(std::move(services)), scans_(scans), config_(std::move(config)) {}

BinlogWatch::~BinlogWatch() {
  stop();
}

void BinlogWatch::follow(Follow& one) {
  constexpr std::chrono::milliseconds kFirst{200};
  auto wait = kFirst;
  while (true) {
    LogSession session(services_, scans_, config_, meter_, one.instance(), one.cancellation());
    const auto begun = std::chrono::steady_clock::now();
    const auto end = session.run();
    if (end == LogEnd::kStopped) return;
    // One that held for a while begins anew.
    if (std::chrono::steady_clock::now() - begun > config_.retry_max) wait = kFirst;
    if (end == LogEnd::kUnavailable) wait = std::chrono::milliseconds(config_.retry_max);
    if (!one.pause(wait)) return;
    wait = std::min(2 * wait, std::chrono::milliseconds(config_.retry_max));
    // Another program's watch ends with its lease.
    if (end == LogEnd::kLater) wait = std::min(wait, std::chrono::milliseconds(config_.lease / 2));
  }
}

std::map<store::Id, std::string> BinlogWatch::wanted() {
  std::map<store::Id, std::string> wanted;
  const auto instances = services_.store.instances();
  const auto environments = services_.store.environments();
  if (!instances || !environments) {
    // A store that is away changes nothing.
    for (const auto& [id, one] : follows_) wanted[id] = one->where();
    return wanted;
  }
  for (const auto& instance : *instances) {
    if (instance.engine != "mysql") continue;
    const auto environment =
        std::find_if(environments->begin(), environments->end(),
                     [&](const auto& one) { return one.id == instance.environment; });
    if (environment == environments->end()) continue;
    if (!read_drift_settings(environment->drift).settings.watch_binlog) continue;
    wanted[instance.id] = instance.host + '\n' + std::to_string(instance.port) + '\n' +
                          instance.username + '\n' + instance.tls_mode + '\n' + instance.tls_ca +
                          '\n' + environment->drift;
  }
  return wanted;
}

void BinlogWatch::adjust() {
  const auto now = wanted();
  for (auto one = follows_.begin(); one != follows_.end();) {
    const auto found = now.find(one->first);
    const bool stays = found != now.end() && found->second == one->second->where();
    if (stays) {
      ++one;
      continue;
    }
    const auto instance = one->first;
    one = follows_.erase(one);  // waits for its thread
    meter_.forget(instance);
  }
  for (const auto& [instance, where] : now) {
    auto& one = follows_[instance];
    if (!one) one = std::make_unique<Follow>(*this, instance, where);
  }
}

void BinlogWatch::supervise() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    adjust();
    lock.lock();
    changed_.wait_for(lock, config_.poll, [this] { return stopping_; });
  }
  lock.unlock();
  for (auto& [instance, one] : follows_) one->stop();
  follows_.clear();
}

void BinlogWatch::start() {
  supervisor_ = std::thread([this] { supervise(); });
}

void BinlogWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (supervisor_.joinable()) supervisor_.join();
}

}  // namespace sluice::change
