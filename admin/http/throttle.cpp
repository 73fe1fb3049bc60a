#include "admin/http/throttle.h"

#include <algorithm>

namespace sluice::http {
namespace {

// Apart from each other, whatever a client sends as its email.
std::string address_key(const std::string& address) {
  return "a " + address;
}
std::string email_key(const std::string& email) {
  return "e " + email;
}

}  // namespace

std::chrono::seconds Throttle::blocked(const std::string& key, int limit, Clock::time_point now) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return {};
  const Entry& entry = *found->second;
  if (now - entry.last >= kForget) {
    entries_.erase(found->second);
    by_key_.erase(found);
    return {};
  }
  if (entry.failures < limit || now - entry.last >= kBlock) return {};
  // Rounded up: a client that waits as told is let in.
  return std::chrono::ceil<std::chrono::seconds>(kBlock - (now - entry.last));
}

int Throttle::count(const std::string& key, Clock::time_point now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    Entry& entry = *found->second;
    entry.failures = now - entry.last >= kForget ? 1 : entry.failures + 1;
    entry.last = now;
    entries_.splice(entries_.begin(), entries_, found->second);
    return entry.failures;
  }
  if (entries_.size() >= kMaxKeys) {
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, 1, now});
  by_key_[key] = entries_.begin();
  return 1;
}

std::chrono::seconds Throttle::blocked_for(const std::string& address, const std::string& email,
                                           Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return std::max(blocked(address_key(address), kAddressLimit, now),
                  blocked(email_key(email), kEmailLimit, now));
}

std::chrono::milliseconds Throttle::failed(const std::string& address, const std::string& email,
                                           Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  count(address_key(address), now);
  const int failures = count(email_key(email), now);
  if (failures <= kFree) return {};
  const int doublings = std::min(failures - kFree - 1, 10);
  return std::min(kFirstDelay * (1 << doublings), kMaxDelay);
}

void Throttle::succeeded(const std::string& email) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(email_key(email));
  if (found == by_key_.end()) return;
  entries_.erase(found->second);
  by_key_.erase(found);
}

std::size_t Throttle::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace sluice::http
