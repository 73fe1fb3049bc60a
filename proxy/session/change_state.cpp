#include "proxy/session/change_state.h"

#include <utility>

namespace sluice::session {

void PreparedXa::put(std::string key, Transaction changes) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMost) kept_.insert_or_assign(std::move(key), std::move(changes));
}

std::optional<Transaction> PreparedXa::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end()) return std::nullopt;
  return found->second;
}

bool PreparedXa::contains(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  return kept_.contains(key);
}

void PreparedXa::erase(const std::string& key) {
  const std::lock_guard lock(mutex_);
  kept_.erase(key);
}

}  // namespace sluice::session
