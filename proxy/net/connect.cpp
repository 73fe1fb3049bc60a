#include "proxy/net/connect.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice::net {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

struct Resolved {
  std::vector<Address> addresses;
  std::string error;
};

std::string error_text(int code) {
  return std::generic_category().message(code);
}

Resolved unix_address(const std::string& path) {
  Resolved result;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    result.error = "the path of the socket is too long";
    return result;
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  Address address;
  std::memcpy(&address.storage, &name, sizeof name);
  address.size = sizeof name;
  result.addresses.push_back(address);
  return result;
}

// Blocks when the host is a name and not an address.
Resolved resolve(const std::string& host, std::uint16_t port, int flags) {
  Resolved result;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0) {
    result.error = ::gai_strerror(code);
    return result;
  }
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    Address address;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    address.size = item->ai_addrlen;
    result.addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  return result;
}

Task<Resolved> addresses_of(Loop& loop, BlockingPool& blocking, const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) co_return unix_address(endpoint.unix_path);
  Resolved numeric = resolve(endpoint.host, endpoint.port, AI_NUMERICHOST);
  if (!numeric.addresses.empty()) co_return numeric;
  auto work = [endpoint] { return resolve(endpoint.host, endpoint.port, 0); };
  auto resolved = co_await blocking.run(loop, std::move(work));
  if (!resolved) co_return Resolved{{}, "too many names are being resolved"};
  co_return std::move(*resolved);
}

Task<Connected> connect_to(Loop& loop, Address address, std::chrono::milliseconds limit) {
  const int family = address.storage.ss_family;
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return Connected{nullptr, error_text(errno)};
  if (family != AF_UNIX) {
    const int on = 1;
    (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  const int result = ::connect(descriptor, address.get(), address.size);
  const int code = result == 0 ? 0 : errno;
  if (code != 0 && code != EINPROGRESS) {
    ::close(descriptor);
    co_return Connected{nullptr, error_text(code)};
  }
  auto stream = std::make_unique<Stream>(loop, descriptor);
  stream->descriptor().set_deadline(limit);
  if (code == EINPROGRESS) {
    stream->descriptor().write_exhausted();
    const Wake wake = co_await wait_writable(stream->descriptor());
    if (wake == Wake::kTimedOut) co_return Connected{nullptr, error_text(ETIMEDOUT)};
    if (wake == Wake::kCancelled) co_return Connected{nullptr, error_text(ECANCELED)};
    int error = 0;
    socklen_t size = sizeof error;
    (void)::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return Connected{nullptr, error_text(error)};
  }
  co_return Connected{std::move(stream), {}};
}

}  // namespace

std::string Endpoint::to_text() const {
  return unix_path.empty() ? host + ":" + std::to_string(port) : unix_path;
}

Task<Connected> connect_stream(Loop& loop, BlockingPool& blocking, const Endpoint& endpoint,
                               std::chrono::milliseconds limit) {
  const auto until = loop.now() + limit;
  const Resolved resolved = co_await addresses_of(loop, blocking, endpoint);
  std::string error = resolved.error.empty() ? std::string("no address") : resolved.error;
  for (const Address& address : resolved.addresses) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - loop.now());
    if (left.count() <= 0) co_return Connected{nullptr, error_text(ETIMEDOUT)};
    Connected connected = co_await connect_to(loop, address, left);
    if (connected.stream) co_return connected;
    error = std::move(connected.error);
  }
  co_return Connected{nullptr, std::move(error)};
}

}  // namespace sluice::net
