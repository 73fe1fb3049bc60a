// A value that one thread replaces and all threads read: each reader gets the value whole, as it
// was when it asked. A mutex and not std::atomic<std::shared_ptr>: libstdc++ 12's load() lets go of
// its lock bit without a release, which ThreadSanitizer reports and the language calls a race. What
// asks once a statement compares a version first. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace sluice::policy {

template <class T>
class SharedValue {
 public:
  SharedValue() = default;
  explicit SharedValue(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  [[nodiscard]] std::shared_ptr<const T> load() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  // The value that was there ends outside the lock, when its last reader lets go of it.
  void store(std::shared_ptr<const T> value) {
    const std::scoped_lock lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace sluice::policy
