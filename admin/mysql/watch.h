// The watch over one running statement: at its deadline, or when its cancellation is requested, it
// ends it with KILL QUERY over a second connection, again until it ends, and cuts the connection
// when that does not help.
#pragma once

#include <optional>
#include <thread>

#include "admin/mysql/cancellation.h"
#include "admin/mysql/options.h"
#include "admin/mysql/types.h"

namespace sluice::mysql {

// Lives on the thread of the statement, as long as the statement. `options` and `limits` must
// outlive it. Starts a thread only when there is something to watch.
class Watch {
 public:
  // `socket` is the connection's; a copy is kept, so that a descriptor that was given to somebody
  // else meanwhile is never shut down.
  Watch(const Options& options, std::uint64_t thread_id, int socket, const Limits& limits);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The statement is over. kCancelled or kDeadline when it was interrupted; no KILL is on its way
  // any more.
  std::optional<Failure> finish();

 private:
  void run();
  [[nodiscard]] std::optional<Failure> wait_for_reason(std::unique_lock<std::mutex>& lock);

  const Options& options_;
  const Limits& limits_;
  std::uint64_t thread_id_;
  int socket_ = -1;
  Cancellation own_;  // where the caller has none
  Cancellation& signal_;
  bool over_ = false;  // guarded by signal_.mutex_
  std::optional<Failure> reason_;
  std::thread thread_;
};

}  // namespace sluice::mysql
