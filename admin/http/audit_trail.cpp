#include "admin/http/audit_trail.h"

#include "admin/http/json.h"

namespace sluice::http {
namespace {

constexpr std::chrono::seconds kFlushEvery{1};

std::string key_of(const store::AuditEntry& entry) {
  std::string key;
  for (const auto* field :
       {&entry.actor, &entry.action, &entry.target, &entry.outcome, &entry.detail}) {
    key += std::to_string(field->size()) + ':' + *field;
  }
  return key;
}

}  // namespace

void AuditTrail::start() {
  writer_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, kFlushEvery, [this] { return stopping_; })) {
      lock.unlock();
      flush();
      lock.lock();
    }
  });
}

void AuditTrail::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    stopped_.notify_all();
  }
  if (writer_.joinable()) writer_.join();
  flush(true);
}

bool AuditTrail::read(store::AuditEntry entry) {
  const auto now = sources_.now();
  const std::lock_guard lock(mutex_);
  const std::string key = key_of(entry);
  const auto open = windows_.find(key);
  if (open != windows_.end() && now - open->second.since < kWindow) {
    ++open->second.more;
    open->second.last = entry.time;
    return true;
  }
  // The old window's count goes before the new window's first.
  if (windows_.size() >= kMaxWaiting || open != windows_.end()) close_windows(false);
  if (windows_.size() >= kMaxWaiting) close_windows(true);
  if (waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(entry);
  windows_[key] = {std::move(entry), now, {}, 0};
  return true;
}

// REQUIRES: mutex_ is held.
void AuditTrail::close_windows(bool all) {
  const auto now = sources_.now();
  for (auto window = windows_.begin(); window != windows_.end();) {
    if (!all && now - window->second.since < kWindow) {
      ++window;
      continue;
    }
    auto& [entry, since, last, more] = window->second;
    if (more > 0) {
      entry.detail += "; " + std::to_string(more) + (more == 1 ? " more time" : " more times") +
                      " since " + to_text(entry.time);
      entry.time = last;
      waiting_.push_back(std::move(entry));
    }
    window = windows_.erase(window);
  }
}

void AuditTrail::flush(bool all) {
  std::vector<store::AuditEntry> entries;
  {
    const std::lock_guard lock(mutex_);
    close_windows(all);
    entries.swap(waiting_);
  }
  if (entries.empty()) return;
  const auto kept = sources_.store.append_audit(entries);
  if (kept) return;
  sources_.log("audit_failed", std::to_string(entries.size()) +
                                   " calls that only asked wait: " + kept.error().detail);
  const std::lock_guard lock(mutex_);
  entries.insert(entries.end(), std::make_move_iterator(waiting_.begin()),
                 std::make_move_iterator(waiting_.end()));
  waiting_ = std::move(entries);
}

}  // namespace sluice::http
