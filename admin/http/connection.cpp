// One client of the admin port: TLS where it is on, then request, handler, answer, again.
//
// The client's parts are timed one by one; a handler may take its time. The function templates are
// instantiated for the plain and the TLS stream.
#include <array>
#include <charconv>

#include "admin/http/server_impl.h"
#include "admin/http/stream.h"

namespace sluice::http {
namespace {

namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using Parser = bhttp::request_parser<bhttp::string_body>;
using Incoming = bhttp::request<bhttp::string_body>;
using Message = bhttp::response<bhttp::string_body>;

// A stream of events that is silent for so long gets its heartbeat: proxies close silent ones.
constexpr std::chrono::seconds kHeartbeat{15};
// A body that is longer is counted against Server::kLongBodies.
constexpr std::uint64_t kLongBody = 1U << 20;

Request to_request(Incoming from, std::string remote, bool secure) {
  Request request;
  request.method = from.method() == bhttp::verb::head ? "GET" : std::string(from.method_string());
  for (const auto& field : from) {
    std::string name(field.name_string());
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    request.headers[std::move(name)] = std::string(field.value());
  }
  request.body = std::move(from.body());
  request.remote = std::move(remote);
  request.secure = secure;
  return request;
}

// No page of this port may be framed, sniffed or kept by a proxy; what a handler sets wins.
void add_security_headers(Message& message, bool secure) {
  const auto add = [&](std::string_view name, std::string_view value) {
    if (message.find(name) == message.end()) message.set(name, value);
  };
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cache-Control", "no-store");
  add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  add("Cross-Origin-Resource-Policy", "same-origin");
  if (secure) add("Strict-Transport-Security", "max-age=31536000");
}

// HTTP/1.0 knows no chunks: there a body ends with its connection.
bool is_chunked(const Response& response, unsigned version) {
  return response.stream && response.stream->ends() && version == 11;
}

// RFC 9112 section 7.1.
void append_chunk(std::string& out, std::string_view text) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), text.size(), 16).ptr;
  out.append(digits.data(), end).append("\r\n").append(text).append("\r\n");
}

Message to_message(Response& response, unsigned version, bool keep_alive, bool secure) {
  Message message(bhttp::int_to_status(response.status), version);
  if (!response.content_type.empty()) {
    message.set(bhttp::field::content_type, response.content_type);
  }
  for (const auto& [name, value] : response.headers) {
    // A line end in a value would be a header of the sender's choice.
    if (value.find_first_of("\r\n") == std::string::npos) message.insert(name, value);
  }
  add_security_headers(message, secure);
  message.keep_alive(keep_alive);
  if (response.stream) {
    message.chunked(is_chunked(response, version));
    return message;
  }
  message.body() = std::move(response.body);
  // 204 has no body, not even an empty one that is counted (RFC 9110 section 8.6).
  if (response.status != 204) message.prepare_payload();
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

// Ends a handler's stream on every way out, also when the server is torn down around it.
class StreamGuard {
 public:
  explicit StreamGuard(std::shared_ptr<BodyStream> stream) : stream_(std::move(stream)) {}
  ~StreamGuard() { stream_->close(); }
  StreamGuard(const StreamGuard&) = delete;
  StreamGuard& operator=(const StreamGuard&) = delete;

 private:
  std::shared_ptr<BodyStream> stream_;
};

}  // namespace

// What a connection does on its stream; a struct for access to Server::Impl.
template <class Stream>
struct Server::Session {
  Session(Server::Impl& the_server, Server::Impl::Handle the_connection, Stream& the_stream,
          bool is_secure)
      : server(the_server),
        connection(std::move(the_connection)),
        stream(the_stream),
        secure(is_secure) {}

  Server::Impl& server;
  Server::Impl::Handle connection;
  Stream& stream;
  bool secure;
  beast::flat_buffer buffer{server.config.max_header + 64 * 1024};
  std::uint64_t promised = 0;  // of Impl::long_bodies

  [[nodiscard]] beast::tcp_stream& lowest() { return connection->lowest(); }

  asio::awaitable<void> run() {
    while (!server.draining) {
      const bool more = co_await serve_one();
      connection->caller.reset();
      if (!more) break;
      connection->idle = true;
    }
  }

  asio::awaitable<bool> write(Message message, bool head_only) {
    lowest().expires_after(server.config.write_timeout);
    bhttp::response_serializer<bhttp::string_body> serializer(message);
    if (head_only) {
      const auto [fault, size] = co_await bhttp::async_write_header(stream, serializer, kAwait);
      co_return !fault;
    }
    const auto [fault, size] = co_await bhttp::async_write(stream, serializer, kAwait);
    co_return !fault;
  }

  // Refuses and ends the connection.
  asio::awaitable<void> refuse(Response response) {
    Message message = to_message(response, 11, false, secure);
    co_await write(std::move(message), false);
  }

  // Room for the body, once the header is known. The refusal otherwise.
  std::optional<Response> admit(Parser& parser) {
    const auto& header = parser.get();
    const bool anonymous = header.find(bhttp::field::authorization) == header.end() &&
                           header.find(bhttp::field::cookie) == header.end();
    const std::uint64_t limit =
        anonymous ? std::min<std::uint64_t>(kAnonymousBody, server.config.max_body)
                  : server.config.max_body;
    const auto length = parser.content_length();
    if (length && *length > limit) return problem(413, "The request's body is too long.");
    parser.body_limit(limit);
    const std::uint64_t expected = length ? *length : parser.chunked() ? limit : 0;
    if (expected <= kLongBody) return std::nullopt;
    if (server.long_bodies + expected > kLongBodies) {
      auto busy = problem(503, "Too many long requests are under way; try again later.");
      busy.headers.emplace_back("Retry-After", "5");
      return busy;
    }
    promised = expected;
    server.long_bodies += expected;
    return std::nullopt;
  }

  asio::awaitable<bool> read(Parser& parser) {
    parser.header_limit(server.config.max_header);
    parser.body_limit(server.config.max_body);
    lowest().expires_after(server.config.keep_alive_timeout);
    if (buffer.size() == 0) {
      // The first byte ends the idle time and begins the request's.
      const auto [error, size] = co_await stream.async_read_some(buffer.prepare(4096), kAwait);
      if (error) co_return false;
      buffer.commit(size);
    }
    connection->idle = false;
    lowest().expires_after(server.config.request_timeout);
    auto [fault, size] = co_await bhttp::async_read_header(stream, buffer, parser, kAwait);
    if (!fault) {
      auto refusal = admit(parser);
      if (refusal) {
        co_await refuse(std::move(*refusal));
        co_return false;
      }
      const auto [error, more] = co_await bhttp::async_read(stream, buffer, parser, kAwait);
      fault = error;
    }
    if (!fault) co_return true;
    auto answer = answer_to(fault);
    if (answer) co_await refuse(std::move(*answer));
    co_return false;
  }

  // One request and its answer. False: the connection is over.
  asio::awaitable<bool> serve_one() {
    Parser parser;
    const bool whole = co_await read(parser);
    if (!whole) {
      release();
      co_return false;
    }
    const bool head = parser.get().method() == bhttp::verb::head;
    const unsigned version = parser.get().version();
    const bool keep = parser.get().keep_alive();
    // The handler may take its time; only the client's part is timed.
    lowest().expires_never();
    Response response = co_await answer(parser.release());
    release();
    if (response.delay.count() > 0) {
      asio::steady_timer pause(server.context, response.delay);
      co_await pause.async_wait(kAwait);
    }
    const bool keep_alive = keep && !server.draining;
    if (response.stream) {
      const bool again = keep_alive && is_chunked(response, version);
      if (head) co_return false;
      const bool streamed = co_await write_stream(std::move(response), version, again);
      co_return streamed&& again;
    }
    Message message = to_message(response, version, keep_alive, secure);
    const bool written = co_await write(std::move(message), head);
    co_return written&& keep_alive;
  }

  void release() {
    server.long_bodies -= promised;
    promised = 0;
  }

  asio::awaitable<Response> answer(Incoming message) {
    const std::string target(message.target());
    const std::string method =
        message.method() == bhttp::verb::head ? "GET" : std::string(message.method_string());
    Request request = to_request(std::move(message), connection->remote, secure);
    connection->caller = std::make_shared<Caller>();
    request.caller = connection->caller;
    const Lane lane = server.router.lane(target, method);
    if (lane == Lane::kInline) co_return handle(target, std::move(request));
    auto& threads = lane == Lane::kQuick ? server.quick : server.slow;
    Response response =
        co_await asio::co_spawn(threads, handled(target, std::move(request)), asio::use_awaitable);
    co_return response;
  }

  Response handle(const std::string& target, Request request) const {
    const std::string method = request.method;
    try {
      return server.router.route(target, std::move(request));
    } catch (const std::exception& fault) {
      // The one place where a handler's bug ends: the client learns nothing of the inside.
      server.on_fault(method, target.substr(0, target.find('?')), fault.what());
      return problem(500, "The server could not do this; its log says why.");
    }
  }

  // Runs on a handler's thread.
  asio::awaitable<Response> handled(std::string target, Request request) {
    co_return handle(target, std::move(request));
  }

  asio::awaitable<bool> write_text(std::string text) {
    lowest().expires_after(server.config.write_timeout);
    const auto [error, written] = co_await asio::async_write(stream, asio::buffer(text), kAwait);
    co_return !error;
  }

  // What is there is written before more is taken: a client that reads slowly slows down whoever
  // fills the body. False: the connection is over.
  asio::awaitable<bool> write_stream(Response response, unsigned version, bool keep_alive) {
    const auto body = response.stream;
    const StreamGuard guard(body);
    const bool chunked = is_chunked(response, version);
    const auto timer = std::make_shared<asio::steady_timer>(server.context);
    body->on_ready(
        [timer, &context = server.context] { asio::post(context, [timer] { timer->cancel(); }); });
    const auto caller = connection->caller;
    caller->when_gone([timer, body] {  // on this thread
      body->close();
      timer->cancel();
    });
    std::string text = std::move(response.body);
    Message header = to_message(response, version, keep_alive, secure);
    bhttp::response_serializer<bhttp::string_body> serializer(header);
    lowest().expires_after(server.config.write_timeout);
    const auto [fault, size] = co_await bhttp::async_write_header(stream, serializer, kAwait);
    if (fault) co_return false;
    connection->idle = !body->ends();  // a drain need not wait for what has no end
    while ((!server.draining || body->ends()) && !caller->gone()) {
      if (!text.empty()) {
        std::string bytes;
        if (chunked) {
          append_chunk(bytes, text);
        } else {
          bytes = std::move(text);
        }
        text.clear();
        const bool written = co_await write_text(std::move(bytes));
        if (!written) co_return false;
      }
      auto more = body->take();
      if (!more) break;
      text = std::move(*more);
      if (!text.empty()) continue;
      // A wake-up that is posted from now on finds the timer armed: this thread runs the context.
      timer->expires_after(kHeartbeat);
      const auto [cancelled] = co_await timer->async_wait(kAwait);
      if (!cancelled) text = body->heartbeat();
    }
    if (caller->gone() || !body->whole()) co_return false;
    if (!chunked) co_return true;
    std::string last = "0\r\n\r\n";
    const bool ended = co_await write_text(std::move(last));
    co_return ended;
  }
};

asio::awaitable<void> Server::Impl::serve(Handle connection) {
  error_code unknown;
  const auto peer = connection->plain.socket().remote_endpoint(unknown);
  if (!unknown) connection->remote = peer.address().to_string();
  bool ready = true;
  if (tls) {
    connection->secure = std::make_unique<Secure>(std::move(connection->plain), *tls);
    connection->lowest().expires_after(config.request_timeout);
    const auto [fault] =
        co_await connection->secure->async_handshake(asio::ssl::stream_base::server, kAwait);
    ready = !fault;
  }
  const bool too_many = connections.size() > config.max_connections;
  if (ready && connection->secure) {
    Session<Secure> session(*this, connection, *connection->secure, true);
    if (too_many) {
      auto refusal = problem(503, "Too many connections; try again later.");
      co_await session.refuse(std::move(refusal));
    } else {
      co_await session.run();
    }
    session.release();
    connection->lowest().expires_after(std::chrono::seconds(1));
    co_await connection->secure->async_shutdown(kAwait);
  } else if (ready) {
    Session<beast::tcp_stream> session(*this, connection, connection->plain, false);
    if (too_many) {
      auto refusal = problem(503, "Too many connections; try again later.");
      co_await session.refuse(std::move(refusal));
    } else {
      co_await session.run();
    }
  }
  error_code ignored;
  connection->lowest().socket().shutdown(tcp::socket::shutdown_both, ignored);
  connection->lowest().close();
  remove(connection);
}

}  // namespace sluice::http
