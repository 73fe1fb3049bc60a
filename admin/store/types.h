// What every part of the store counts and times with, and the connection that they share.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "admin/store/database.h"
#include "admin/store/meter.h"

namespace sluice::store {

using Id = std::int64_t;
using Time = std::chrono::sys_time<std::chrono::microseconds>;

// The store's one connection is one thread's at a time: a mutex that counts how long its callers
// waited for it, those that did not wait among them.
class Turn {
 public:
  explicit Turn(Durations& waits) : waits_(waits) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  void lock();
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
  Durations& waits_;
};

// The store's one connection, and who may use it now. Owned by Store; its parts hold a reference.
struct Shared {
  Meter meter;
  Turn mutex{meter.turns};
  std::unique_ptr<Database> database;
};

}  // namespace sluice::store
