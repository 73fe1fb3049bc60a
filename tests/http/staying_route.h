// GET /stays: a handler that ends only when its client has gone. Thread: any.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "admin/http/caller.h"
#include "admin/http/server.h"

namespace sluice::http {

// Outlives the server that has its route.
class StayingRoute {
 public:
  Route route() {
    return {"GET", "/stays", [this](const Request& request) {
              bool gone = false;
              request.caller->when_gone([this, &gone] { set(gone); });
              set(entered_);
              wait_until(gone);
              set(ended_);
              return Response{200, "text/plain", "over", {}};
            }};
  }
  // A request is with the handler; each is waited for once.
  void wait_until_entered() { wait_until(entered_); }
  void wait_until_ended() { wait_until(ended_); }
  bool ended() {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  void set(bool& what) {
    const std::lock_guard lock(mutex_);
    what = true;
    changed_.notify_all();
  }
  void wait_until(bool& what) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::exchange(what, false); });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool ended_ = false;
};

}  // namespace sluice::http
