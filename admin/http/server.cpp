#include "admin/http/server.h"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

namespace sluice::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using Parser = bhttp::request_parser<bhttp::string_body>;
using Message = bhttp::response<bhttp::string_body>;

Request to_request(const bhttp::request<bhttp::string_body>& from, std::string remote) {
  Request request;
  request.method = from.method() == bhttp::verb::head ? "GET" : std::string(from.method_string());
  for (const auto& field : from) {
    std::string name(field.name_string());
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    request.headers[std::move(name)] = std::string(field.value());
  }
  request.body = from.body();
  request.remote = std::move(remote);
  return request;
}

// No page of this port may be framed, sniffed or kept by a proxy; what a handler sets wins.
void add_security_headers(Message& message) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (message.find(name) == message.end()) message.set(name, value);
  };
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cache-Control", "no-store");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
}

Message to_message(Response response, unsigned version, bool keep_alive) {
  Message message(bhttp::int_to_status(response.status), version);
  message.set(bhttp::field::content_type, response.content_type);
  for (const auto& [name, value] : response.headers) {
    // A line end in a value would be a header of the sender's choice.
    if (value.find_first_of("\r\n") == std::string::npos) message.insert(name, value);
  }
  add_security_headers(message);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

// The answer to bytes that are no acceptable request; nothing: only closing is left.
std::optional<Response> answer_to(const error_code& fault) {
  if (fault == bhttp::error::body_limit) return problem(413, "The request's body is too long.");
  if (fault == bhttp::error::header_limit) return problem(431, "The request's header is too long.");
  if (fault == beast::error::timeout) return std::nullopt;
  if (fault.category() == bhttp::make_error_code(bhttp::error::bad_method).category() &&
      fault != bhttp::error::end_of_stream && fault != bhttp::error::partial_message) {
    return problem(400, "The bytes are no HTTP/1.1 request.");
  }
  return std::nullopt;
}

}  // namespace

struct Server::Impl {
  // A connection as drain() sees it.
  struct Connection {
    explicit Connection(tcp::socket socket) : stream(std::move(socket)) {}
    beast::tcp_stream stream;
    bool idle = true;
  };

  Impl(ServerConfig the_config, const Router& the_router, OnFault the_on_fault)
      : config(std::move(the_config)), router(the_router), on_fault(std::move(the_on_fault)) {}

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  asio::awaitable<bool> serve_one(std::shared_ptr<Connection> connection,
                                  beast::flat_buffer& buffer);
  asio::awaitable<Response> handle(bhttp::request<bhttp::string_body> message, std::string remote);
  asio::awaitable<bool> write(std::shared_ptr<Connection> connection, Message message,
                              bool head_only);
  Response handle_now(bhttp::request<bhttp::string_body> message, std::string remote) const;
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  void begin_drain();

  const ServerConfig config;
  const Router& router;
  const OnFault on_fault;
  asio::io_context context{1};
  asio::thread_pool handlers{kHandlerThreads};
  tcp::acceptor acceptor{context};
  asio::steady_timer retry{context};
  std::list<std::shared_ptr<Connection>> connections;  // the context's thread only
  bool draining = false;                               // the context's thread only
  std::uint16_t bound = 0;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;  // under the mutex
  std::thread thread;
};

void Server::Impl::add(std::shared_ptr<Connection> connection) {
  connections.push_back(std::move(connection));
  const std::lock_guard lock(mutex);
  ++open;
}

void Server::Impl::remove(const std::shared_ptr<Connection>& connection) {
  connections.remove(connection);
  const std::lock_guard lock(mutex);
  --open;
  changed.notify_all();
}

void Server::Impl::begin_drain() {
  draining = true;
  error_code ignored;
  acceptor.close(ignored);
  retry.cancel();
  for (const auto& connection : connections) {
    if (connection->idle) connection->stream.close();
  }
}

asio::awaitable<void> Server::Impl::accept_loop() {
  while (!draining) {
    auto [fault, socket] = co_await acceptor.async_accept(kAwait);
    if (draining) break;
    if (fault) {
      // Out of descriptors, most likely: they come back when somebody leaves.
      retry.expires_after(std::chrono::milliseconds(100));
      co_await retry.async_wait(kAwait);
      continue;
    }
    auto connection = std::make_shared<Connection>(std::move(socket));
    add(connection);
    asio::co_spawn(context, serve(connection), asio::detached);
  }
}

asio::awaitable<void> Server::Impl::serve(std::shared_ptr<Connection> connection) {
  if (connections.size() > config.max_connections) {
    co_await write(connection,
                   to_message(problem(503, "Too many connections; try again later."), 11, false),
                   false);
  } else {
    beast::flat_buffer buffer(config.max_header + 64 * 1024);
    while (!draining && co_await serve_one(connection, buffer)) {
      connection->idle = true;
    }
  }
  error_code ignored;
  connection->stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
  connection->stream.close();
  remove(connection);
}

// One request and its answer. False: the connection is over.
asio::awaitable<bool> Server::Impl::serve_one(std::shared_ptr<Connection> connection,
                                              beast::flat_buffer& buffer) {
  auto& stream = connection->stream;
  Parser parser;
  parser.header_limit(config.max_header);
  parser.body_limit(config.max_body);
  stream.expires_after(config.keep_alive_timeout);
  error_code fault;
  if (buffer.size() == 0) {
    // The first byte ends the idle time and begins the request's.
    const auto [error, size] = co_await stream.async_read_some(buffer.prepare(4096), kAwait);
    if (error) co_return false;
    buffer.commit(size);
  }
  connection->idle = false;
  stream.expires_after(config.request_timeout);
  {
    const auto [error, size] = co_await bhttp::async_read(stream, buffer, parser, kAwait);
    fault = error;
  }
  if (fault) {
    if (auto answer = answer_to(fault)) {
      co_await write(connection, to_message(std::move(*answer), 11, false), false);
    }
    co_return false;
  }
  const bool head = parser.get().method() == bhttp::verb::head;
  const unsigned version = parser.get().version();
  const bool keep = parser.get().keep_alive();
  error_code unknown;
  const auto peer = stream.socket().remote_endpoint(unknown);
  std::string remote = unknown ? std::string() : peer.address().to_string();
  // The handler may take its time; only the client's part is timed.
  stream.expires_never();
  Response response = co_await asio::co_spawn(handlers, handle(parser.release(), std::move(remote)),
                                              asio::use_awaitable);
  const bool keep_alive = keep && !draining;
  Message message = to_message(std::move(response), version, keep_alive);
  const bool written = co_await write(connection, std::move(message), head);
  co_return written&& keep_alive;
}

Response Server::Impl::handle_now(bhttp::request<bhttp::string_body> message,
                                  std::string remote) const {
  const std::string target(message.target());
  const std::string method(message.method_string());
  try {
    return router.route(target, to_request(message, std::move(remote)));
  } catch (const std::exception& fault) {
    // The one place where a handler's bug ends: the client learns nothing of the inside.
    on_fault(method, target.substr(0, target.find('?')), fault.what());
    return problem(500, "The server could not do this; its log says why.");
  }
}

// Runs on a handler's thread.
asio::awaitable<Response> Server::Impl::handle(bhttp::request<bhttp::string_body> message,
                                               std::string remote) {
  co_return handle_now(std::move(message), std::move(remote));
}

asio::awaitable<bool> Server::Impl::write(std::shared_ptr<Connection> connection, Message message,
                                          bool head_only) {
  connection->stream.expires_after(config.write_timeout);
  bhttp::response_serializer<bhttp::string_body> serializer(message);
  if (head_only) {
    const auto [fault, size] =
        co_await bhttp::async_write_header(connection->stream, serializer, kAwait);
    co_return !fault;
  }
  const auto [fault, size] = co_await bhttp::async_write(connection->stream, serializer, kAwait);
  co_return !fault;
}

Server::Server(ServerConfig config, const Router& router, OnFault on_fault)
    : impl_(std::make_unique<Impl>(std::move(config), router, std::move(on_fault))) {}

Server::~Server() {
  // Handlers first: what they end with is posted to the context, which is then run no more.
  impl_->handlers.join();
  impl_->context.stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

std::optional<std::string> Server::start() {
  const std::string where = impl_->config.host + ':' + std::to_string(impl_->config.port);
  error_code fault;
  tcp::resolver resolver(impl_->context);
  const auto found = resolver.resolve(impl_->config.host, std::to_string(impl_->config.port),
                                      tcp::resolver::passive, fault);
  if (fault || found.empty()) return "admin.listen " + where + ": " + fault.message();
  const tcp::endpoint endpoint = found.begin()->endpoint();
  auto& acceptor = impl_->acceptor;
  acceptor.open(endpoint.protocol(), fault);
  if (!fault) acceptor.set_option(tcp::acceptor::reuse_address(true), fault);
  if (!fault) acceptor.bind(endpoint, fault);
  if (!fault) acceptor.listen(asio::socket_base::max_listen_connections, fault);
  if (fault) return "admin.listen " + where + ": " + fault.message();
  impl_->bound = acceptor.local_endpoint(fault).port();
  asio::co_spawn(impl_->context, impl_->accept_loop(), asio::detached);
  impl_->thread = std::thread([impl = impl_.get()] {
    const auto work = asio::make_work_guard(impl->context);
    impl->context.run();
  });
  return std::nullopt;
}

std::uint16_t Server::port() const noexcept {
  return impl_->bound;
}

bool Server::drain(std::chrono::milliseconds limit) {
  asio::post(impl_->context, [impl = impl_.get()] { impl->begin_drain(); });
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, limit, [this] { return impl_->open == 0; });
}

}  // namespace sluice::http
