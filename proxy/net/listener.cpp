#include "proxy/net/listener.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice::net {
namespace {

constexpr int kBacklog = 4096;

std::string error_text() {
  return std::generic_category().message(errno);
}

// Removes a socket file that nobody listens on any more.
void remove_stale(const sockaddr_un& name) {
  struct stat status {};
  if (::lstat(name.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  if (::connect(probe, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 &&
      errno == ECONNREFUSED) {
    ::unlink(name.sun_path);
  }
  ::close(probe);
}

std::string open_unix(const ListenConfig& config, int& out) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (config.unix_path.size() >= sizeof name.sun_path) return "the path is too long";
  std::memcpy(name.sun_path, config.unix_path.data(), config.unix_path.size());
  remove_stale(name);
  out = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (out < 0 || ::bind(out, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
      ::chmod(name.sun_path, config.unix_mode) != 0 || ::listen(out, kBacklog) != 0) {
    return error_text();
  }
  return {};
}

std::string open_tcp(const ListenConfig& config, int& out, std::uint16_t& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code =
      ::getaddrinfo(config.host.c_str(), std::to_string(config.port).c_str(), &hints, &list);
  if (code != 0) return ::gai_strerror(code);
  out = ::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  // Accepted sockets inherit the last two (tcp(7), socket(7)): two calls less for each client.
  const bool bound = out >= 0 && ::setsockopt(out, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                     ::setsockopt(out, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0 &&
                     ::setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
                     ::bind(out, list->ai_addr, list->ai_addrlen) == 0 &&
                     ::listen(out, kBacklog) == 0;
  std::string error = bound ? std::string{} : error_text();
  ::freeaddrinfo(list);
  if (!bound) return error;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  (void)::getsockname(out, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
  return {};
}

Peer peer_of(const sockaddr_storage& address) {
  Peer peer;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    peer.host = ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
    peer.port = ntohs(in.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    peer.host = ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
    if (peer.host.starts_with("::ffff:") && peer.host.find('.') != std::string::npos) {
      peer.host.erase(0, 7);
    }
    peer.port = ntohs(in.sin6_port);
  } else {
    peer.unix_socket = true;
  }
  return peer;
}

}  // namespace

Listener::Opened Listener::open(const ListenConfig& config) {
  std::unique_ptr<Listener> made(new Listener);
  made->config_ = config;
  const bool is_unix = !config.unix_path.empty();
  std::string error =
      is_unix ? open_unix(config, made->socket_) : open_tcp(config, made->socket_, made->port_);
  if (!error.empty()) {
    if (is_unix) made->config_.unix_path.clear();  // the file, if any, is somebody else's
    const std::string where =
        is_unix ? config.unix_path : config.host + ":" + std::to_string(config.port);
    return {nullptr, "cannot listen on " + where + ": " + error};
  }
  made->reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return {std::move(made), {}};
}

Listener::~Listener() {
  if (!config_.unix_path.empty()) ::unlink(config_.unix_path.c_str());
  if (socket_ >= 0) ::close(socket_);
  if (reserve_ >= 0) ::close(reserve_);
}

Task<void> Listener::accept_all(Loop& loop, std::function<void(int, Peer)> accepted) {
  Descriptor listening(loop, std::exchange(socket_, -1));
  accepting_ = &listening;
  while (!listening.cancelled()) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int client = ::accept4(listening.get(), reinterpret_cast<sockaddr*>(&address), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0) {
      accepted(client, peer_of(address));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      listening.read_exhausted();
      (void)co_await wait_readable(listening);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      ::close(std::exchange(reserve_, -1));
      const int refused = ::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (refused >= 0) ::close(refused);
      reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    // Anything else is about one connection that is gone already.
  }
  accepting_ = nullptr;
}

void Listener::stop() noexcept {
  if (accepting_ != nullptr) accepting_->cancel();
}

}  // namespace sluice::net
