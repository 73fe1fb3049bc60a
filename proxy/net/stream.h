// A byte stream to a peer: a non-blocking socket, in clear or in TLS. The try_ functions never
// wait; the tasks do. One coroutine at a time uses it. The loop must outlive it.
//
// TLS is OpenSSL on the socket itself: no buffer of ours in between, and OpenSSL's own are given
// back while the connection is idle (SSL_MODE_RELEASE_BUFFERS).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace sluice::net {

enum class Io : std::uint8_t {
  kOk,          // bytes were moved
  kWouldBlock,  // none can be moved now
  kEnd,         // the peer closed, in order
  kError,       // the connection is broken
  kTimedOut,    // the descriptor's deadline passed
  kCancelled,
};

struct Moved {
  std::size_t count = 0;
  Io io = Io::kOk;
};

struct SslFree {
  void operator()(SSL* ssl) const noexcept;
};

class Stream {
 public:
  Stream(Loop& loop, int descriptor) : descriptor_(loop, descriptor) {}

  [[nodiscard]] Descriptor& descriptor() noexcept { return descriptor_; }
  [[nodiscard]] Loop& loop() const noexcept { return descriptor_.loop(); }
  [[nodiscard]] bool tls() const noexcept { return ssl_ != nullptr; }
  // The TLS version and cipher, for the log; empty in clear.
  [[nodiscard]] std::string tls_description() const;

  // kOk with at least one byte, or why not. REQUIRES: room in `into`.
  [[nodiscard]] Moved try_read(std::span<std::uint8_t> into);
  // kOk with at least one byte taken, or why not.
  [[nodiscard]] Moved try_write(std::span<const std::uint8_t> from);

  // Waits for bytes and reads them.
  [[nodiscard]] Task<Moved> read_some(std::span<std::uint8_t> into);
  // Writes everything, waiting as often as needed. A deadline, where wanted, moves on with each
  // piece: `per_piece` of zero leaves the descriptor's deadline alone.
  [[nodiscard]] Task<Io> write_all(std::span<const std::uint8_t> from,
                                   std::chrono::milliseconds per_piece = {});

  // The handshake as a server, or as a client (with the name for SNI and, if `verify_name`, for the
  // certificate). An empty text: done; otherwise what failed.
  [[nodiscard]] Task<std::string> accept_tls(std::shared_ptr<SSL_CTX> context);
  [[nodiscard]] Task<std::string> connect_tls(std::shared_ptr<SSL_CTX> context, std::string name,
                                              bool verify_name);
  // Ends the connection; what has arrived can still be read, and then comes the end.
  void cut() noexcept;
  // Tells a TLS peer that the stream ends, as far as that goes without waiting.
  void say_goodbye() noexcept;

 private:
  [[nodiscard]] Moved try_read_tls(std::span<std::uint8_t> into);
  [[nodiscard]] Moved try_write_tls(std::span<const std::uint8_t> from);
  [[nodiscard]] Task<std::string> handshake();

  Descriptor descriptor_;
  std::unique_ptr<SSL, SslFree> ssl_;
};

[[nodiscard]] Io to_io(Wake wake) noexcept;

}  // namespace sluice::net
