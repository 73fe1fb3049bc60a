// The log: one event a line, logfmt or JSON, to a stream of the caller's. A line is made on the
// thread that has the event and written by one thread of the log's own: who logs never waits for a
// slow disk. When more than kQueue lines wait, the oldest are lost and the loss is said.
// No SQL text and no secret gets here: the events have no place for them.
#pragma once

#include <atomic>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/log_config.h"
#include "proxy/session/event_sink.h"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
namespace sinks {
class sink;
}
}  // namespace spdlog

namespace sluice::proxy {

using LogField = std::pair<std::string_view, std::string_view>;

// One line without its end. Control characters are escaped and bytes that are not UTF-8 become
// U+FFFD, so that a line is a line and JSON is JSON whatever a client sends. Pure.
[[nodiscard]] std::string format_line(LogFormat format, std::chrono::system_clock::time_point time,
                                      LogLevel level, std::string_view event,
                                      std::initializer_list<LogField> fields);

class Log final : public session::EventSink {
 public:
  static constexpr std::size_t kQueue = 8192;  // lines; some MB at most

  // To standard error.
  explicit Log(LogConfig config);
  // To a sink of the caller's.
  Log(LogConfig config, std::shared_ptr<spdlog::sinks::sink> sink);
  ~Log() override;  // writes what waits
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }
  // Fields with an empty value are left out. Any thread.
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void on_event(const session::Event& event) override;

 private:
  const LogFormat format_;
  std::atomic<LogLevel> level_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace sluice::proxy
