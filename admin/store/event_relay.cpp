#include "admin/store/event_relay.h"

#include <memory>
#include <optional>

#include <boost/json.hpp>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::store {
namespace {

constexpr int kReconnectMilliseconds = 1000;
// Topics of the relay's own.
constexpr std::string_view kMissed = "missed";

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
struct Free {
  void operator()(PGnotify* notification) const noexcept { PQfreemem(notification); }
};

std::string payload(const std::string& run, const Event& event) {
  return boost::json::serialize(boost::json::object{{"run", run},
                                                    {"topic", event.topic},
                                                    {"id", event.id},
                                                    {"project", event.project},
                                                    {"what", event.what}});
}

}  // namespace

// One connection.
class EventRelay::Link {
 public:
  explicit Link(const std::string& url) {
    // Our own pairs come after the URL's and win. Nobody waits longer for a server that is gone.
    const char* const keys[] = {"dbname", "connect_timeout", "tcp_user_timeout", nullptr};
    const char* const values[] = {url.c_str(), "5", "10000", nullptr};
    connection_.reset(PQconnectdbParams(keys, values, 1));
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    ok_ = PQstatus(connection_.get()) == CONNECTION_OK && run("LISTEN sluice_events", nullptr);
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::string error() const { return PQerrorMessage(connection_.get()); }
  [[nodiscard]] int socket() const noexcept { return PQsocket(connection_.get()); }
  [[nodiscard]] bool notify(const std::string& text) {
    return run("SELECT pg_notify('sluice_events', $1)", text.c_str());
  }
  // False: the connection is lost.
  [[nodiscard]] bool consume() { return PQconsumeInput(connection_.get()) == 1; }
  [[nodiscard]] std::optional<std::string> next() {
    const std::unique_ptr<PGnotify, Free> found(PQnotifies(connection_.get()));
    if (!found) return std::nullopt;
    return std::string(found->extra);
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  bool run(const char* sql, const char* value) {
    const std::unique_ptr<PGresult, Clear> answer(
        PQexecParams(connection_.get(), sql, value == nullptr ? 0 : 1, nullptr,
                     value == nullptr ? nullptr : &value, nullptr, nullptr, 0));
    const auto status = PQresultStatus(answer.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }

  std::unique_ptr<PGconn, Finish> connection_;
  bool ok_ = false;
};

EventRelay::EventRelay(Config config)
    : config_(std::move(config)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw std::runtime_error("no eventfd can be had");
}

EventRelay::~EventRelay() {
  stop();
  ::close(wake_);
}

void EventRelay::start() {
  thread_ = std::thread([this] { serve(); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return tried_; });
}

void EventRelay::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
}

void EventRelay::wake() const {
  const std::uint64_t one = 1;
  // It fails for a full counter only, and then the thread is awake already.
  if (::write(wake_, &one, sizeof one) < 0) return;
}

void EventRelay::send(const Event& event) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueue) {
      queue_.clear();
      overflowed_ = true;
    }
    queue_.push_back(payload(config_.run, event));
  }
  wake();
}

void EventRelay::serve() {
  bool deaf = false;  // there was a time in which nobody was heard
  bool told = false;
  while (true) {
    Link link(config_.url);
    {
      const std::lock_guard lock(mutex_);
      tried_ = true;
      changed_.notify_all();
    }
    if (link.ok()) {
      if (deaf) {
        // What the others did meanwhile was not heard, and they did not hear of ours.
        config_.missed();
        const std::lock_guard lock(mutex_);
        overflowed_ = true;
      }
      if (told) config_.log("events_back", "the other programs on the store are heard again");
      told = false;
      talk(link);
    } else if (!told) {
      told = true;
      config_.log("events_lost", "the other programs on the store are not heard: " + link.error());
    }
    deaf = true;
    if (!wait(-1, kReconnectMilliseconds)) return;
  }
}

// Returns when the connection is lost or the relay is to end.
void EventRelay::talk(Link& link) {
  while (true) {
    const bool on = wait(link.socket(), -1);
    if (!send_waiting(link) || !link.consume()) return;
    while (const auto text = link.next()) take(*text);
    if (!on) return;
  }
}

bool EventRelay::send_waiting(Link& link) {
  while (true) {
    std::string text;
    {
      const std::lock_guard lock(mutex_);
      if (overflowed_) {
        text = payload(config_.run, {std::string(kMissed), 0, 0, ""});
      } else if (!queue_.empty()) {
        text = queue_.front();
      } else {
        return true;
      }
    }
    if (!link.notify(text)) return false;
    const std::lock_guard lock(mutex_);
    if (overflowed_) {
      overflowed_ = false;
    } else if (!queue_.empty()) {
      queue_.pop_front();
    }
  }
}

void EventRelay::take(const std::string& text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return;
  const auto word = [&](const char* name) {
    const auto* field = object->if_contains(name);
    return field != nullptr && field->is_string() ? std::string(field->get_string())
                                                  : std::string();
  };
  const auto number = [&](const char* name) -> Id {
    const auto* field = object->if_contains(name);
    return field != nullptr && field->is_int64() ? field->get_int64() : 0;
  };
  if (word("run") == config_.run) return;
  Event event{word("topic"), number("id"), number("project"), word("what")};
  if (event.topic == kMissed) return config_.missed();
  if (!event.topic.empty()) config_.receive(event);
}

bool EventRelay::wait(int socket, int milliseconds) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
  }
  pollfd waits[] = {{wake_, POLLIN, 0}, {socket, POLLIN, 0}};
  static_cast<void>(::poll(waits, socket < 0 ? 1 : 2, milliseconds));
  std::uint64_t count = 0;
  if (::read(wake_, &count, sizeof count) < 0) count = 0;  // nobody woke it
  const std::lock_guard lock(mutex_);
  return !stopping_;
}

}  // namespace sluice::store
