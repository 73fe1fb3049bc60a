// The body of an answer whose length is not known beforehand, as a handler makes it: server-sent
// events, which go on for as long as somebody listens, and rows of a statement, which end.
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
  // True: the body has an end, which a drain waits for and which the client can tell from a
  // connection that broke (RFC 9112 section 7.1, chunked).
  [[nodiscard]] virtual bool ends() const { return false; }
  // After the end: whether that was all. False: the connection is cut without the last chunk.
  [[nodiscard]] virtual bool whole() const { return true; }
  // What keeps a silent connection open: sent when nothing else was for a while.
  [[nodiscard]] virtual std::string heartbeat() const = 0;
  // Called once, before the first take(): `wake` may be called on any thread when there is
  // something to take, until close().
  virtual void on_ready(std::function<void()> wake) = 0;
  // The client has gone, or the server ends. `wake` is not called after this has returned.
  virtual void close() = 0;
};

}  // namespace sluice::http
