// What server.cpp (listening, draining) and connection.cpp (one client) share. Nobody else's.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>
#include <boost/beast/ssl.hpp>

#include "admin/http/caller.h"
#include "admin/http/server.h"

namespace sluice::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

struct Server::Impl {
  using Secure = beast::ssl_stream<beast::tcp_stream>;

  // A connection as drain() sees it.
  struct Connection {
    explicit Connection(asio::ip::tcp::socket socket) : plain(std::move(socket)) {}
    [[nodiscard]] beast::tcp_stream& lowest() {
      return secure ? beast::get_lowest_layer(*secure) : plain;
    }
    beast::tcp_stream plain;
    std::unique_ptr<Secure> secure;  // took `plain` over
    std::string remote;
    bool idle = true;
    std::shared_ptr<Caller> caller;  // of the call that is under way
  };
  using Handle = std::shared_ptr<Connection>;

  Impl(ServerConfig the_config, const Router& the_router, OnFault the_on_fault)
      : config(std::move(the_config)), router(the_router), on_fault(std::move(the_on_fault)) {}

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> serve(Handle connection);
  void add(Handle connection);
  void remove(const Handle& connection);
  void begin_drain();
  // Tells calls whose client has gone, for as long as the context runs.
  asio::awaitable<void> look_after_callers();
  // The end: nobody is waited for, no call begins any more.
  void leave();
  // Reads certificate and key. A sentence when they are no good.
  [[nodiscard]] std::optional<std::string> load_tls();

  const ServerConfig config;
  const Router& router;
  const OnFault on_fault;
  asio::io_context context{1};
  asio::thread_pool quick{kQuickThreads};
  asio::thread_pool slow{kSlowThreads};
  asio::ip::tcp::acceptor acceptor{context};
  asio::steady_timer retry{context};
  asio::steady_timer look{context};
  std::shared_ptr<asio::ssl::context> tls;  // the context's thread only, once it runs
  std::list<Handle> connections;            // the context's thread only
  std::uint64_t long_bodies = 0;            // bytes promised to them; the context's thread only
  bool draining = false;                    // the context's thread only
  std::uint16_t bound = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;  // under the mutex
  std::thread thread;
};

}  // namespace sluice::http
