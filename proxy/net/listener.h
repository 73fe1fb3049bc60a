// A listening socket and the coroutine that accepts from it. When the process has no descriptor
// left, the connection is taken with a reserved one and closed, so that the queue of the kernel
// does not fill with clients that wait for nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/net/config.h"
#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace sluice::net {

// A client's address: text for people and for counting, empty for a Unix socket.
struct Peer {
  std::string host;
  std::uint16_t port = 0;
  bool unix_socket = false;
};

class Listener {
 public:
  // A bound and listening socket, or why there is none.
  struct Opened {
    std::unique_ptr<Listener> listener;
    std::string error;
  };
  [[nodiscard]] static Opened open(const ListenConfig& config);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const ListenConfig& config() const noexcept { return config_; }

  // Accepts until stop(); `accepted` owns the (non-blocking) descriptor it is given. Once.
  [[nodiscard]] Task<void> accept_all(Loop& loop, std::function<void(int, Peer)> accepted);
  // On the loop's thread: no more is accepted; the socket is closed once accept_all() ended.
  void stop() noexcept;

 private:
  Listener() = default;
  ListenConfig config_;
  int socket_ = -1;
  int reserve_ = -1;
  std::uint16_t port_ = 0;
  Descriptor* accepting_ = nullptr;
};

}  // namespace sluice::net
