#include "admin/http/sql_answers.h"

#include <condition_variable>

#include "admin/http/sql_json.h"
#include "admin/http/stream.h"

namespace sluice::http {

// What a statement's thread has and its client has not read. Any thread.
class SqlAnswers::Body {
 public:
  // Waits until there is room. False: nobody reads any more, or the time is up.
  [[nodiscard]] bool put(std::string text, std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return closed_ || waiting_.size() < kMaxWaiting; };
    if (!changed_.wait_until(lock, until, ready) || closed_) return false;
    waiting_ += text;
    tell();
    return true;
  }
  // The end. `answer` instead of a stream: nothing was put.
  void end(std::string rest, bool whole) {
    const std::lock_guard lock(mutex_);
    waiting_ += rest;
    whole_ = whole;
    ended_ = true;
    tell();
  }
  void end(Response answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    ended_ = true;
    tell();
  }
  // Nothing: it is to be streamed.
  [[nodiscard]] std::optional<Response> wait_for_begin() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    return std::exchange(answer_, std::nullopt);
  }

  [[nodiscard]] std::optional<std::string> take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty() && ended_) return std::nullopt;
    changed_.notify_all();
    return std::exchange(waiting_, {});
  }
  void on_ready(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void close() {
    {
      const std::lock_guard lock(mutex_);
      wake_ = nullptr;
      closed_ = true;
      changed_.notify_all();
    }
    cancellation_.request();
  }
  [[nodiscard]] bool whole() const {
    const std::lock_guard lock(mutex_);
    return whole_;
  }
  [[nodiscard]] bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  [[nodiscard]] mysql::Cancellation& cancellation() noexcept { return cancellation_; }

 private:
  void tell() {
    changed_.notify_all();
    if (wake_) wake_();
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::optional<Response> answer_;
  std::function<void()> wake_;
  bool ended_ = false;
  bool whole_ = false;
  bool closed_ = false;
  mysql::Cancellation cancellation_;
};

// The client's end of it: when that goes, so does the statement.
class SqlAnswers::Stream final : public BodyStream {
 public:
  explicit Stream(std::shared_ptr<Body> body) : body_(std::move(body)) {}
  ~Stream() override { body_->close(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] std::optional<std::string> take() override { return body_->take(); }
  [[nodiscard]] bool ends() const override { return true; }
  [[nodiscard]] bool whole() const override { return body_->whole(); }
  [[nodiscard]] std::string heartbeat() const override { return " "; }
  void on_ready(std::function<void()> wake) override { body_->on_ready(std::move(wake)); }
  void close() override { body_->close(); }

 private:
  std::shared_ptr<Body> body_;
};

SqlAnswers::~SqlAnswers() {
  const std::lock_guard lock(mutex_);
  for (auto& one : running_) one.body->close();
  for (auto& one : running_) one.thread.join();
}

void SqlAnswers::forget_ended() {
  for (auto one = running_.begin(); one != running_.end();) {
    if (!one->body->ended()) {
      ++one;
      continue;
    }
    one->thread.join();  // it has nothing left to do
    one = running_.erase(one);
  }
}

std::size_t SqlAnswers::running() {
  const std::lock_guard lock(mutex_);
  forget_ended();
  return running_.size();
}

void SqlAnswers::serve(Body& body, const mysql::Options& options,
                       const change::SqlRequest& request) const {
  SqlJson writer([&](std::string text) { return body.put(std::move(text), request.deadline); });
  try {
    const auto ended = change::run_sql(options, request, writer, &body.cancellation());
    if (writer.begun()) {
      body.end(writer.finish(ended), true);
    } else if (!ended) {
      body.end(sql_problem(ended.error()));
    } else {
      body.end(Response{200, "application/json", writer.finish(ended), {}});
    }
  } catch (const std::exception& fault) {
    // A thread's function may not throw; what a handler's bug says elsewhere is said here.
    on_fault_(fault.what());
    if (writer.begun()) {
      body.end("", false);
    } else {
      body.end(problem(500, "The server could not do this; its log says why."));
    }
  }
}

Response SqlAnswers::run(mysql::Options options, change::SqlRequest request,
                         const std::shared_ptr<Caller>& caller) {
  const auto body = std::make_shared<Body>();
  request.deadline = std::chrono::steady_clock::now() + request.timeout;
  {
    const std::lock_guard lock(mutex_);
    forget_ended();
    if (running_.size() >= most_) {
      auto busy = problem(503, "Too many statements are under way; try again when one has ended.");
      busy.headers.emplace_back("Retry-After", "5");
      return busy;
    }
    running_.push_back(
        {body, std::thread([this, body, options = std::move(options),
                            request = std::move(request)] { serve(*body, options, request); })});
  }
  if (caller) caller->when_gone([body] { body->close(); });
  auto answer = body->wait_for_begin();
  // From here on the stream's end closes it.
  if (caller) caller->when_gone(nullptr);
  if (answer) return std::move(*answer);
  Response streamed;
  streamed.stream = std::make_shared<Stream>(body);
  return streamed;
}

}  // namespace sluice::http
