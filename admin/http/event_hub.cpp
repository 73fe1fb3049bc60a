#include "admin/http/event_hub.h"

#include <charconv>
#include <vector>

#include <boost/json.hpp>

namespace sluice::http {
namespace {

// Told on between programs, never to a page.
constexpr const char* kEndUser = "end.user";
constexpr const char* kEndCredential = "end.credential";

bool may_know(const Listener& listener, store::Id project) {
  return project == 0 || listener.every_project || listener.projects.contains(project);
}

std::string print(const std::string& id, const store::Event& event) {
  const boost::json::object data{
      {"topic", event.topic}, {"id", event.id}, {"project", event.project}, {"what", event.what}};
  return "id: " + id + "\nevent: " + event.topic + "\ndata: " + boost::json::serialize(data) +
         "\n\n";
}

}  // namespace

// One client's. Its mutex is taken after the hub's, never before.
class EventHub::Stream final : public BodyStream {
 public:
  Stream(Listener listener, std::string first, std::function<store::Time()> now)
      : listener_(std::move(listener)), now_(std::move(now)) {
    // Proxies and the client's own buffer let nothing through until something has come.
    waiting_ = ": sluice\n\n" + std::move(first);
  }

  [[nodiscard]] const Listener& listener() const noexcept { return listener_; }

  void push(const std::string& text, const std::string& reset) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + text.size() > kMaxWaiting) {
      waiting_ = reset;
    } else {
      waiting_ += text;
    }
    if (wake_) wake_();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (wake_) wake_();
  }

  std::optional<std::string> take() override {
    const std::lock_guard lock(mutex_);
    // At the latest with the heartbeat after it.
    if (ended_ || now_() >= listener_.until) return std::nullopt;
    return std::exchange(waiting_, {});
  }
  std::string heartbeat() const override { return ": still here\n\n"; }
  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void close() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_ = nullptr;
  }
  [[nodiscard]] bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  const Listener listener_;
  const std::function<store::Time()> now_;
  mutable std::mutex mutex_;
  std::string waiting_;
  std::function<void()> wake_;
  bool ended_ = false;
};

EventHub::EventHub(std::string run, std::function<store::Time()> now)
    : run_(std::move(run)), now_(std::move(now)) {}

EventHub::~EventHub() {
  end_if([](const Listener&) { return true; });
}

std::string EventHub::reset_text() const {
  return "id: " + run_ + '-' + std::to_string(next_ - 1) + "\nevent: reset\ndata: {}\n\n";
}

std::optional<std::uint64_t> EventHub::number_of(std::string_view id) const {
  if (!id.starts_with(run_) || id.substr(run_.size()).empty() || id[run_.size()] != '-') {
    return std::nullopt;
  }
  id.remove_prefix(run_.size() + 1);
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (fault != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return number;
}

void EventHub::publish(const store::Event& event) {
  deliver(event);
  forward(event);
}

void EventHub::receive(const store::Event& event) {
  if (event.topic == kEndUser) {
    end_if([&](const Listener& listener) { return listener.user == event.id; });
  } else if (event.topic == kEndCredential) {
    end_if([&](const Listener& listener) { return listener.credential == event.id; });
  } else {
    deliver(event);
  }
}

void EventHub::reset() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
  // Whoever comes back with the last id has missed something too.
  ++next_;
  const std::string reset = reset_text();
  for (const auto& [key, weak] : streams_) {
    if (const auto stream = weak.lock()) stream->push(reset, reset);
  }
}

void EventHub::forget_closed() {
  std::erase_if(streams_, [](const auto& entry) {
    const auto stream = entry.second.lock();
    return !stream || stream->ended();
  });
}

void EventHub::deliver(const store::Event& event) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = next_++;
  kept_.push_back({number, event.project, print(run_ + '-' + std::to_string(number), event)});
  if (kept_.size() > kKept) kept_.pop_front();
  const std::string reset = reset_text();
  forget_closed();
  for (const auto& [key, weak] : streams_) {
    const auto stream = weak.lock();
    if (stream && may_know(stream->listener(), event.project)) {
      stream->push(kept_.back().text, reset);
    }
  }
}

std::shared_ptr<BodyStream> EventHub::listen(Listener listener, std::string_view last_id) {
  const std::lock_guard lock(mutex_);
  forget_closed();
  if (streams_.size() >= kMaxStreams) return nullptr;
  std::string first;
  if (!last_id.empty()) {
    const auto seen = number_of(last_id);
    const std::uint64_t oldest = kept_.empty() ? next_ : kept_.front().number;
    if (!seen || *seen + 1 < oldest || *seen >= next_) {
      first = reset_text();
    } else {
      for (const Kept& kept : kept_) {
        if (kept.number > *seen && may_know(listener, kept.project)) first += kept.text;
      }
    }
  }
  auto stream = std::make_shared<Stream>(std::move(listener), std::move(first), now_);
  streams_[stream.get()] = stream;
  return stream;
}

template <class Wanted>
void EventHub::end_if(Wanted wanted) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, weak] : streams_) {
    const auto stream = weak.lock();
    if (stream && wanted(stream->listener())) stream->end();
  }
}

void EventHub::end_user(store::Id user) {
  end_if([user](const Listener& listener) { return listener.user == user; });
  forward({kEndUser, user, 0, ""});
}

void EventHub::end_credential(store::Id credential) {
  end_if([credential](const Listener& listener) { return listener.credential == credential; });
  forward({kEndCredential, credential, 0, ""});
}

std::size_t EventHub::streams() const {
  const std::lock_guard lock(mutex_);
  std::size_t open = 0;
  for (const auto& [key, weak] : streams_) {
    const auto stream = weak.lock();
    if (stream && !stream->ended()) ++open;
  }
  return open;
}

}  // namespace sluice::http
