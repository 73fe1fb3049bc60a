// The coroutine type of the data path: a value that arrives later, on the same thread.
//
// Lazy: it starts when it is awaited and then runs without a scheduler in between. A task that ends
// without having suspended gives control back by a plain return, and one that ends later resumes
// its awaiter directly: a chain costs no queue, and the stack stays as deep as the chain, in every
// build mode. A frame holds nothing beside the coroutine's own variables and four words.
// g++ 12 mishandles temporaries that own something (a string, a buffer) and are arguments inside a
// co_await expression: it copies their bytes, or never resumes. Such arguments are named variables;
// and so is an awaited result of more than a bool that nobody needs: a frame has been seen to trap.
// Coroutines are named functions; parameters are values, or references that the awaiter owns.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace sluice::net {

template <class T = void>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> awaiter;
  std::exception_ptr failure;
  bool starting = false;
  bool finished = false;

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      promise.finished = true;
      // The awaiter may destroy this frame; nothing of it is touched afterwards.
      if (!promise.starting && promise.awaiter) promise.awaiter.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle handle;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiter) const {
      auto& promise = handle.promise();
      promise.awaiter = awaiter;
      promise.starting = true;
      handle.resume();
      promise.starting = false;
      return !promise.finished;
    }
    T await_resume() const { return handle.promise().take(); }
  };
  Awaiter operator co_await() && noexcept { return {handle_}; }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

// Runs a task on its own; the frame ends itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

inline Detached run_detached(Task<void> task, std::function<void(std::exception_ptr)> on_end) {
  std::exception_ptr failure;
  try {
    co_await std::move(task);
  } catch (...) {
    failure = std::current_exception();
  }
  if (on_end) on_end(failure);
}

}  // namespace detail

// Starts a task that nobody awaits. `on_end` is called once, with what it threw (a bug, or no
// memory) or nothing; after it, nothing of the task is left but this call.
inline void spawn(Task<void> task, std::function<void(std::exception_ptr)> on_end) {
  detail::run_detached(std::move(task), std::move(on_end));
}

}  // namespace sluice::net
