// Events to the pages that listen: server-sent events (HTML Living Standard, section 9.2).
//
//   id: 6f1c-42                      run of the program, and the event's number in it
//   event: issue
//   data: {"topic":"issue","id":7,"project":2,"what":"updated"}
//
// A client that comes back says the last id it has seen and gets what followed, as long as it is
// among the last kKept; otherwise, and when it reads too slowly, it gets `event: reset`: read
// everything anew.
//
// Any thread. Streams may outlive the hub.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "admin/http/stream.h"
#include "admin/store/events.h"

namespace sluice::http {

// Who listens, and what they may know.
struct Listener {
  store::Id user = 0;
  store::Id credential = 0;
  store::Time until{};  // when the credential expires, and the stream with it
  bool every_project = false;
  std::set<store::Id> projects;
};

class EventHub final : public store::EventSink {
 public:
  static constexpr std::size_t kKept = 1000;             // events for who comes back
  static constexpr std::size_t kMaxWaiting = 64 * 1024;  // bytes that a stream has not read
  static constexpr std::size_t kMaxStreams = 128;

  // `run` tells this run of the program from others: a few letters or digits. `now` may be called
  // on any thread, and outlives the streams.
  EventHub(std::string run, std::function<store::Time()> now);
  ~EventHub() override;
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  void publish(const store::Event& event) override;
  // Where what is published here, and whose streams end, is told on: to the other programs on the
  // store. REQUIRES: before anybody publishes.
  void forward_to(std::function<void(const store::Event&)> forward) {
    forward_ = std::move(forward);
  }
  // What another program told on.
  void receive(const store::Event& event);
  // Something was missed: every page reads everything anew.
  void reset();
  // Nothing: there are kMaxStreams already. `last_id` is the client's Last-Event-ID.
  [[nodiscard]] std::shared_ptr<BodyStream> listen(Listener listener, std::string_view last_id);
  // Ends that user's streams, so that the client signs in anew: what they may know has changed.
  void end_user(store::Id user);
  // Ends the streams of a session or token that is over.
  void end_credential(store::Id credential);
  [[nodiscard]] std::size_t streams() const;

 private:
  class Stream;
  struct Kept {
    std::uint64_t number;
    store::Id project;
    std::string text;
  };
  [[nodiscard]] std::string reset_text() const;
  [[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view id) const;
  template <class Wanted>
  void end_if(Wanted wanted);
  void deliver(const store::Event& event);
  void forget_closed();
  void forward(const store::Event& event) const {
    if (forward_) forward_(event);
  }

  const std::string run_;
  const std::function<store::Time()> now_;
  std::function<void(const store::Event&)> forward_;
  mutable std::mutex mutex_;
  std::uint64_t next_ = 1;
  std::deque<Kept> kept_;
  std::map<Stream*, std::weak_ptr<Stream>> streams_;
};

}  // namespace sluice::http
