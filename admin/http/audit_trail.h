// The audit log of calls that only ask. Each is in it, but no call waits for that: a second later
// at the most they are written together, and what one person asks again and again within a minute
// is one entry and one more that says how often.
//
//   read() ─▶ waiting ─▶ flush(), every second ─▶ store
//          └▶ its window is open: counted; the count is written when the window closes
//
// What waits when the program is killed is lost; what ends in order is not. The store and the
// clocks must outlive it. Any thread; start() and stop(): one, main's.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "admin/store/store.h"

namespace sluice::http {

class AuditTrail {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMaxWaiting = 10'000;  // entries and windows, each

  struct Sources {
    store::Store& store;
    std::function<Clock::time_point()> now;
    std::function<void(std::string_view event, std::string_view detail)> log;
  };
  explicit AuditTrail(Sources sources) : sources_(std::move(sources)) {}
  ~AuditTrail() { stop(); }
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;

  void start();
  void stop();  // writes what waits

  // False: the store has not taken entries for so long that there is no room: the call must not be
  // answered. Entries with the same actor, action, target, outcome and detail are the same call.
  [[nodiscard]] bool read(store::AuditEntry entry);
  // Writes what waits and what windows that are over have counted; all windows when `all`.
  void flush(bool all = false);

 private:
  struct Window {
    store::AuditEntry entry;
    Clock::time_point since;
    store::Time last{};
    std::uint64_t more = 0;  // times after the first
  };
  void close_windows(bool all);

  const Sources sources_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::vector<store::AuditEntry> waiting_;
  std::map<std::string, Window> windows_;
  std::thread writer_;
};

}  // namespace sluice::http
