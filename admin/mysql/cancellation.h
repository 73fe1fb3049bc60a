// A wish, from another thread, that a running statement ends; and the watch that carries it out.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace sluice::mysql {

// Made by who may want to end a statement; given to Connection with Limits. It must outlive the
// statements that it is given to. Once requested it stays so: every later statement ends at once.
class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void request();  // any thread
  [[nodiscard]] bool requested() const;

 private:
  friend class Watch;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool requested_ = false;
};

// What one statement may take.
struct Limits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  Cancellation* cancellation = nullptr;
  std::uint64_t max_bytes = std::uint64_t{256} << 20;  // of rows that query() and execute() keep
};

}  // namespace sluice::mysql
