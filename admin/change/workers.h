// Threads for work that waits for servers: checks and runs of tasks. A bounded queue; what does not
// fit is found again by its owner later.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice::change {

class Workers {
 public:
  explicit Workers(unsigned threads);
  ~Workers();  // waits for what runs
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False: every thread is busy and one piece each waits already. `work` must not throw.
  [[nodiscard]] bool submit(std::function<void()> work);
  // Nothing more begins; true when all that ran has ended within `limit`.
  [[nodiscard]] bool stop(std::chrono::milliseconds limit);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sluice::change
