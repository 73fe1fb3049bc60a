// Events between the programs on one PostgreSQL store: what one publishes, the others' pages hear
// of too. LISTEN and NOTIFY (PostgreSQL manual, "Asynchronous Notification"), on a connection and a
// thread of its own.
//
//   send() ─▶ queue ─▶ thread ─▶ NOTIFY sluice_events ─▶ the others' threads ─▶ receive()
//
// What is sent while the connection is lost is lost, and so is what the others sent: missed() says
// so, here and there. send(): any thread, never blocks, never fails. start() and stop(): one
// thread, main's. The callbacks are called on the relay's thread.
//
// start() returns once the others are heard, so that who is served after it misses nothing, or once
// the first connection could not be made (events_lost is logged then).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "admin/store/events.h"

namespace sluice::store {

class EventRelay {
 public:
  static constexpr std::size_t kMaxQueue = 1000;  // events that wait to be sent

  struct Config {
    std::string url;  // of the store
    std::string run;  // this program, unlike any other
    std::function<void(const Event&)> receive;
    std::function<void()> missed;  // events may have been lost
    std::function<void(std::string_view event, std::string_view detail)> log;
  };
  explicit EventRelay(Config config);
  ~EventRelay();
  EventRelay(const EventRelay&) = delete;
  EventRelay& operator=(const EventRelay&) = delete;

  void start();
  void stop();  // what waits is sent first, unless the connection is lost
  void send(const Event& event);

 private:
  class Link;
  void serve();
  void talk(Link& link);
  [[nodiscard]] bool send_waiting(Link& link);
  void take(const std::string& payload);
  void wake() const;
  // Until there is something to do, or for so long. False: the relay is to end.
  [[nodiscard]] bool wait(int socket, int milliseconds);

  const Config config_;
  int wake_ = -1;  // an eventfd
  std::mutex mutex_;
  std::deque<std::string> queue_;  // payloads
  bool overflowed_ = false;
  bool stopping_ = false;
  bool tried_ = false;  // the first connection is made, or could not be
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace sluice::store
