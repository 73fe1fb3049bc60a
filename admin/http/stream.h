// The body of an answer that has no end known beforehand, as a handler makes it: server-sent
// events.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sluice::http {

// The server calls it on its own thread; whoever fills it may do so on any thread.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // What has gathered since the last call; empty: nothing. Never blocks. Nothing at all: the end.
  [[nodiscard]] virtual std::optional<std::string> take() = 0;
  // What keeps a silent connection open: sent when nothing else was for a while.
  [[nodiscard]] virtual std::string heartbeat() const = 0;
  // Called once, before the first take(): `wake` may be called on any thread when there is
  // something to take, until close().
  virtual void on_ready(std::function<void()> wake) = 0;
  // The client has gone, or the server ends. `wake` is not called after this has returned.
  virtual void close() = 0;
};

}  // namespace sluice::http
