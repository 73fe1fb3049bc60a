#include "proxy/net/stream.h"

#include <cerrno>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "proxy/net/tls.h"

namespace sluice::net {

Io to_io(Wake wake) noexcept {
  switch (wake) {
    case Wake::kReady: return Io::kOk;
    case Wake::kTimedOut: return Io::kTimedOut;
    case Wake::kCancelled: return Io::kCancelled;
  }
  return Io::kError;
}

void SslFree::operator()(SSL* ssl) const noexcept {
  SSL_free(ssl);
}

std::string Stream::tls_description() const {
  if (!ssl_) return {};
  return std::string(SSL_get_version(ssl_.get())) + " " + SSL_get_cipher_name(ssl_.get());
}

Moved Stream::try_read(std::span<std::uint8_t> into) {
  if (!descriptor_.readable()) return {0, Io::kWouldBlock};
  if (ssl_) return try_read_tls(into);
  const ssize_t count = loop().calls().recv(descriptor_.get(), into.data(), into.size());
  if (count > 0) {
    const auto size = static_cast<std::size_t>(count);
    if (size < into.size() && loop().calls().short_read_is_all) descriptor_.read_exhausted();
    return {size, Io::kOk};
  }
  if (count == 0) return {0, Io::kEnd};
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    descriptor_.read_exhausted();
    // A peer that hung up is read to its end; a socket that then still blocks is broken.
    return {0, descriptor_.readable() ? Io::kError : Io::kWouldBlock};
  }
  return {0, errno == EINTR ? Io::kWouldBlock : Io::kError};
}

Moved Stream::try_write(std::span<const std::uint8_t> from) {
  if (ssl_) return try_write_tls(from);
  const ssize_t count = loop().calls().send(descriptor_.get(), from.data(), from.size());
  if (count > 0) {
    return {static_cast<std::size_t>(count), Io::kOk};
  }
  if (count < 0 && errno == EINTR) return {0, Io::kWouldBlock};
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    descriptor_.write_exhausted();
    return {0, Io::kWouldBlock};
  }
  return {0, Io::kError};
}

Moved Stream::try_read_tls(std::span<std::uint8_t> into) {
  ERR_clear_error();
  std::size_t count = 0;
  if (SSL_read_ex(ssl_.get(), into.data(), into.size(), &count) == 1) return {count, Io::kOk};
  switch (SSL_get_error(ssl_.get(), 0)) {
    case SSL_ERROR_WANT_READ:
      descriptor_.read_exhausted();
      return {0, descriptor_.readable() ? Io::kError : Io::kWouldBlock};
    case SSL_ERROR_WANT_WRITE: descriptor_.read_exhausted(); return {0, Io::kWouldBlock};
    case SSL_ERROR_ZERO_RETURN: return {0, Io::kEnd};
    default: return {0, Io::kError};
  }
}

Moved Stream::try_write_tls(std::span<const std::uint8_t> from) {
  ERR_clear_error();
  std::size_t count = 0;
  if (SSL_write_ex(ssl_.get(), from.data(), from.size(), &count) == 1) return {count, Io::kOk};
  switch (SSL_get_error(ssl_.get(), 0)) {
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_READ: descriptor_.write_exhausted(); return {0, Io::kWouldBlock};
    default: return {0, Io::kError};
  }
}

Task<Moved> Stream::read_some(std::span<std::uint8_t> into) {
  for (;;) {
    const Moved moved = try_read(into);
    if (moved.io != Io::kWouldBlock) co_return moved;
    const Wake wake = co_await wait_readable(descriptor_);
    if (wake != Wake::kReady) co_return Moved{0, to_io(wake)};
  }
}

Task<Io> Stream::write_all(std::span<const std::uint8_t> from,
                           std::chrono::milliseconds per_piece) {
  while (!from.empty()) {
    const Moved moved = try_write(from);
    if (moved.io == Io::kOk) {
      from = from.subspan(moved.count);
      continue;
    }
    if (moved.io != Io::kWouldBlock) co_return moved.io;
    if (per_piece.count() != 0) descriptor_.set_deadline(per_piece);
    const Wake wake = co_await wait_writable(descriptor_);
    if (wake != Wake::kReady) co_return to_io(wake);
  }
  co_return Io::kOk;
}

Task<std::string> Stream::handshake() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) co_return std::string{};
    Wake wake = Wake::kReady;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        descriptor_.read_exhausted();
        if (descriptor_.hung_up()) co_return std::string("the peer closed the connection");
        wake = co_await wait_readable(descriptor_);
        break;
      case SSL_ERROR_WANT_WRITE:
        descriptor_.write_exhausted();
        wake = co_await wait_writable(descriptor_);
        break;
      default: {
        const long verdict = SSL_get_verify_result(ssl_.get());
        if (verdict != X509_V_OK) {
          co_return std::string(X509_verify_cert_error_string(verdict));
        }
        std::string text = openssl_error();
        co_return text.empty() ? std::string("the peer closed the connection") : text;
      }
    }
    if (wake == Wake::kTimedOut) co_return std::string("time-out");
    if (wake == Wake::kCancelled) co_return std::string("cancelled");
  }
}

Task<std::string> Stream::accept_tls(std::shared_ptr<SSL_CTX> context) {
  ssl_.reset(SSL_new(context.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor_.get()) != 1) co_return openssl_error();
  SSL_set_accept_state(ssl_.get());
  co_return co_await handshake();
}

Task<std::string> Stream::connect_tls(std::shared_ptr<SSL_CTX> context, std::string name,
                                      bool verify_name) {
  ssl_.reset(SSL_new(context.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor_.get()) != 1) co_return openssl_error();
  in6_addr address{};
  const bool numeric = ::inet_pton(AF_INET, name.c_str(), &address) == 1 ||
                       ::inet_pton(AF_INET6, name.c_str(), &address) == 1;
  if (!name.empty() && !numeric) {
    (void)SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   name.data());
  }
  if (verify_name) {
    X509_VERIFY_PARAM* rules = SSL_get0_param(ssl_.get());
    const int set = numeric ? X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                            : X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size());
    if (name.empty() || set != 1) co_return std::string("the server has no name to verify");
  }
  SSL_set_connect_state(ssl_.get());
  co_return co_await handshake();
}

void Stream::cut() noexcept {
  (void)::shutdown(descriptor_.get(), SHUT_RDWR);
}

void Stream::say_goodbye() noexcept {
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace sluice::net
