#include "admin/mysql/watch.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/mysql/connection.h"

namespace sluice::mysql {
namespace {

// How long a statement may take to notice its KILL: InnoDB looks between rows and pages, a rollback
// of much has to end first. After that the connection is cut, so that no thread of ours waits for
// ever.
constexpr std::chrono::minutes kGrace{5};
// A KILL that reaches the server before its statement does ends nothing: it is sent again.
constexpr std::chrono::seconds kAgain{1};
constexpr std::uint32_t kKillConnectSeconds = 10;

bool watched(const Limits& limits) {
  return limits.cancellation != nullptr ||
         limits.deadline != std::chrono::steady_clock::time_point::max();
}

}  // namespace

void Cancellation::request() {
  const std::lock_guard lock(mutex_);
  requested_ = true;
  changed_.notify_all();
}

bool Cancellation::requested() const {
  const std::lock_guard lock(mutex_);
  return requested_;
}

Watch::Watch(const Options& options, std::uint64_t thread_id, int socket, const Limits& limits)
    : options_(options),
      limits_(limits),
      thread_id_(thread_id),
      signal_(limits.cancellation != nullptr ? *limits.cancellation : own_) {
  if (!watched(limits)) return;
  socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  thread_ = std::thread([this] { run(); });
}

Watch::~Watch() {
  finish();
}

std::optional<Failure> Watch::finish() {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(signal_.mutex_);
      over_ = true;
      signal_.changed_.notify_all();
    }
    thread_.join();
  }
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  return reason_;
}

std::optional<Failure> Watch::wait_for_reason(std::unique_lock<std::mutex>& lock) {
  const auto ready = [this] { return over_ || signal_.requested_; };
  if (limits_.deadline == std::chrono::steady_clock::time_point::max()) {
    signal_.changed_.wait(lock, ready);
  } else if (!signal_.changed_.wait_until(lock, limits_.deadline, ready)) {
    return Failure::kDeadline;
  }
  if (over_) return std::nullopt;
  return Failure::kCancelled;
}

void Watch::run() {
  std::unique_lock lock(signal_.mutex_);
  const auto reason = wait_for_reason(lock);
  if (!reason) return;
  reason_ = reason;  // read by finish() after it joined this thread
  lock.unlock();
  Options options = options_;
  options.connect_timeout_seconds = kKillConnectSeconds;
  options.read_timeout_seconds = kKillConnectSeconds;
  const auto give_up = std::chrono::steady_clock::now() + kGrace;
  bool killed = true;
  while (killed && std::chrono::steady_clock::now() < give_up) {
    killed = kill_query(options, thread_id_).has_value();
    lock.lock();
    if (killed) signal_.changed_.wait_for(lock, kAgain, [this] { return over_; });
    if (over_) return;
    lock.unlock();
  }
  lock.lock();
  if (!over_ && socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace sluice::mysql
