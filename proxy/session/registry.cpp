#include "proxy/session/registry.h"

#include <utility>

namespace sluice::session {
namespace {

SessionInfo shown(const Registry::Entry& entry) {
  SessionInfo info = entry.fixed;
  info.backend_id = entry.backend_id.load(std::memory_order_relaxed);
  info.statements = entry.statements.load(std::memory_order_relaxed);
  info.state = entry.busy.load(std::memory_order_relaxed) ? "busy" : "idle";
  return info;
}

}  // namespace

void Registry::add(std::shared_ptr<Entry> entry) {
  const std::lock_guard lock(mutex_);
  const std::uint32_t id = entry->fixed.id;
  entries_[id] = std::move(entry);
}

void Registry::remove(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
}

std::vector<SessionInfo> Registry::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<SessionInfo> all;
  all.reserve(entries_.size());
  for (const auto& [id, entry] : entries_) all.push_back(shown(*entry));
  return all;
}

std::optional<SessionInfo> Registry::find(std::uint32_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return shown(*found->second);
}

bool Registry::kill(std::uint32_t id, KillScope scope) {
  // Under the lock: a session removes itself before it ends, so its thread is still there.
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return false;
  found->second->kill(scope);
  return true;
}

}  // namespace sluice::session
