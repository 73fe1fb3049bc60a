// One thread's event loop: edge-triggered epoll, and coroutines that wait for descriptors.
//
// It is written for the fewest system calls a statement. A descriptor is registered once, when it
// is made. Whether it is worth a recv is remembered from the last event and the last short read, so
// no read is tried on an empty socket and no epoll_ctl is made on the way. EPOLLRDHUP is part of
// the registration: the end of a stream that arrived together with data is an event of its own, so
// that skipping the read after a short one can never miss it. Asio's reactor leaves RDHUP out and
// tries a recv before each wait; that is why the data path does not use it (Asio serves the admin
// port).
//
// Deadlines belong to descriptors and are looked at every kTick: no timer a connection.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "proxy/net/buffer_pool.h"

struct epoll_event;

namespace sluice::net {

class Descriptor;

// The two system calls that move bytes, as a table, so that tests can make each fail or be short.
struct IoCalls {
  ssize_t (*recv)(int descriptor, void* into, std::size_t size);
  ssize_t (*send)(int descriptor, const void* from, std::size_t size);
  // A read that gave less than there was room for emptied the socket. The kernel's do.
  bool short_read_is_all = true;
};
[[nodiscard]] const IoCalls& system_calls() noexcept;

// Called on the loop's thread about every kTick.
class Ticker {
 public:
  virtual ~Ticker() = default;
  virtual void on_tick() = 0;
};

class Loop {
 public:
  static constexpr std::chrono::milliseconds kTick{200};

  explicit Loop(const IoCalls& calls = system_calls());
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). One thread; everything but post() and stop() belongs to it.
  void run();
  // One round: waits at most `limit` for events and handles them. For tests.
  void run_once(std::chrono::milliseconds limit);
  void stop();
  // Has `work` run on the loop's thread. Any thread. Never throws after the loop ended: the work is
  // then dropped with the loop.
  void post(std::function<void()> work);
  // Resumes it after the events at hand. The loop's thread only.
  void resume_soon(std::coroutine_handle<> coroutine) { soon_.push_back(coroutine); }

  void add_ticker(Ticker& ticker) { tickers_.push_back(&ticker); }
  void remove_ticker(Ticker& ticker) noexcept { std::erase(tickers_, &ticker); }

  // Of the last wake-up.
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept { return now_; }
  [[nodiscard]] BufferPool& buffers() noexcept { return buffers_; }
  [[nodiscard]] const IoCalls& calls() const noexcept { return calls_; }

 private:
  friend class Descriptor;
  friend struct Wait;
  void add(Descriptor& descriptor);
  void remove(Descriptor& descriptor) noexcept;
  void want_write_events(Descriptor& descriptor) noexcept;
  void run_posted();
  void tick();
  void resume_batch();
  void resume_all_soon();
  [[nodiscard]] std::uint32_t ticks_from_now(std::chrono::milliseconds time) const noexcept;

  const IoCalls& calls_;
  BufferPool buffers_;
  int epoll_ = -1;
  int wake_ = -1;
  bool stop_asked_ = false;  // guarded by mutex_
  bool stopped_ = false;
  std::chrono::steady_clock::time_point now_;
  std::chrono::steady_clock::time_point next_tick_;
  std::uint32_t tick_count_ = 1;
  Descriptor* first_ = nullptr;
  std::vector<Descriptor*> batch_;  // those whose events are being handled; null: gone meanwhile
  std::vector<Descriptor*> cancelled_;  // their waiters are resumed at the end of the round
  std::vector<std::coroutine_handle<>> soon_;
  std::vector<Ticker*> tickers_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_
};

// How a wait ended.
enum class Wake : std::uint8_t { kReady, kTimedOut, kCancelled };

// A descriptor registered with a loop; it closes the descriptor when it ends. At most one coroutine
// waits for it at a time. The loop must outlive it, and it must outlive the wait.
class Descriptor {
 public:
  enum Interest : std::uint8_t { kRead = 1, kWrite = 2, kHangUp = 4 };

  Descriptor(Loop& loop, int descriptor);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] Loop& loop() const noexcept { return loop_; }

  // Whether a read may give something; it said so, or nobody has looked yet.
  [[nodiscard]] bool readable() const noexcept { return readable_; }
  // The last read found the end of what is there. Not believed once the peer hung up: then a read
  // gives the rest and the end of the stream.
  void read_exhausted() noexcept { readable_ = hung_up_; }
  void write_exhausted() noexcept { writable_ = false; }
  // The peer closed its side, or the connection is broken.
  [[nodiscard]] bool hung_up() const noexcept { return hung_up_; }

  // From now on waits end with kTimedOut after `time` (rounded up to ticks). Zero: never.
  void set_deadline(std::chrono::milliseconds time) noexcept {
    deadline_ = time.count() == 0 ? 0 : loop_.ticks_from_now(time);
    timed_out_ = false;
  }
  // The current wait and all later ones end with kCancelled, until uncancel().
  void cancel() noexcept;
  void uncancel() noexcept { cancelled_ = false; }
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_; }

 private:
  friend class Loop;
  friend struct Wait;
  [[nodiscard]] bool met(std::uint8_t interest) const noexcept {
    return cancelled_ || timed_out_ || ((interest & kRead) != 0 && readable_) ||
           ((interest & kWrite) != 0 && writable_) || ((interest & kHangUp) != 0 && hung_up_);
  }
  void on_events(std::uint32_t events) noexcept;
  void resume_if_met();

  Loop& loop_;
  Descriptor* previous_ = nullptr;
  Descriptor* next_ = nullptr;
  std::coroutine_handle<> waiter_;
  int descriptor_;
  std::uint32_t deadline_ = 0;  // in ticks of the loop; 0: none
  std::uint8_t interest_ = 0;
  bool readable_ = true;
  bool writable_ = true;
  bool hung_up_ = false;
  bool cancelled_ = false;
  bool timed_out_ = false;
  bool write_events_ = false;
};

// Waits for one descriptor, or for the first of two. What is ready is seen from the descriptors.
struct Wait {
  Descriptor& first;
  std::uint8_t first_interest;
  Descriptor* second = nullptr;
  std::uint8_t second_interest = 0;

  [[nodiscard]] bool await_ready() const noexcept {
    return first.met(first_interest) || (second != nullptr && second->met(second_interest));
  }
  void await_suspend(std::coroutine_handle<> waiter) noexcept;
  [[nodiscard]] Wake await_resume() noexcept;
};

[[nodiscard]] inline Wait wait_readable(Descriptor& descriptor) noexcept {
  return {descriptor, Descriptor::kRead};
}
[[nodiscard]] inline Wait wait_writable(Descriptor& descriptor) noexcept {
  return {descriptor, Descriptor::kWrite};
}

// Something that one coroutine waits for and other code of the same thread sets.
class Signal {
 public:
  explicit Signal(Loop& loop) noexcept : loop_(loop) {}
  void set() noexcept {
    if (set_) return;
    set_ = true;
    if (waiter_) loop_.resume_soon(waiter_);
  }
  [[nodiscard]] bool is_set() const noexcept { return set_; }
  [[nodiscard]] bool await_ready() const noexcept { return set_; }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  std::coroutine_handle<> waiter_;
  bool set_ = false;
};

}  // namespace sluice::net
