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

// The store's one connection, and who may use it now. Owned by Store; its parts hold a reference.
struct Shared {
  Meter meter;
  std::mutex mutex;
  std::unique_ptr<Database> database;
};

}  // namespace sluice::store
