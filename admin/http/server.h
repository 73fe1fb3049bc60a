// The admin port: a listener and its connections on one thread, handlers on others (router.h,
// Lane), so that a handler may wait for the store while health checks are answered.
//
// The router must outlive it. start(), reload(), drain() and the destructor: one thread, main's.
// Every limit is ServerConfig's; a client that breaks one is answered (400, 408, 413, 431, 503)
// where the protocol allows it, and closed. One that goes while its call is under way is noticed
// within a second (caller.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/http/config.h"
#include "admin/http/router.h"
#include "admin/http/sql_answers.h"

namespace sluice::http {

class Server {
 public:
  static constexpr int kQuickThreads = 4;  // store calls that may wait at the same time
  // Calls that wait for database servers. Statements sent by hand have their own number, so that
  // as many as there may be keep nobody from signing in.
  static constexpr int kSlowThreads = 16 + static_cast<int>(SqlAnswers::kMaxStatements);
  static constexpr std::size_t kAnonymousBody = 64 * 1024;  // of who presents no credential, bytes
  // Bodies over 1 MiB, all connections together, bytes: one more is answered 503.
  static constexpr std::uint64_t kLongBodies = 512U << 20;

  // Called with what a handler threw (never shown to the client), on a handler's thread.
  using OnFault =
      std::function<void(std::string_view method, std::string_view path, std::string_view what)>;

  Server(ServerConfig config, const Router& router, OnFault on_fault);
  ~Server();  // cuts everything
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and serves. A sentence when it cannot.
  [[nodiscard]] std::optional<std::string> start();
  // Reads the certificate again; connections that exist keep theirs. A sentence when it is no good,
  // and the old one stays.
  [[nodiscard]] std::optional<std::string> reload();
  [[nodiscard]] std::uint16_t port() const noexcept;
  // Stops accepting, closes idle connections, lets requests end for up to `limit`. True: all ended.
  bool drain(std::chrono::milliseconds limit);

 private:
  struct Impl;
  template <class Stream>
  struct Session;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
