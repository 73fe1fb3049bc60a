// Whether who has asked still waits for the answer: the server looks after the connection while a
// call is under way, so that what is done for somebody who has gone can be ended.
//
// Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace sluice::http {

class Caller {
 public:
  // `then` is called once, when the caller goes; at once when that has happened already. It takes
  // the place of the one before; an empty one forgets it, and once this has returned it is not
  // called any more. It must not block, nor call this object.
  void when_gone(std::function<void()> then) {
    const std::lock_guard lock(mutex_);
    then_ = std::move(then);
    if (gone_) tell();
  }
  // The client has closed its connection, or only its sending side: who does that after an HTTP
  // request waits for nothing that takes long. Or the server ends.
  void leave() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    tell();
  }
  [[nodiscard]] bool gone() const {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

 private:
  void tell() {
    if (const auto then = std::exchange(then_, nullptr)) then();
  }
  mutable std::mutex mutex_;
  std::function<void()> then_;
  bool gone_ = false;
};

}  // namespace sluice::http
