#include "admin/http/server.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <boost/asio.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/http/caller.h"
#include "admin/http/event_hub.h"
#include "admin/http/handlers/health.h"
#include "tests/http/staying_route.h"

namespace sluice::http {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

// A connection that sends raw bytes and reads until the server closes or `until` has come.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) {
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
  }
  void send(std::string_view bytes) {
    boost::system::error_code ignored;  // the server may have closed already: its answer tells
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
  }
  std::string read_all() {
    std::string all;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(all), end);
    return all;
  }
  std::string read_until(std::string_view mark) {
    std::string text;
    boost::system::error_code end;
    boost::asio::read_until(socket_, boost::asio::dynamic_buffer(text), std::string(mark), end);
    return text;
  }

 private:
  boost::asio::io_context context_;
  tcp::socket socket_{context_};
};

// A body that the test fills, piece by piece, and ends.
class Pieces final : public BodyStream {
 public:
  void put(std::string text) {
    const std::lock_guard lock(mutex_);
    waiting_ += text;
    if (wake_) wake_();
  }
  void end(bool whole) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    whole_ = whole;
    if (wake_) wake_();
  }
  void wait_for_close() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_; });
  }
  std::optional<std::string> take() override {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty() && ended_) return std::nullopt;
    return std::exchange(waiting_, {});
  }
  bool ends() const override { return true; }
  bool whole() const override {
    const std::lock_guard lock(mutex_);
    return whole_;
  }
  std::string heartbeat() const override { return " "; }
  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void close() override {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    closed_ = true;
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::function<void()> wake_;
  bool ended_ = false;
  bool whole_ = false;
  bool closed_ = false;
};

class HttpServer : public testing::Test {
 protected:
  HttpServer() { config_.port = 0; }
  void start() {
    server_.emplace(config_, router_, [this](auto, auto path, auto what) {
      const std::lock_guard lock(mutex_);
      fault_ = std::string(path) + ": " + std::string(what);
    });
    ASSERT_EQ(server_->start(), std::nullopt);
  }
  std::string ask(std::string_view bytes) {
    RawClient client(server_->port());
    client.send(bytes);
    return client.read_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool entered_ = false;
  bool released_ = false;
  StayingRoute stays_;
  bool ready_ = false;
  std::string fault_;
  static constexpr std::chrono::milliseconds kDelay{50};
  std::shared_ptr<Pieces> pieces_ = std::make_shared<Pieces>();
  EventHub hub_{"run", [] { return store::Time{}; }};
  ServerConfig config_;
  Router router_{[this] {
    auto routes = health_routes({[this] { return ready_; }, [] { return "m 1\n"; }});
    routes.push_back({"GET", "/echo/{id}", [](const Request& request) {
                        return Response{
                            200,
                            "text/plain",
                            request.params.at("id") + '|' +
                                (request.query.contains("q") ? request.query.at("q") : ""),
                            {}};
                      }});
    routes.push_back(
        {"POST", "/echo/{id}", [](const Request& request) {
           return Response{
               201, "text/plain", request.body, {{"X-Bad", "a\r\nInjected: 1"}, {"X-Good", "b"}}};
         }});
    routes.push_back({"GET", "/throws", [](const Request&) -> Response {
                        throw std::runtime_error("secret inside");
                      }});
    routes.push_back({"GET", "/waits", [this](const Request&) {
                        std::unique_lock lock(mutex_);
                        entered_ = true;
                        changed_.notify_all();
                        changed_.wait(lock, [this] { return released_; });
                        return Response{200, "text/plain", "done", {}};
                      }});
    routes.push_back(stays_.route());
    routes.push_back({"GET", "/delayed", [](const Request&) {
                        Response response;
                        response.delay = kDelay;
                        return response;
                      }});
    routes.push_back({"GET", "/events", [this](const Request&) {
                        Response response;
                        response.content_type = "text/event-stream";
                        response.stream = hub_.listen({1, 1, store::Time::max(), true, {}}, "");
                        return response;
                      }});
    routes.push_back({"GET", "/pieces", [this](const Request&) {
                        Response response;
                        response.stream = pieces_;
                        return response;
                      }});
    return routes;
  }()};
  std::optional<Server> server_;
};

TEST_F(HttpServer, HealthIsAlwaysAndReadinessWhenReady) {
  start();
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("GET /readyz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 503"));
  ready_ = true;
  EXPECT_THAT(ask("GET /readyz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200"));
  EXPECT_THAT(ask("GET /metrics HTTP/1.0\r\n\r\n"), HasSubstr("m 1\n"));
}

TEST_F(HttpServer, EveryAnswerHasTheSecurityHeaders) {
  start();
  for (const auto* target : {"/healthz", "/nothing", "/throws"}) {
    const auto answer = ask("GET " + std::string(target) + " HTTP/1.0\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer, HasSubstr("X-Frame-Options: DENY\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
  }
}

TEST_F(HttpServer, PathsAndQueriesAreDecoded) {
  start();
  EXPECT_THAT(ask("GET /echo/a%2Fb?q=x%26y+z HTTP/1.0\r\n\r\n"), HasSubstr("a/b|x&y z"));
  EXPECT_THAT(ask("GET /echo/%zz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 400"));
}

TEST_F(HttpServer, UnknownPathsAndMethodsAreProblems) {
  start();
  const auto missing = ask("GET /nothing HTTP/1.0\r\n\r\n");
  EXPECT_THAT(missing, StartsWith("HTTP/1.0 404"));
  EXPECT_THAT(missing, HasSubstr("Content-Type: application/problem+json"));
  const auto body = boost::json::parse(missing.substr(missing.find("\r\n\r\n") + 4));
  EXPECT_EQ(body.at("status").as_int64(), 404);
  EXPECT_FALSE(body.at("detail").as_string().empty());
  const auto method = ask("DELETE /echo/1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(method, StartsWith("HTTP/1.0 405"));
  EXPECT_THAT(method, HasSubstr("Allow: GET, POST\r\n"));
}

TEST_F(HttpServer, AHandlersFaultIsA500ThatTellsNothing) {
  start();
  const auto answer = ask("GET /throws?token=t HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.0 500"));
  EXPECT_EQ(answer.find("secret inside"), std::string::npos);
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(fault_, "/throws: secret inside");  // without the query: it may hold a secret
}

TEST_F(HttpServer, LimitsAreAnswered) {
  config_.max_body = 1024;
  config_.max_header = 1024;
  start();
  EXPECT_THAT(ask("POST /echo/1 HTTP/1.1\r\nContent-Length: 1025\r\n\r\n"), HasSubstr(" 413 "));
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nX: " + std::string(2000, 'a') + "\r\n\r\n"),
              HasSubstr(" 431 "));
  EXPECT_THAT(ask("\x16\x03\x01 garbage\r\n\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(ask("POST /echo/1 HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"), HasSubstr("abc"));
}

TEST_F(HttpServer, AHandlerCannotInjectHeaders) {
  start();
  const auto answer = ask("POST /echo/1 HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(answer.find("Injected"), std::string::npos);
  EXPECT_THAT(answer, HasSubstr("X-Good: b\r\n"));
}

TEST_F(HttpServer, OneByteAtATimeAndPipelinedRequestsAreServed) {
  start();
  RawClient client(server_->port());
  for (const char c : std::string("GET /echo/1 HTTP/1.1\r\nHost: x\r\n\r\n")) client.send({&c, 1});
  EXPECT_THAT(client.read_until("1|"), StartsWith("HTTP/1.1 200"));
  client.send("GET /echo/2 HTTP/1.1\r\n\r\nGET /echo/3 HTTP/1.1\r\nConnection: close\r\n\r\n");
  const auto rest = client.read_all();
  EXPECT_LT(rest.find("2|"), rest.find("3|"));
}

TEST_F(HttpServer, HeadHasNoBody) {
  start();
  const auto answer = ask("HEAD /healthz HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.0 200"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, OneConnectionTooManyIsTurnedAway) {
  config_.max_connections = 1;
  start();
  RawClient first(server_->port());
  first.send("GET /healthz HTTP/1.1\r\n\r\n");
  ASSERT_THAT(first.read_until("OK\n"), HasSubstr("200"));
  EXPECT_THAT(RawClient(server_->port()).read_all(), HasSubstr(" 503 "));
  first.send("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first.read_until("OK\n"), HasSubstr("200"));
}

TEST_F(HttpServer, DrainingClosesTheIdleAndLetsARequestEnd) {
  start();
  RawClient idle(server_->port());
  idle.send("GET /healthz HTTP/1.1\r\n\r\n");
  ASSERT_THAT(idle.read_until("OK\n"), HasSubstr("200"));
  RawClient busy(server_->port());
  busy.send("GET /waits HTTP/1.1\r\n\r\n");
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return entered_; });
  }
  EXPECT_FALSE(server_->drain(std::chrono::milliseconds(0)));
  EXPECT_EQ(idle.read_all(), "");
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  EXPECT_THAT(busy.read_all(), HasSubstr("done"));
  EXPECT_TRUE(server_->drain(std::chrono::minutes(1)));
}

TEST_F(HttpServer, WhoPresentsNoCredentialSendsLittle) {
  start();
  const std::string body(Server::kAnonymousBody + 1, 'a');
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  EXPECT_THAT(ask("POST /echo/1 HTTP/1.0\r\n" + length + "\r\n"), HasSubstr(" 413 "));
  EXPECT_THAT(ask("POST /echo/1 HTTP/1.0\r\nAuthorization: Bearer x\r\n" + length + "\r\n" + body),
              HasSubstr(" 201 "));
  EXPECT_THAT(ask("POST /echo/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + body),
              HasSubstr(" 413 "));
}

// Of two that together promise more than the server keeps, one is sent away; the other never sends
// what it has promised, and is closed.
TEST_F(HttpServer, LongBodiesAreBoundedTogether) {
  config_.max_body = 300U << 20;
  config_.request_timeout = std::chrono::seconds(3);
  start();
  const std::string header =
      "POST /echo/1 HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Length: " +
      std::to_string(config_.max_body) + "\r\n\r\n";
  RawClient first(server_->port());
  RawClient second(server_->port());
  first.send(header);
  second.send(header);
  const auto answers = first.read_all() + second.read_all();
  EXPECT_THAT(answers, HasSubstr(" 503 "));
  EXPECT_EQ(answers.find(" 503 "), answers.rfind(" 503 "));
  // What was promised is given back.
  RawClient third(server_->port());
  third.send(header);
  EXPECT_EQ(third.read_all(), "");
}

TEST_F(HttpServer, AnAnswerIsHeldBackAsLongAsItsHandlerSays) {
  start();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(ask("GET /delayed HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, kDelay);
}

TEST_F(HttpServer, AStreamGivesWhatComesUntilItEnds) {
  start();
  RawClient client(server_->port());
  client.send("GET /events HTTP/1.1\r\n\r\n");
  const auto header = client.read_until("\r\n\r\n: sluice\n\n");
  EXPECT_THAT(header, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(header, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_EQ(header.find("Content-Length"), std::string::npos);
  hub_.publish({"issue", 7, 0, "created"});
  EXPECT_THAT(client.read_until("}\n\n"), HasSubstr("\"id\":7"));
  hub_.publish({"issue", 8, 0, "created"});
  hub_.end_user(1);
  client.read_all();
  EXPECT_EQ(hub_.streams(), 0U);
  // A drain ends those that are left.
  RawClient other(server_->port());
  other.send("GET /events HTTP/1.1\r\n\r\n");
  ASSERT_THAT(other.read_until(": sluice\n\n"), HasSubstr("200"));
  EXPECT_TRUE(server_->drain(std::chrono::minutes(1)));
  other.read_all();
}

TEST_F(HttpServer, ABodyThatEndsComesInChunksAndItsConnectionGoesOn) {
  start();
  RawClient client(server_->port());
  client.send("GET /pieces HTTP/1.1\r\n\r\n");
  pieces_->put("[1,");
  const auto begin = client.read_until("[1,\r\n");
  EXPECT_THAT(begin, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(begin.find("Content-Length"), std::string::npos);
  EXPECT_EQ(begin.find("Connection: close"), std::string::npos);
  EXPECT_THAT(begin, testing::EndsWith("\r\n\r\n3\r\n[1,\r\n"));
  pieces_->put(std::string(300, 'x') + "]");
  EXPECT_THAT(client.read_until("]\r\n"), StartsWith("12d\r\nxxx"));
  pieces_->end(true);
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
  pieces_->wait_for_close();
  client.send("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServer, ABodyThatEndsIsClosedWithItsConnectionInHttp10) {
  start();
  pieces_->put("[1]");
  pieces_->end(true);
  const auto answer = ask("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n[1]"));
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
}

TEST_F(HttpServer, ABodyThatBreaksHasNoLastChunk) {
  start();
  pieces_->put("[1,");
  pieces_->end(false);
  EXPECT_THAT(ask("GET /pieces HTTP/1.1\r\n\r\n"), testing::EndsWith("3\r\n[1,\r\n"));
}

TEST_F(HttpServer, AClientThatGoesEndsTheBody) {
  start();
  {
    RawClient client(server_->port());
    client.send("GET /pieces HTTP/1.1\r\n\r\n");
    pieces_->put("[1,");
    client.read_until("[1,\r\n");
  }
  // What is written to a connection that has gone fails at the second write at the latest; each put
  // may be a write.
  std::thread writer([this] {
    for (int i = 0; i < 1000; ++i) pieces_->put(std::string(64 * 1024, 'x'));
  });
  pieces_->wait_for_close();
  writer.join();
}

// Nothing is written here, so that nothing but the connection's end can tell.
TEST_F(HttpServer, AClientThatGoesEndsABodyThatIsSilent) {
  start();
  {
    RawClient client(server_->port());
    client.send("GET /pieces HTTP/1.1\r\n\r\n");
    pieces_->put("[1,");
    client.read_until("[1,\r\n");
  }
  pieces_->wait_for_close();
}

// Also one that has sent its next request already.
TEST_F(HttpServer, AHandlerLearnsThatItsClientHasGone) {
  start();
  for (const auto* ahead : {"", "GET /healthz HTTP/1.1\r\n\r\n"}) {
    {
      RawClient client(server_->port());
      client.send("GET /stays HTTP/1.1\r\n\r\n" + std::string(ahead));
      stays_.wait_until_entered();
    }
    stays_.wait_until_ended();
  }
}

// The handler would wait for ever: the server's end takes its client away.
TEST_F(HttpServer, TheServersEndEndsWhatWaitsForAClient) {
  start();
  RawClient client(server_->port());
  client.send("GET /stays HTTP/1.1\r\n\r\n");
  stays_.wait_until_entered();
  server_.reset();
  EXPECT_TRUE(stays_.ended());
}

TEST(Caller, IsToldOnceAndOnlyTheLast) {
  Caller caller;
  int first = 0;
  int last = 0;
  caller.when_gone([&] { ++first; });
  caller.when_gone([&] { ++last; });
  EXPECT_FALSE(caller.gone());
  caller.leave();
  caller.leave();
  EXPECT_EQ(first, 0);
  EXPECT_EQ(last, 1);
  EXPECT_TRUE(caller.gone());
  caller.when_gone(nullptr);
  caller.when_gone([&] { ++first; });  // it has gone already
  EXPECT_EQ(first, 1);
}

TEST_F(HttpServer, ADrainLetsABodyEnd) {
  start();
  RawClient client(server_->port());
  client.send("GET /pieces HTTP/1.1\r\n\r\n");
  pieces_->put("[1,");
  client.read_until("[1,\r\n");
  EXPECT_FALSE(server_->drain(std::chrono::milliseconds(0)));
  pieces_->put("2]");
  pieces_->end(true);
  EXPECT_EQ(client.read_all(), "2\r\n2]\r\n0\r\n\r\n");
  EXPECT_TRUE(server_->drain(std::chrono::minutes(1)));
}

TEST_F(HttpServer, TheSecondOnAPortIsToldSo) {
  start();
  auto taken = config_;
  taken.port = server_->port();
  Server second(taken, router_, {});
  const auto trouble = second.start();
  ASSERT_TRUE(trouble.has_value());
  EXPECT_THAT(*trouble, HasSubstr("127.0.0.1:" + std::to_string(server_->port())));
}

}  // namespace
}  // namespace sluice::http
