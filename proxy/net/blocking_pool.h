// Threads for what blocks: name resolution, password commands, password hashing. The data path
// hands work over and awaits it; the result is made on the pool's thread and taken on the loop's.
// At most kQueue pieces wait; more are refused, and the caller treats that as the work's failure.
#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"

namespace sluice::net {

class BlockingPool {
 public:
  static constexpr std::size_t kQueue = 4096;  // a login each, at worst

  explicit BlockingPool(unsigned threads);
  // Waits for what is running; what is queued is dropped. The loops must not run any more, or must
  // have no coroutine that still awaits the pool.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // False: the queue is full.
  [[nodiscard]] bool submit(std::function<void()> work);

  // co_await pool.run(loop, f): what f() gives, or nothing when the queue is full. `f` owns what it
  // uses; it must not throw.
  template <class F>
  struct Run {
    using Value = std::invoke_result_t<F&>;
    struct Shared {
      explicit Shared(F f) : work(std::move(f)) {}
      F work;
      std::optional<Value> value;
      std::coroutine_handle<> waiter;
    };
    BlockingPool& pool;
    Loop& loop;
    std::shared_ptr<Shared> shared;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiter) {
      shared->waiter = waiter;
      return pool.submit([held = shared, to = &loop] {
        held->value.emplace(held->work());
        to->post([held] { held->waiter.resume(); });
      });
    }
    std::optional<Value> await_resume() { return std::move(shared->value); }
  };
  template <class F>
  [[nodiscard]] Run<F> run(Loop& loop, F work) {
    return {*this, loop, std::make_shared<typename Run<F>::Shared>(std::move(work))};
  }

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::net
